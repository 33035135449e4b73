"""Many disclosures at once take two people, and each row is on record before the file leaves."""

import base64
import csv
import io
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import select, update

from intelligence.curation.tables import EntryRow
from intelligence.disclosure.bulk import READY_S, WAITS_S, BulkExports
from intelligence.disclosure.disclosing import Disclosing
from intelligence.disclosure.retention import ABOUT_MATCHES_KEPT_S, Retention
from intelligence.disclosure.tables import BulkRow, FeedbackRow
from intelligence.errors import FormRefused, NotPermitted, NotProved, NotThere
from intelligence.journal import Journal
from intelligence.staff.accounts import PROOF_S
from intelligence.staff.privileges import Privileges
from intelligence.staff.roles import RecordType, Role, Verb
from intelligence.store.sealing import ILLEGIBLE
from screening.vocabulary.errors import LedgerUnavailable
from tests.intelligence.disclosure.room import OTHER, PHONE, Room, receipt_of
from tests.intelligence.staff.services import FullLedger, Person

CASE = "K 7/26"


@pytest.fixture
def bulk(room: Room) -> BulkExports:
    """Two phones are listed, and each has one match."""
    room.desk.in_force(PHONE, source="=cmd()")
    room.desk.in_force(OTHER)
    room.tell_map(PHONE, OTHER)
    room.tell_records(room.record(1, PHONE), room.record(2, OTHER))
    room.turn()
    for person in room.services.people:
        room.services.prove(person)
    return BulkExports(room.disclosing)


def asked(bulk: BulkExports, who: Person, *numbers: int) -> UUID:
    bulk.ask(who.who, [receipt_of(one) for one in numbers], "investigation", CASE)
    return next(one.id for one in bulk.all(who.who) if one.record["state"] == "waiting")


def approved(room: Room, bulk: BulkExports, who: Person, *numbers: int) -> UUID:
    export_id = asked(bulk, who, *numbers)
    bulk.decide(room.desk.abel.who, export_id, approved=True)
    return export_id


def aged(room: Room, by_s: int) -> None:
    """Have all exports be so much older, while what proves who somebody is stays new."""
    with room.database.writing() as session:
        for row in session.scalars(select(BulkRow)):
            room.desk.seals.alter(row, expires_at=row.expires_at - by_s)


def written_over(room: Room, **columns: object) -> None:
    """Write over exports as whoever writes in the database and has no key does."""
    with room.database.writing() as session:
        session.execute(update(BulkRow).values(**columns))


def rows_of(content: str) -> list[dict[str, str]]:
    return [*csv.DictReader(io.StringIO(content))]


def test_what_two_people_let_out_leaves_once_and_every_row_is_on_record(
    room: Room, bulk: BulkExports
) -> None:
    export_id = approved(room, bulk, room.olga, 1, 2, 1)
    rows = rows_of(bulk.download(room.olga.who, export_id, as_json=False))
    assert [row["canonical"] for row in rows] == [PHONE, OTHER]
    assert room.counts("disclosure") == {"disclosure": 2}
    records = room.services.records()
    assert records.count('"event":"disclosed"') == 2
    assert records.count(f'"export":"{export_id}"') == 5, "asked, approved, twice disclosed, taken"
    with pytest.raises(FormRefused, match="was taken already; if you have no file of it, resolve"):
        bulk.download(room.olga.who, export_id, as_json=False)
    with pytest.raises(NotThere):
        bulk.download(room.anna.who, export_id, as_json=False)
    assert room.services.records().count('"event":"disclosed"') == 2
    assert bulk.all(room.olga.who) == []
    with room.database.reading() as session:
        (taken,) = session.scalars(select(BulkRow))
        assert (taken.state, room.desk.seals.holds(taken)) == ("downloaded", True)


@pytest.mark.parametrize("as_json", [True, False])
def test_a_file_has_the_fields_that_its_reader_may_see_and_no_other(
    room: Room, bulk: BulkExports, as_json: bool
) -> None:
    for who, role in ((room.olga, Role.AUTHORISED_USER), (room.anna, Role.ANALYST)):
        content = bulk.download(who.who, approved(room, bulk, who, 1), as_json=as_json)
        row = msgspec.json.decode(content)[0] if as_json else rows_of(content)[0]
        readable = Privileges(frozenset((role,))).fields(Verb.READ, RecordType.DISCLOSURE)
        beside = {"asked", "shared", "told_twice", "problem"}
        assert row.keys() - beside == readable - {"purpose", "case_number"}
        assert ("cmd" in content) == (role is Role.ANALYST)
        assert as_json or "\n=" not in content.replace(",", "\n"), "no cell is a formula"


@pytest.mark.parametrize("as_json", [True, False])
def test_what_is_on_record_as_told_beside_is_in_the_file(
    room: Room, bulk: BulkExports, as_json: bool
) -> None:
    other = room.authorised("otto", "Police of Elsewhere")
    room.ask(other, 1)
    unopened = {"1": base64.b64encode(bytes(96)).decode()}
    twice = {**msgspec.json.decode(room.record(2, OTHER)), "matches": unopened}
    room.tell_records(msgspec.json.encode(twice), log="api-2/journal")
    room.turn()
    export_id = approved(room, bulk, room.olga, 1, 2, 3)
    content = bulk.download(room.olga.who, export_id, as_json=as_json)
    rows = msgspec.json.decode(content) if as_json else rows_of(content)
    yes, no, unknown = (True, False, None) if as_json else ("yes", "no", "")
    said = [(row["shared"], row["told_twice"]) for row in rows]
    assert said == [(yes, no), (no, yes), (unknown, unknown)]
    records = room.services.records()
    assert records.count(f'"shared":true,"told_twice":false,"export":"{export_id}"') == 1
    assert records.count(f'"shared":false,"told_twice":true,"export":"{export_id}"') == 1


def test_what_does_not_open_is_a_row_that_says_so_and_is_on_record(
    room: Room, bulk: BulkExports
) -> None:
    export_id = approved(room, bulk, room.olga, 1, 2)
    with room.database.writing() as session:
        term = room.desk.seals.term(EntryRow, room.selector(PHONE))
        damaged = session.scalars(select(EntryRow).where(EntryRow.canonical_term == term)).one()
        damaged.reason = bytes(40)
    rows = rows_of(bulk.download(room.olga.who, export_id, as_json=False))
    assert [row["canonical"] for row in rows] == ["", OTHER]
    assert "does not open" in rows[0]["problem"]
    assert room.counts("disclosure") == {"disclosure": 1}
    records = room.services.records()
    assert records.count('"event":"disclosed"') == 1
    assert '"unreadable":true' in records


@pytest.mark.slow
def test_an_export_that_does_not_open_is_told_and_stays_as_it_was(
    room: Room, bulk: BulkExports
) -> None:
    export_id = approved(room, bulk, room.olga, 1)
    with room.database.writing() as session:
        row = session.get(BulkRow, export_id)
        assert row is not None
        row.receipts = bytes(40)
    with pytest.raises(FormRefused, match="does not open any more"):
        bulk.download(room.olga.who, export_id, as_json=False)
    assert '"export downloaded"' not in room.services.records()


def test_an_export_that_nobody_approved_is_taken_by_nobody(room: Room, bulk: BulkExports) -> None:
    export_id = asked(bulk, room.olga, 1)
    written_over(room, state="approved", decided_by=room.services.stored("abel").id)
    with pytest.raises(FormRefused, match="does not open any more"):
        bulk.download(room.olga.who, export_id, as_json=False)
    assert f'"event":"export not read","export":"{export_id}"' in room.services.records()
    assert '"event":"disclosed"' not in room.services.records()
    (shown,) = bulk.all(room.olga.who)
    assert (shown.may_decide, shown.may_download) == (False, False)


def test_no_one_is_shown_or_takes_what_another_has_asked_for(room: Room, bulk: BulkExports) -> None:
    export_id = approved(room, bulk, room.olga, 1)
    written_over(room, account_id=room.services.stored("anna").id)
    (shown,) = bulk.all(room.anna.who)
    assert dict(shown.record) == {"case_number": ILLEGIBLE}
    with pytest.raises(FormRefused, match="does not open any more"):
        bulk.download(room.anna.who, export_id, as_json=False)


def test_nobody_is_to_approve_other_than_was_asked_for(room: Room, bulk: BulkExports) -> None:
    export_id = asked(bulk, room.olga, 1)
    assert bulk.count_to_decide(room.desk.abel.who) == 1
    written_over(room, purpose="court_order")
    assert bulk.count_to_decide(room.desk.abel.who) == 0
    with pytest.raises(FormRefused, match="does not open any more"):
        bulk.decide(room.desk.abel.who, export_id, approved=True)


@pytest.mark.slow
def test_what_is_kept_long_enough_is_deleted_and_how_much_is_on_record(
    room: Room, bulk: BulkExports
) -> None:
    journal, clock = room.services.signing_keys.journal, room.services.clock
    retention = Retention(room.database, journal, clock)
    asked(bulk, room.olga, 1)
    said = {"outcome": "false", "partner": "acme"}
    with room.database.writing() as session:
        for number, at in ((1, clock() - ABOUT_MATCHES_KEPT_S), (2, clock())):
            receipt = receipt_of(number)
            session.add(FeedbackRow(receipt=receipt, row=1, log="", at=int(at), **said))
    retention.drop_overdue()
    assert room.counts("export", "feedback") == {"export": 1, "feedback": 1}
    clock.move(WAITS_S)
    retention.drop_overdue()
    assert room.counts("export", "feedback") == {"export": 0, "feedback": 1}
    assert '"kept long enough","what":"exports","rows":1' in room.services.records()


def test_nobody_approves_their_own(room: Room, bulk: BulkExports) -> None:
    export_id = asked(bulk, room.anna, 1)
    (shown,) = bulk.all(room.anna.who)
    assert not shown.may_decide
    with pytest.raises(FormRefused, match="another person"):
        bulk.decide(room.anna.who, export_id, approved=True)
    with pytest.raises(NotThere):
        bulk.download(room.anna.who, export_id, as_json=False)


def test_whoever_approves_sees_who_asks_for_how_much_and_takes_nothing(
    room: Room, bulk: BulkExports
) -> None:
    export_id = asked(bulk, room.olga, 1, 2)
    (shown,) = bulk.all(room.desk.abel.who)
    assert (shown.record["asked"], shown.record["organisation"]) == (2, "Police of Examplia")
    bulk.decide(room.desk.abel.who, export_id, approved=True)
    with pytest.raises(NotPermitted):
        bulk.download(room.desk.abel.who, export_id, as_json=False)
    with pytest.raises(NotThere):
        bulk.download(room.anna.who, export_id, as_json=False)
    with pytest.raises(NotPermitted):
        bulk.decide(room.olga.who, export_id, approved=True)


@pytest.mark.slow
def test_what_is_turned_down_or_over_leaves_no_more(room: Room, bulk: BulkExports) -> None:
    refused = asked(bulk, room.olga, 1)
    bulk.decide(room.anna.who, refused, approved=False)
    late = asked(bulk, room.olga, 1)
    aged(room, WAITS_S)
    for one in (refused, late):
        with pytest.raises(NotThere):
            bulk.decide(room.desk.abel.who, one, approved=True)
    assert bulk.all(room.desk.abel.who) == []


@pytest.mark.slow
def test_without_receipts_it_is_all_that_one_was_shown_in_the_case(
    room: Room, bulk: BulkExports
) -> None:
    with pytest.raises(FormRefused, match="nothing in this case"):
        bulk.ask(room.olga.who, [], "investigation", CASE)
    room.ask(room.olga, 1)
    room.ask(room.olga, 2, case_number="K 8/26")
    room.ask(room.anna, 2)
    export_id = approved(room, bulk, room.olga)
    (row,) = rows_of(bulk.download(room.olga.who, export_id, as_json=False))
    assert row["asked"] == receipt_of(1)


@pytest.mark.slow
def test_a_receipt_that_is_not_resolved_is_named_in_the_file(room: Room, bulk: BulkExports) -> None:
    export_id = approved(room, bulk, room.olga, 1, 7)
    found, missing = rows_of(bulk.download(room.olga.who, export_id, as_json=False))
    assert found["problem"] == ""
    assert "no match of this receipt" in missing["problem"]


def test_nothing_leaves_that_is_not_on_record(room: Room, bulk: BulkExports) -> None:
    export_id = approved(room, bulk, room.olga, 1)
    of = room.disclosing
    with FullLedger(room.services.folder.parent / "full", host="here") as ledger:
        full = Disclosing(of.database, of.seals, Journal(ledger, of.clock), of.clock)
        with pytest.raises(LedgerUnavailable):
            BulkExports(full).download(room.olga.who, export_id, as_json=False)
    assert room.counts("disclosure") == {"disclosure": 0}
    assert bulk.download(room.olga.who, export_id, as_json=False)


def test_an_approver_who_may_no_more_has_approved_nothing(room: Room, bulk: BulkExports) -> None:
    export_id = approved(room, bulk, room.olga, 1)
    abel = room.services.stored("abel")
    room.services.directory.disable(room.desk.ada.who, abel.id)
    with pytest.raises(FormRefused, match="no more"):
        bulk.download(room.olga.who, export_id, as_json=False)


def test_each_step_takes_password_and_code_anew(room: Room, bulk: BulkExports) -> None:
    export_id = approved(room, bulk, room.olga, 1)
    room.services.clock.move(PROOF_S)
    with pytest.raises(NotProved):
        bulk.download(room.olga.who, export_id, as_json=False)
    with pytest.raises(NotProved):
        asked(bulk, room.olga, 1)
    with pytest.raises(NotProved):
        bulk.decide(room.anna.who, export_id, approved=True)


def test_an_approval_is_good_for_a_day(room: Room, bulk: BulkExports) -> None:
    export_id = approved(room, bulk, room.olga, 1)
    aged(room, READY_S)
    with pytest.raises(NotThere):
        bulk.download(room.olga.who, export_id, as_json=False)
