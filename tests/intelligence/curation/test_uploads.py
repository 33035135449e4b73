"""A file becomes a draft: read, told what it holds, held against the list, and forgotten."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from intelligence.curation.read_upload import Told
from intelligence.curation.tables import UploadRow
from intelligence.curation.telling import TypedTelling, telling
from intelligence.errors import NotPermitted, NotThere
from screening.spools.changes import Add
from tests.intelligence.curation.desk import Desk
from tests.intelligence.staff.services import PASSWORD, Services

WHOLE = ("+12025550142", "+12025550143", "+12025550144")
CSV = "\n".join(["Phone,Was,Since", *(f"{one},driver,2026-01-02" for one in WHOLE)]).encode()
TOLD = Told(role="facilitator", source="case-9", reason="seen together")


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Desk]:
    """A desk on the database that takes least time: where SQL differs, tests ask for `desk`."""
    services = Services(tmp_path, f"sqlite:///{tmp_path / 'intelligence.sqlite'}")
    yield Desk(services, tmp_path)
    services.close()


def taken(desk: Desk, content: bytes = CSV, told: Told = TOLD, name: str = "case.csv") -> UUID:
    return desk.uploads.take(desk.cora.who, name, content, told)


def codes(desk: Desk, upload_id: UUID) -> dict[int, str]:
    rows = desk.uploads.one(desk.cora.who, upload_id).waiting.rows
    return {row.line: row.code for row in rows}


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
    for person, error in ((here.bo, NotThere), (here.abel, NotPermitted), (here.ada, NotPermitted)):
        for ask in (
            lambda who: here.uploads.one(who, upload_id),
            lambda who: here.uploads.tell(who, upload_id, TOLD),
            lambda who: here.uploads.draft(who, upload_id, unprotected=True),
            lambda who: here.uploads.drop(who, upload_id),
        ):
            with pytest.raises(error):
                ask(person.who)
    assert here.uploads.all(here.bo.who) == []
    assert [one[0] for one in here.uploads.all(here.cora.who)] == [upload_id]
    with pytest.raises(NotPermitted):
        here.uploads.take(here.abel.who, "case.csv", CSV, TOLD)
    with pytest.raises(NotThere):
        here.uploads.one(here.cora.who, uuid4())


def test_what_columns_hold_is_told_and_read_anew(here: Desk) -> None:
    told = telling(TypedTelling(columns={1: "reason", 2: "last_seen"}), here_today(here))
    upload_id = taken(here, told=Told(role="facilitator", source="case-9"))
    assert set(codes(here, upload_id).values()) == {"no_reason"}
    here.uploads.tell(
        here.cora.who,
        upload_id,
        Told(role="facilitator", source="case-9", columns=told.columns),
    )
    add = here.uploads.one(here.cora.who, upload_id).waiting.additions[0]
    assert (add.reason, str(add.last_seen)) == ("driver", "2026-01-02")


def here_today(desk: Desk):  # type: ignore[no-untyped-def]
    return desk.uploads._today()
