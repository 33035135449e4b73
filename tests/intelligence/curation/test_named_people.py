"""Pages name whoever has written and decided a change, and say where the database names others."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from sqlalchemy import event, update

from intelligence.curation.recognising import recognise
from intelligence.curation.selectors import Selectors
from intelligence.curation.tables import ChangeRow, ChangeSet, SignatureRow
from intelligence.journal import Journal
from intelligence.on_record import OnRecord, Outcome
from intelligence.staff.tables import Account
from tests.intelligence.curation.desk import Desk
from tests.intelligence.staff.services import PASSWORD, Person

PHONE = "+1 202 555 0142"
OTHERWISE = ", on record; the database says otherwise"


@pytest.fixture
def selectors(desk: Desk) -> Selectors:
    journal = desk.services.signing_keys.journal
    return Selectors(desk.database, desk.seals, journal, desk.clock)


def _journal(desk: Desk) -> Journal:
    return desk.services.signing_keys.journal


def _name(desk: Desk, change_id: UUID, *, author: Person, decided_by: Person) -> None:
    """Have the database say that others have written, signed and decided a change."""
    with desk.database.writing() as session:
        row = session.get_one(ChangeSet, change_id)
        row.author_id, row.decided_by = author.who.account_id, decided_by.who.account_id
        of_it = SignatureRow.change_set_id == change_id
        session.execute(update(SignatureRow).where(of_it).values(key_id="00" * 8))


def _history(desk: Desk, selectors: Selectors) -> tuple[str, str]:
    known = desk.reading.check(desk.bo.who, recognise(PHONE)).known_as
    assert known is not None
    (done,) = selectors.one(desk.abel.who, known).history
    return str(done.record["author"]), str(done.record["decided_by"])


def test_pages_name_whom_the_record_names_and_say_where_the_database_names_others(
    desk: Desk, selectors: Selectors
) -> None:
    change_id = desk.in_force(PHONE)
    true = list(_history(desk, selectors))
    assert all(OTHERWISE not in name for name in true)
    assert true[0].endswith("(cora)")
    _name(desk, change_id, author=desk.bo, decided_by=desk.ada)
    assert [*_history(desk, selectors)] == [f"{name}{OTHERWISE}" for name in true]
    shown = desk.reading.one(desk.abel.who, change_id).record
    assert [shown["author"], shown["decided_by"]] == [f"{name}{OTHERWISE}" for name in true]
    (version,) = desk.versions.all(desk.abel.who).shown
    assert version["people"] == sorted(f"{name}{OTHERWISE}" for name in true)


def test_a_retraction_names_who_has_reviewed_it_by_the_record(desk: Desk) -> None:
    desk.in_force(PHONE)
    change_id = desk.retracted(PHONE)
    assert desk.reading.one(desk.cora.who, change_id).record["reviewed_by"] is None
    desk.changes.review(desk.abel.who, change_id)
    true = str(desk.reading.one(desk.cora.who, change_id).record["reviewed_by"])
    assert true.endswith("(abel)")
    with desk.database.writing() as session:
        session.get_one(ChangeSet, change_id).reviewed_by = desk.ada.who.account_id
    shown = desk.reading.one(desk.cora.who, change_id).record["reviewed_by"]
    assert shown == f"{true}{OTHERWISE}"


def test_a_name_that_was_changed_in_the_database_is_shown_as_that(
    desk: Desk, selectors: Selectors
) -> None:
    desk.in_force(PHONE)
    is_it = Account.id == desk.cora.who.account_id
    with desk.database.writing() as session:
        session.execute(update(Account).where(is_it).values(display_name="abel"))
    author, decided_by = _history(desk, selectors)
    assert author == "abel (cora), whose account was changed outside of the console"
    assert decided_by == "abel (abel)"


def test_who_is_taken_off_names_whoever_has_done_so(desk: Desk) -> None:
    desk.in_force(PHONE)
    retracted = desk.retracted(PHONE, by=desk.bo)
    _name(desk, retracted, author=desk.cora, decided_by=desk.cora)
    lift = desk.changes.draft(desk.cora.who, desk.lift(PHONE))
    ((operation, *_),) = [desk.reading.one(desk.cora.who, lift).operations]
    assert operation.taken_off is not None
    assert str(operation.taken_off.record["author"]).endswith(f"(bo){OTHERWISE}")


def test_what_is_not_on_record_says_so(desk: Desk) -> None:
    change_id = desk.added(PHONE)
    with desk.database.writing() as session:  # as nobody here does
        row = session.get_one(ChangeSet, change_id)
        kept = {one.name: getattr(row, one.name) for one in ChangeSet.__table__.columns}
        made = UUID(int=7)
        session.add(ChangeSet(**{**kept, "id": made, "content": None}))
        session.flush()
        session.execute(update(ChangeRow).values(change_set_id=made))
    author = str(desk.reading.one(desk.abel.who, made).record["author"])
    assert author.startswith("not on record: ")


def test_what_left_was_ended_by_nobody_though_it_is_on_record(
    desk: Desk, selectors: Selectors
) -> None:
    change_id = desk.approved(PHONE)
    with pytest.raises(OSError, match="no room"), _failing(desk):
        desk.changes.withdraw(desk.cora.who, change_id, "it is another's")
    assert _journal(desk).on_record.of(change_id).outcome is Outcome.ENDS
    desk.exchange.take_turn()
    people = _journal(desk).on_record.of(change_id)
    assert (people.outcome, people.decided_by) == (Outcome.LEAVES, desk.abel.who.account_id)
    assert OnRecord(desk.services.folder, pytest.fail).of(change_id) == people
    _, decided_by = _history(desk, selectors)
    assert decided_by == "abel (abel); it left though cora (cora) had ended it, on record"


@contextmanager
def _failing(desk: Desk) -> Iterator[None]:
    """Have no transaction last, though what was on record before is."""

    def fail(*_: object) -> None:
        raise OSError("no room")

    event.listen(desk.database.engine, "commit", fail)
    try:
        yield
    finally:
        event.remove(desk.database.engine, "commit", fail)


def test_what_is_recorded_before_and_after_the_ledger_is_read_is_known_alike(desk: Desk) -> None:
    first, on_record = desk.added(PHONE), _journal(desk).on_record
    assert on_record.of(first).author == desk.cora.who.account_id
    assert on_record.of(first).outcome is None
    desk.changes.approve(desk.abel.who, first, PASSWORD)
    second = desk.retracted("+1 202 555 0143", by=desk.bo)
    refused = desk.added("+1 202 555 0144")
    desk.changes.refuse(desk.abel.who, refused, "another's")
    anew = OnRecord(desk.services.folder, pytest.fail)
    for one in (first, second, refused):
        assert anew.of(one) == on_record.of(one)
    assert on_record.of(first).are(desk.abel.who.account_id)
    assert not on_record.of(first).are(desk.bo.who.account_id)
    outcomes = [on_record.of(one).outcome for one in (first, second, refused)]
    assert outcomes == [Outcome.LEAVES, Outcome.LEAVES, Outcome.ENDS]
