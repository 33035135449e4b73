"""Whoever writes in the database hides from no approver that a change takes somebody off."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, select, update

from intelligence.curation.lessening import Effect, lessening
from intelligence.curation.tables import ChangeSet, EntryRow, ExportRow
from intelligence.errors import FormRefused
from tests.intelligence.curation.desk import Desk
from tests.intelligence.staff.services import PASSWORD

PHONE, OTHER = "+1 202 555 0142", "+1 202 555 0143"
HOUR = 3600
UNREAD: tuple[dict[str, Any], ...] = (
    {"ended_by": 1},
    {"kind": "email"},
    {"source": "another"},
    {"role": "disputed"},
    {"canonical": None},
)
UNFOUND: dict[str, Any] = {"canonical_term": b"another"}


@contextmanager
def _hidden(desk: Desk, columns: dict[str, Any]) -> Iterator[None]:
    """Have these columns of the only entry be written over, and then as they were."""
    with desk.database.writing() as session:
        chosen = select(*(getattr(EntryRow, name) for name in columns))
        before = session.execute(chosen).one()._asdict()
        session.execute(update(EntryRow).values(columns))
    yield
    with desk.database.writing() as session:
        session.execute(update(EntryRow).values(before))


@contextmanager
def _selects(desk: Desk) -> Iterator[list[str]]:
    """Note what is asked of the database meanwhile."""
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT"):
            found.append(statement)

    event.listen(desk.database.engine, "before_cursor_execute", note)
    yield found
    event.remove(desk.database.engine, "before_cursor_execute", note)


def _approved(desk: Desk, change_id: UUID, *, leaves_at: int | None = None) -> UUID:
    desk.changes.approve(desk.abel.who, change_id, PASSWORD, leaves_at=leaves_at)
    return change_id


def _is_kept_back(desk: Desk, change_id: UUID) -> bool:
    """Have what waits leave; tell whether a change came back for what nobody was shown."""
    desk.exchange.take_turn()
    if desk.row(change_id).state == "exported":
        return False
    outcome = desk.reading.one(desk.abel.who, change_id).record["outcome"]
    assert "of whom its page did not say so" in str(outcome)
    assert '"event":"change kept back"' in desk.services.records()
    assert desk.row(change_id).came_back_at is not None
    return True


@pytest.mark.parametrize("columns", UNREAD, ids=lambda one: next(iter(one)))
def test_an_entry_that_was_written_over_may_list(desk: Desk, columns: dict[str, Any]) -> None:
    desk.in_force(PHONE)
    with _hidden(desk, columns):
        change_id = desk.added(PHONE, role="unknown")
        shown = desk.reading.one(desk.abel.who, change_id)
        assert shown.lessened == {Effect.TAKES_OFF: 1}
        assert shown.operations[0].is_unread
        _approved(desk, change_id)
    *_, line = (one for one in desk.services.records().splitlines() if "change approved" in one)
    assert '"unread":1' in line
    assert _is_kept_back(desk, change_id), "what lists by now was shown to nobody"


def test_what_its_approver_was_shown_as_unread_leaves(desk: Desk) -> None:
    desk.in_force(PHONE)
    with _hidden(desk, {"ended_by": 1}):
        change_id = _approved(desk, desk.added(PHONE, role="unknown"))
        assert not _is_kept_back(desk, change_id)


@pytest.mark.parametrize("columns", [UNFOUND, {"ended_by": 1}], ids=lambda one: next(iter(one)))
def test_nobody_is_taken_off_by_what_was_hidden_until_it_leaves(
    desk: Desk, columns: dict[str, Any]
) -> None:
    desk.in_force(PHONE)
    with _hidden(desk, columns):
        change_id = _approved(desk, desk.added(PHONE, role="unknown"))
    assert _is_kept_back(desk, change_id)


def test_what_is_signed_is_what_the_page_has_shown(desk: Desk) -> None:
    desk.in_force(PHONE)
    change_id = desk.added(PHONE, role="unknown")
    with _hidden(desk, UNFOUND):
        shown = desk.reading.one(desk.abel.who, change_id)
    assert shown.lessened == {}
    with pytest.raises(FormRefused, match="look it over again"):
        desk.changes.approve(desk.abel.who, change_id, PASSWORD, shown.shown)
    again = desk.reading.one(desk.abel.who, change_id)
    assert again.lessened == {Effect.TAKES_OFF: 1}
    desk.changes.approve(desk.abel.who, change_id, PASSWORD, again.shown)
    assert not _is_kept_back(desk, change_id)


@pytest.mark.parametrize("role", ["buyer", "victim"])
def test_what_takes_off_nobody_or_says_so_leaves(desk: Desk, role: str) -> None:
    desk.in_force(PHONE)
    with _hidden(desk, UNFOUND):
        change_id = _approved(desk, desk.added(PHONE, role=role))
    assert not _is_kept_back(desk, change_id)


def test_what_was_shown_leaves_with_what_it_takes_off(desk: Desk) -> None:
    desk.in_force(OTHER)
    both = [_approved(desk, desk.added(PHONE, role=role)) for role in ("trafficker", "unknown")]
    assert [_is_kept_back(desk, one) for one in both] == [False, False]
    assert desk.indexer.export(2).result.statements == 2


@pytest.mark.parametrize("said", [{"role": "buyer"}, {"confidence": "9"}, {"jurisdictions": "US"}])
def test_whom_its_approver_was_shown_it_takes_off_whatever_the_same_source_says_since(
    desk: Desk, said: dict[str, str]
) -> None:
    desk.in_force(PHONE)
    leaves_at = int(desk.clock()) + HOUR
    change_id = _approved(desk, desk.added(PHONE, role="unknown"), leaves_at=leaves_at)
    desk.in_force(PHONE, **said)
    desk.clock.move(HOUR)
    desk.schedule.release_due()
    assert not _is_kept_back(desk, change_id)


def test_whom_a_page_has_shown_is_signed_whatever_the_same_source_says_since(desk: Desk) -> None:
    desk.in_force(PHONE)
    change_id = desk.added(PHONE, role="unknown")
    shown = desk.reading.one(desk.abel.who, change_id).shown
    desk.in_force(PHONE, confidence="9")
    desk.changes.approve(desk.abel.who, change_id, PASSWORD, shown)
    assert not _is_kept_back(desk, change_id)


def test_what_takes_off_only_since_another_entry_is_over_is_shown_again(desk: Desk) -> None:
    desk.in_force(PHONE)
    today = str(datetime.fromtimestamp(desk.clock(), UTC).date())
    desk.in_force(PHONE, source="case-8", last_day=today)
    leaves_at = int(desk.clock()) + 25 * HOUR
    change_id = _approved(desk, desk.added(PHONE, role="unknown"), leaves_at=leaves_at)
    desk.clock.move(25 * HOUR)
    desk.schedule.release_due()
    assert desk.row(change_id).state == "refused"


@pytest.mark.parametrize("shown", [None, b"another"])
def test_what_was_shown_is_bound_to_its_change(desk: Desk, shown: bytes | None) -> None:
    desk.in_force(PHONE)
    change_id = _approved(desk, desk.added(PHONE, role="unknown"))
    with desk.database.writing() as session:
        session.execute(update(ChangeSet).where(ChangeSet.id == change_id).values(shown=shown))
    desk.exchange.take_turn()
    assert desk.row(change_id).state == "refused"


def test_when_it_was_decided_and_written_is_no_matter_to_what_leaves_later(desk: Desk) -> None:
    later = int(desk.clock()) + HOUR
    change_id = _approved(desk, desk.added(PHONE, role="unknown"), leaves_at=later)
    desk.clock.move(1)
    desk.in_force(PHONE)
    with desk.database.writing() as session:
        session.execute(update(ChangeSet).values(decided_at=later))
        session.execute(update(ExportRow).values(written_at=1))
    desk.clock.move(HOUR)
    desk.schedule.release_due()
    assert desk.row(change_id).state == "refused"


def test_no_earlier_change_hides_whom_a_change_takes_off(desk: Desk) -> None:
    desk.in_force(PHONE)
    forged = desk.changes.draft(desk.cora.who, desk.retraction(PHONE))
    with desk.database.writing() as session:
        of_it = update(ChangeSet).where(ChangeSet.id == forged)
        session.execute(of_it.values(state="applied", turn=99))
    victim = desk.changes.draft(desk.cora.who, desk.addition(PHONE, role="victim"))
    assert desk.reading.one(desk.cora.who, victim).lessened == {Effect.TAKES_OFF: 1}


@pytest.mark.parametrize("kind", ["sqlite"])
def test_how_often_the_database_is_asked_is_no_matter_of_how_many_leave(desk: Desk) -> None:
    asked: list[int] = []
    for name, many in (("a", 2), ("b", 40)):
        adds = [desk.addition(f"{name}{one}@ring.example", role="unknown") for one in range(many)]
        change_id = desk.changes.draft(desk.cora.who, *adds)
        desk.changes.submit(desk.cora.who, change_id, PASSWORD)
        named = desk.reading.one(desk.abel.who, change_id).excess
        typed = {one.field: one.count for one in named}
        desk.changes.approve(desk.abel.who, change_id, PASSWORD, **typed)
        with _selects(desk) as found:
            desk.exchange.take_turn()
        desk.indexer.apply(len(asked) + 1)
        desk.exchange.take_turn()
        assert desk.row(change_id).state == "applied"
        asked.append(len(found))
    assert asked[0] + 5 >= asked[1] > 0


def test_marks_are_of_statements_and_the_same_once_they_are_rows(desk: Desk) -> None:
    change = desk.addition(PHONE, role="unknown")
    desk.approved(PHONE)
    marks = []
    for _ in range(2):
        with desk.database.reading() as session:
            ahead = desk.changes.sets.waiting(session, before=None)
            found = lessening(session, desk.seals, [change], desk.clock(), ahead=ahead)
        marks.append(found.marks)
        desk.exchange.take_turn()
    assert marks[0] == marks[1] != frozenset()
