"""An auditor looks through what is on record, takes it away and verifies it, each on record."""

import csv
import io
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from intelligence.errors import FormRefused, NotPermitted, NotProved
from intelligence.ledger_marks import LedgerMarks
from intelligence.staff import audit as audit_room
from intelligence.staff.accounts import PROOF_S, NewAccount
from intelligence.staff.audit import Audit, Wanted
from intelligence.staff.roles import Role
from intelligence.staff.tables import Account
from tests.intelligence.staff.services import Person, Services

DAY_S = 86_400


@pytest.fixture
def ada(services: Services) -> Person:
    return services.administrator()


@pytest.fixture
def olga(services: Services, ada: Person) -> Person:
    return services.colleague(ada, "olga", Role.AUDITOR)


@pytest.fixture
def audit(services: Services) -> Audit:
    journal = services.directory.journal
    ledger = services.folder
    marks = LedgerMarks(services.database, services.vault, ledger, journal, clock=services.clock)
    return Audit(services.database, ledger, journal, marks, services.clock)


def _events(audit: Audit, who: Person, wanted: Wanted | None = None) -> list[object]:
    return [one["event"] for one in audit.found(who.who, wanted or Wanted()).records]


def test_the_latest_come_first_with_the_names_of_people(
    audit: Audit, services: Services, ada: Person, olga: Person
) -> None:
    found = audit.found(olga.who, Wanted())
    assert [one["event"] for one in found.records][:2] == [
        "second factor enrolled",
        "invitation accepted",
    ]
    assert (found.records[0]["name"], found.records[-1]["name"]) == ("olga", "Ada")
    assert not found.is_more
    assert found.damage is None
    assert _events(audit, olga)[0] == "journal looked at"


def test_a_name_that_was_changed_in_the_database_is_shown_as_that(
    audit: Audit, services: Services, ada: Person, olga: Person
) -> None:
    with services.database.writing() as session:
        is_it = Account.id == ada.who.account_id
        session.execute(update(Account).where(is_it).values(display_name="olga"))
    found = audit.found(olga.who, Wanted())
    assert found.records[0]["name"] == "olga"
    assert found.records[-1]["name"] == "olga, whose account was changed outside of the console"


def test_records_of_a_person_a_kind_and_a_day_are_found(
    audit: Audit, services: Services, ada: Person, olga: Person
) -> None:
    first = datetime.fromtimestamp(services.clock(), UTC).date()
    services.clock.move(DAY_S)
    services.log_in.log_out(ada.who)
    second = datetime.fromtimestamp(services.clock(), UTC).date()
    assert _events(audit, olga, Wanted(event="logged out")) == ["logged out"]
    assert set(_events(audit, olga, Wanted(actor=ada.who.actor, day=first))) == {
        "set up",
        "second factor enrolled",
        "staff added",
        "staff invited",
    }
    assert _events(audit, olga, Wanted(actor=ada.who.actor, day=second)) == ["logged out"]
    assert _events(audit, olga, Wanted(day=date(2020, 1, 1))) == []


def test_what_is_shown_is_bounded_and_says_that_there_is_more(
    audit: Audit, services: Services, olga: Person
) -> None:
    for _ in range(audit_room.MOST_RECORDS):
        services.directory.journal.record("console", "exported")
    found = audit.found(olga.who, Wanted())
    assert (len(found.records), found.is_more) == (audit_room.MOST_RECORDS, True)


def test_an_export_is_a_table_that_no_spreadsheet_runs_and_is_on_record(
    audit: Audit, services: Services, ada: Person, olga: Person
) -> None:
    eve = NewAccount(name="eve", display_name="=A1", roles=frozenset((Role.CURATOR,)))
    eve_id, _ = services.directory.add(ada.who, eve)
    services.directory.journal.record(str(eve_id), "logged in")
    services.directory.journal.record("console", "exported", sequence=1)
    rows = list(csv.reader(io.StringIO(audit.exported(olga.who, Wanted()))))
    assert rows[0] == ["at", "actor", "name", "event", "facts"]
    assert rows[1][3] == "set up"
    assert rows[-2][1:4] == [str(eve_id), "'=A1", "logged in"]
    assert rows[-1][1:] == ["console", "The console", "exported", '{"sequence":1}']
    (line,) = (one for one in services.records().splitlines() if "journal exported" in one)
    assert olga.who.actor in line
    assert f'"records":{len(rows) - 1}' in line
    assert '"missing"' not in line


def test_a_file_of_it_leaves_for_nobody_who_has_not_proved_who_they_are_lately(
    audit: Audit, services: Services, olga: Person
) -> None:
    services.clock.move(PROOF_S)
    with pytest.raises(NotProved):
        audit.exported(olga.who, Wanted())
    assert "journal exported" not in services.records()
    assert audit.found(olga.who, Wanted()).records
    services.prove(olga)
    assert audit.exported(olga.who, Wanted())


def test_a_whole_record_is_said_to_be_whole_and_a_changed_one_not(
    audit: Audit, services: Services, olga: Person
) -> None:
    is_whole, sentence = audit.verified(olga.who)
    assert is_whole
    assert sentence.startswith("All ")
    (path,) = services.folder.glob("*.open")
    before = path.read_bytes()
    path.write_bytes(before.replace(b'"event":"set up"', b'"event":"set-up"'))
    is_whole, sentence = audit.verified(olga.who)
    assert not is_whole
    assert "line 2" in sentence
    found = audit.found(olga.who, Wanted())
    assert found.damage is not None
    assert "line 2" in found.damage
    with pytest.raises(FormRefused, match="line 2"):
        audit.exported(olga.who, Wanted())


@pytest.mark.parametrize(
    "changed",
    [b'"event":"set up', b'"evemt":"set up"', b'"event":["set up"]', b'"event":"set \xff"'],
)
def test_a_record_that_cannot_be_read_is_told_and_hides_none_of_the_others(
    audit: Audit, services: Services, olga: Person, changed: bytes
) -> None:
    (path,) = services.folder.glob("*.open")
    before = path.read_bytes()
    path.write_bytes(before.replace(b'"event":"set up"', changed))
    found = audit.found(olga.who, Wanted())
    assert found.damage is not None
    assert "line 2" in found.damage
    assert found.records[-1]["event"] == "unreadable"
    assert len(found.records) > 5
    with pytest.raises(FormRefused, match="line 2"):
        audit.exported(olga.who, Wanted())


@pytest.mark.parametrize("how", ["removed", "emptied", "cut"])
def test_what_is_missing_is_told_on_the_page_and_nothing_leaves(
    audit: Audit, services: Services, olga: Person, how: str
) -> None:
    services.ledger.close()  # what comes is in another file
    services.directory.journal.record("console", "exported")
    (path,) = services.folder.glob("*.sealed")
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2] if how == "cut" else b"")
    if how == "removed":
        path.unlink()
    latest = Wanted(event="exported")
    found = audit.found(olga.who, latest)
    assert len(found.records) == 1
    assert found.damage is not None
    assert path.stem in found.damage
    with pytest.raises(FormRefused, match=path.stem):
        audit.exported(olga.who, latest)


@pytest.mark.parametrize(
    "wanted", [Wanted(actor="+12025550142"), Wanted(event="+12025550142"), Wanted(event="a@b.test")]
)
def test_what_nobody_can_want_is_refused_and_not_put_on_record(
    audit: Audit, services: Services, olga: Person, wanted: Wanted
) -> None:
    for ask in (audit.found, audit.exported):
        with pytest.raises(FormRefused):
            ask(olga.who, wanted)
    assert "journal looked at" not in services.records()


def test_nobody_but_an_auditor_sees_it(audit: Audit, ada: Person, services: Services) -> None:
    cora = services.colleague(ada, "cora", Role.CURATOR, Role.APPROVER)
    for person in (ada, cora):
        for ask in (audit.found, audit.exported):
            with pytest.raises(NotPermitted):
                ask(person.who, Wanted())
        with pytest.raises(NotPermitted):
            audit.verified(person.who)


def test_a_day_is_found_across_the_files_that_the_record_is_kept_in(
    audit: Audit, services: Services, olga: Person
) -> None:
    journal, days = services.directory.journal, []
    for number in range(3):
        services.ledger.close()  # what comes is in another file
        services.clock.move(DAY_S)
        days.append(datetime.fromtimestamp(services.clock(), UTC).date())
        journal.record("console", "exported", sequence=number)
        journal.record("console", "exported", sequence=number + 10)
    assert len(list(services.folder.glob("*Z-*"))) == 4
    for number, day in enumerate(days):
        found = audit.found(olga.who, Wanted(event="exported", day=day)).records
        assert [one["facts"] for one in found] == [
            {"sequence": number + 10},
            {"sequence": number},
        ]
    everything = audit.found(olga.who, Wanted(event="exported")).records
    assert [one["facts"] for one in everything][:2] == [{"sequence": 12}, {"sequence": 2}]
    assert len(everything) == 6
    assert "sealed up to" in audit.verified(olga.who)[1]


def test_disclosures_can_be_chosen_however_long_ago_the_last_was(
    audit: Audit, olga: Person
) -> None:
    found = audit.found(olga.who, Wanted())
    guide = (Path(__file__).parents[3] / "docs/disclosure.md").read_text()
    (named,) = re.findall(r"by \*Kind\*, (.*)", guide)
    kinds = {"disclosed", *re.findall(r"`([a-z ]+)`", named)}
    assert len(kinds) == 1 + 4 + 4
    assert kinds <= set(found.events)
    audit.journal.record(olga.who.actor, "disclosed", receipt="a" * 26, case_number="K 7/26")
    for _ in range(audit_room.MOST_RECORDS + 1):
        audit.journal.record("console", "exported")
    (record,) = audit.found(olga.who, Wanted(event="disclosed")).records
    assert record["facts"] == {"receipt": "a" * 26, "case_number": "K 7/26"}


def test_a_ledger_that_was_put_back_is_not_whole(
    audit: Audit, services: Services, ada: Person, olga: Person
) -> None:
    early = {path: path.read_bytes() for path in services.folder.glob("*Z-*")}
    services.log_in.log_out(ada.who)
    audit.marks.keep()
    assert audit.verified(olga.who)[0]
    for path in services.folder.glob("*Z-*"):
        path.write_bytes(early.get(path, b""))
    is_whole, sentence = audit.verified(olga.who)
    assert not is_whole
    assert "put back to an older copy" in sentence
    found = audit.found(olga.who, Wanted())
    assert found.damage is not None


@pytest.mark.parametrize("is_gone", [True, False])
def test_an_export_of_what_is_left_says_in_it_and_on_record_that_it_is_short(
    audit: Audit, services: Services, ada: Person, olga: Person, *, is_gone: bool
) -> None:
    """Of a day that somebody has to prove, too: what is missing may be of that one."""
    early = {path: path.read_bytes() for path in services.folder.iterdir()}
    services.log_in.log_out(ada.who)
    audit.marks.keep()
    day = datetime.fromtimestamp(services.clock(), UTC).date()
    services.ledger.close()
    for path in services.folder.iterdir():
        path.unlink()
    for path, content in early.items():
        if not is_gone:
            path.touch(mode=0o600)
            path.write_bytes(content)
    audit.journal.record("console", "exported")  # the ledger is begun anew, or goes on
    rows = list(csv.reader(io.StringIO(audit.exported(olga.who, Wanted(day=day)))))
    assert rows[-1][:4] == ["", "", "", "this file is short"]
    assert "put back to an older copy" in rows[-1][4]
    exported = [one for one in services.records().splitlines() if "journal exported" in one]
    (line,) = exported
    assert '"missing":1' in line
    assert f'"records":{len(rows) - 2}' in line


def test_a_file_that_was_changed_keeps_nothing_from_going_on(
    audit: Audit, services: Services, ada: Person
) -> None:
    audit.marks.keep()
    services.ledger.close()
    (path,) = services.folder.glob("*.sealed")
    path.write_bytes(path.read_bytes().replace(b'"set up"', b'"set-up"'))
    audit.journal.record("console", "exported")
    for _ in range(2):
        audit.marks.keep()
    (sentence,) = audit.marks.missing()
    assert path.stem in sentence
