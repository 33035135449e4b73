"""A file becomes a draft: read, told what it holds, held against the list, and forgotten."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from intelligence.curation.entries import blind_id
from intelligence.curation.recognising import recognise
from intelligence.errors import FormRefused, NotPermitted, NotThere
from intelligence.imports.read_upload import Told
from intelligence.imports.tables import UPLOADS_KEPT_S, UploadRow
from intelligence.imports.upload_records import MOST_NAMED
from intelligence.imports.uploads import MAX_UPLOAD_BYTES, MOST_WAITING, NOT_TAKEN, TAKEN
from intelligence.journal import Journal
from intelligence.staff.sessions import SignedIn
from screening.spools.changes import Add
from screening.vocabulary.errors import LedgerUnavailable
from tests.intelligence.curation.desk import Desk, enrol_curators
from tests.intelligence.homes import Homes
from tests.intelligence.staff.services import PASSWORD, FullLedger

WHOLE = ("+12025550142", "+12025550143", "+12025550144")
CSV = "\n".join(["Phone,Was,Since", *(f"{one},driver,2026-01-02" for one in WHOLE)]).encode()
TOLD = Told(role="facilitator", source="case-9", reason="seen together")


@pytest.fixture
def here(tmp_path: Path, homes: Homes) -> Iterator[Desk]:
    """A desk on the database that takes least time: where SQL differs, tests ask for `desk`."""
    with homes.copied(tmp_path, "sqlite", enrol_curators) as services:
        yield Desk(services, tmp_path)


def taken(desk: Desk, content: bytes = CSV, told: Told = TOLD, name: str = "case.csv") -> UUID:
    return desk.uploads.take(desk.cora.who, name, content, told)


def codes(desk: Desk, upload_id: UUID) -> dict[int, str]:
    return {row.line: row.code for row in desk.uploads.one(desk.cora.who, upload_id).waiting.rows}


def drafted(desk: Desk, *change_ids: UUID) -> list[Add]:
    with desk.database.reading() as session:
        sets = desk.changes.sets
        return [
            one
            for change_id in change_ids
            for one in sets.operations(session, desk.row(change_id))
            if isinstance(one, Add)
        ]


def waiting(desk: Desk) -> int:
    with desk.database.reading() as session:
        return session.scalar(select(func.count()).select_from(UploadRow)) or 0


def test_a_file_becomes_one_draft_that_another_person_approves(desk: Desk) -> None:
    (change_id,) = desk.uploads.draft(desk.cora.who, taken(desk), unprotected=False)
    assert waiting(desk) == 0
    adds = drafted(desk, change_id)
    assert sorted(one.canonical for one in adds) == list(WHOLE)
    assert {(one.role, one.source, one.reason) for one in adds} == {
        ("facilitator", "case-9", "seen together")
    }
    desk.changes.submit(desk.cora.who, change_id, PASSWORD)
    with pytest.raises(NotPermitted):
        desk.changes.approve(desk.cora.who, change_id, PASSWORD)
    desk.changes.approve(desk.abel.who, change_id, PASSWORD)
    assert desk.row(change_id).state == "approved"


def test_a_file_is_for_whoever_uploaded_it_and_for_curators_alone(here: Desk) -> None:
    upload_id = taken(here)
    asks: list[Callable[[SignedIn], object]] = [
        lambda who: here.uploads.one(who, upload_id),
        lambda who: here.uploads.tell(who, upload_id, TOLD),
        lambda who: here.uploads.draft(who, upload_id, unprotected=True),
        lambda who: here.uploads.drop(who, upload_id),
    ]
    for person, error in ((here.bo, NotThere), (here.abel, NotPermitted), (here.ada, NotPermitted)):
        for ask in asks:
            with pytest.raises(error):
                ask(person.who)
    assert here.uploads.all(here.bo.who) == []
    (listed,) = here.uploads.all(here.cora.who)
    assert (listed.id, listed.ends_at) == (upload_id, int(here.clock()) + UPLOADS_KEPT_S)
    rows = codes(here, upload_id)
    assert (listed.rows, listed.readable) == (len(rows), sum(not code for code in rows.values()))
    assert here.uploads.count_waiting(here.cora.who) == 1
    assert (
        here.uploads.count_waiting(here.abel.who) == 0 == here.uploads.count_waiting(here.ada.who)
    )
    with pytest.raises(NotPermitted):
        here.uploads.take(here.abel.who, "case.csv", CSV, TOLD)
    with pytest.raises(NotThere):
        here.uploads.one(here.cora.who, uuid4())


def test_what_columns_hold_is_told_and_read_anew(here: Desk) -> None:
    told = Told(role="facilitator", source="case-9")
    upload_id = taken(here, told=told)
    assert set(codes(here, upload_id).values()) == {"no_reason"}
    columns = Told(role="facilitator", source="case-9", columns={1: "reason", 2: "last_seen"})
    here.uploads.tell(here.cora.who, upload_id, columns)
    add = here.uploads.one(here.cora.who, upload_id).waiting.additions[0]
    assert (add.reason, str(add.last_seen)) == ("driver", "2026-01-02")
    with pytest.raises(FormRefused, match="leave one"):
        here.uploads.tell(here.cora.who, upload_id, Told(columns={1: "reason", 2: "reason"}))
    assert here.uploads.one(here.cora.who, upload_id).waiting.told == columns


def test_of_another_sheet_no_columns_are_told(here: Desk) -> None:
    upload_id = taken(here)
    here.uploads.tell(here.cora.who, upload_id, Told(sheet="Two", columns={1: "reason"}))
    assert here.uploads.one(here.cora.who, upload_id).waiting.told.columns == {}


def test_rows_are_held_against_the_list(desk: Desk) -> None:
    today = datetime.fromtimestamp(desk.clock(), UTC).date()
    said = {"role": "facilitator", "source": "case-9", "reason": "seen together"}
    day = str(today - timedelta(days=9))
    last = str(today + timedelta(days=99))
    desk.in_force(WHOLE[0], **said, first_seen=day, last_seen=day, last_day=last)
    desk.in_force(WHOLE[1], source="another")
    desk.in_force(WHOLE[2])
    desk.retracted(WHOLE[2])
    table = ["Phone,First seen,Last seen,Expires", *(f"{one},{day},{day},{last}" for one in WHOLE)]
    upload_id = taken(desk, "\n".join(table).encode())
    assert codes(desk, upload_id) == {2: "said", 3: "", 4: "retracted"}
    assert [one.known for one in desk.uploads.one(desk.cora.who, upload_id).waiting.rows] == [
        *(False, True, False),
    ]
    victims = taken(desk, "\n".join(table).encode(), Told("victim", source="a", reason="b"))
    assert set(codes(desk, victims).values()) == {""}  # who is protected is, whatever was said


@pytest.mark.parametrize(
    ("column", "days", "code"),
    [
        ("Last seen", 1, "seen_in_future"),
        ("Expires", -1, "over"),
        ("Expires", 200 * 365, "bad_date"),
        ("Review by", -100 * 365, "bad_date"),
    ],
)
def test_days_that_cannot_be_are_not_taken(here: Desk, column: str, days: int, code: str) -> None:
    day = datetime.fromtimestamp(here.clock(), UTC).date() + timedelta(days=days)
    assert codes(here, taken(here, f"Phone,{column}\n{WHOLE[0]},{day}\n".encode())) == {2: code}


def test_what_names_no_last_day_is_listed_as_long_as_its_kind(here: Desk) -> None:
    upload_id = taken(here, b"Phone,Email\n+12025550142,a@b.example\n")
    additions = here.uploads.one(here.cora.who, upload_id).waiting.additions
    days = {one.kind: one.expires_at for one in additions}
    assert days["phone"] is not None
    assert days["email"] is not None
    assert (days["email"] - days["phone"]).days == 2 * 365 - 180


def test_rows_of_victims_that_are_not_taken_have_to_be_permitted(here: Desk) -> None:
    upload_id = taken(here, f"Phone,Notes\n{WHOLE[0]},a\n{WHOLE[1]},the victim\n".encode())
    with pytest.raises(FormRefused, match="nobody: 1; correct them"):
        here.uploads.draft(here.cora.who, upload_id, unprotected=False)
    (change_id,) = here.uploads.draft(here.cora.who, upload_id, unprotected=True)
    assert [one.canonical for one in drafted(here, change_id)] == [WHOLE[0]]


def test_what_is_too_long_for_one_draft_becomes_several(here: Desk) -> None:
    few = replace(here.uploads, most_of_a_draft=2)
    ids = few.draft(here.cora.who, taken(here), unprotected=False)
    assert [len(drafted(here, one)) for one in ids] == [2, 1]
    assert sorted(one.canonical for one in drafted(here, *ids)) == list(WHOLE)
    assert waiting(here) == 0


def test_where_nothing_can_be_drafted_the_file_stays(here: Desk) -> None:
    upload_id = taken(here, told=Told())
    with pytest.raises(FormRefused, match="nothing in this file"):
        here.uploads.draft(here.cora.who, upload_id, unprotected=True)
    assert waiting(here) == 1


def test_a_file_that_nobody_comes_back_to_is_forgotten_after_a_day(desk: Desk) -> None:
    upload_id = taken(desk)
    desk.clock.move(UPLOADS_KEPT_S - 1)
    desk.uploads.drop_abandoned()
    assert waiting(desk) == 1
    desk.clock.move(1)
    desk.uploads.drop_abandoned()
    assert waiting(desk) == 0
    assert f'"event":"upload abandoned","upload":"{upload_id}"' in desk.services.records()


def test_a_file_is_dropped_by_whoever_uploaded_it(here: Desk) -> None:
    here.uploads.drop(here.cora.who, taken(here))
    assert waiting(here) == 0


@pytest.mark.parametrize("content", [b"", b" \n", b"a" * (MAX_UPLOAD_BYTES + 1)])
def test_a_file_is_neither_empty_nor_too_large(here: Desk, content: bytes) -> None:
    with pytest.raises(FormRefused, match=r"nothing in it|4 MiB"):
        taken(here, content)
    assert waiting(here) == 0


def test_one_person_has_few_files_waiting(here: Desk) -> None:
    for _ in range(MOST_WAITING):
        taken(here)
    with pytest.raises(FormRefused, match="too many"):
        taken(here)
    here.uploads.take(here.bo.who, "case.csv", CSV, TOLD)


def test_rows_are_shown_masked_and_by_pages(here: Desk) -> None:
    many = [f"+1202555{number:04},driver" for number in range(150)]
    table = "\n".join(["Phone,Was", *many, "+1202,driver"]).encode()
    upload_id = taken(here, table)
    shown = here.uploads.one(here.cora.who, upload_id)
    assert (len(shown.rows), shown.page, shown.pages) == (100, 1, 2)
    assert shown.rows[0][1] is not None
    assert shown.rows[0][1]["canonical"] == "+12*******00"
    assert len(here.uploads.one(here.cora.who, upload_id, page=2, which=TAKEN).rows) == 50
    ((row, says),) = here.uploads.one(here.cora.who, upload_id, page=99, which=NOT_TAKEN).rows
    assert (row.line, row.code, says) == (152, "impossible_length", None)


def test_nothing_of_a_file_lies_open_at_rest_or_on_record(here: Desk) -> None:
    named = f"Rosa {WHOLE[0]}.csv"
    upload_id = taken(here, CSV + b"\n+1202,canary\n", name=named)
    here.uploads.tell(here.cora.who, upload_id, TOLD)
    folder = here.services.folder.parent
    lying = b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())
    here.uploads.draft(here.cora.who, upload_id, unprotected=False)
    records = here.services.records()
    for secret in (*WHOLE, "Rosa", "driver", "seen together", "canary"):
        assert secret.encode() not in lying
        assert secret not in records
    for event in ("file uploaded", "upload read anew", "upload drafted"):
        assert f'"event":"{event}"' in records
    assert '"rows":4,"readable":3,"refused":{"wrong_column_count":1}' in records


def on_record(desk: Desk, event: str) -> list[Mapping[str, Any]]:
    """Return what is on record of a kind of event."""
    lines = (line[line.index("{") :] for line in desk.services.records().splitlines())
    return [one for one in map(json.loads, lines) if one.get("event") == event]


def test_of_every_row_it_is_on_record_that_it_was_held_against_the_list(here: Desk) -> None:
    here.in_force(WHOLE[0])
    unread = "\n".join(["Phone", *WHOLE, WHOLE[0], "+1202"]).encode()
    upload_id = taken(here, unread, Told(role="facilitator", source="case-9"))
    ids = [blind_id(here.seals, recognise(one)) for one in WHOLE]
    (named,) = on_record(here, "selectors uploaded")
    assert (named["actor"], named["upload"]) == (here.cora.who.actor, str(upload_id))
    assert named["selectors"] == ids, "also of rows that nothing can be drafted of yet"
    assert on_record(here, "upload held against the list") == []
    for looks in (1, 2):
        here.uploads.one(here.cora.who, upload_id)
        told = on_record(here, "upload held against the list")
        assert [one["upload"] for one in told] == [str(upload_id)] * looks
    here.uploads.tell(here.cora.who, upload_id, TOLD)
    assert [one["selectors"] for one in on_record(here, "selectors uploaded")] == [ids, ids]


def test_a_large_file_is_on_record_in_parts(here: Desk) -> None:
    numbers = [f"+1202555{number:04}" for number in range(MOST_NAMED + 1)]
    taken(here, "\n".join(["Phone", *numbers]).encode())
    named = [one["selectors"] for one in on_record(here, "selectors uploaded")]
    assert [len(one) for one in named] == [MOST_NAMED, 1]
    assert named[1] == [blind_id(here.seals, recognise(numbers[-1]))]


def test_what_cannot_be_put_on_record_is_not_held_against_the_list(
    here: Desk, tmp_path: Path
) -> None:
    upload_id = taken(here)
    with FullLedger(tmp_path / "full", host="here") as ledger:
        uploads = replace(here.uploads, journal=Journal(ledger, here.clock))
        with pytest.raises(LedgerUnavailable):
            uploads.one(here.cora.who, upload_id)


def test_a_file_s_name_is_shown_without_what_may_be_a_selector(here: Desk) -> None:
    for name, shown in (
        (f"C:\\case\\{WHOLE[0]}.csv", "+###########.csv"),
        ("rosa@b.example.csv", "named-by-an-address.csv"),
        ("", "pasted text"),
    ):
        upload_id = taken(here, name=name)
        assert here.uploads.one(here.cora.who, upload_id).record["file"] == shown
