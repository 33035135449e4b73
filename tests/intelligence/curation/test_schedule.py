"""An approver has a change leave later; meanwhile it keeps nothing else from leaving."""

import re
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import update

from intelligence.curation.recognising import recognise
from intelligence.curation.tables import ChangeRow, ChangeSet, EntryRow
from intelligence.errors import FormRefused
from tests.intelligence.curation.desk import Desk
from tests.intelligence.staff.services import PASSWORD

PHONE, OTHER = "+1 202 555 0142", "+1 202 555 0143"
HOUR = 3600


def _scheduled(desk: Desk, change_id: UUID, *, after: int = HOUR) -> UUID:
    leaves_at = int(desk.clock()) + after
    desk.changes.approve(desk.abel.who, change_id, PASSWORD, leaves_at=leaves_at)
    return change_id


def _write(desk: Desk, change_id: UUID, **columns: Any) -> None:
    with desk.database.writing() as session:
        session.execute(update(ChangeSet).where(ChangeSet.id == change_id).values(columns))


def _take_turn(desk: Desk) -> None:
    desk.schedule.release_due()
    desk.exchange.take_turn()


def test_it_leaves_at_its_time_and_nothing_waits_for_it(desk: Desk) -> None:
    later = _scheduled(desk, desk.added(PHONE))
    assert [one.id for one in desk.reading.scheduled(desk.abel.who).changes] == [later]
    other = desk.approved(OTHER)
    _take_turn(desk)
    assert [desk.row(one).state for one in (later, other)] == ["scheduled", "exported"]
    desk.indexer.apply(1)
    desk.clock.move(HOUR - 1)
    _take_turn(desk)
    assert desk.row(later).state == "scheduled"
    desk.clock.move(1)
    _take_turn(desk)
    assert desk.row(later).state == "exported"
    assert desk.indexer.export(2).result.statements == 2
    assert '"event":"change due"' in desk.services.records()


@pytest.mark.slow
def test_the_last_decision_of_a_selector_is_the_last_that_left(desk: Desk) -> None:
    desk.in_force(PHONE)
    desk.retracted(PHONE)
    lift = desk.changes.draft(desk.cora.who, desk.lift(PHONE))
    desk.changes.submit(desk.cora.who, lift, PASSWORD)
    _scheduled(desk, lift)
    assert desk.reading.check(desk.cora.who, recognise(PHONE)).stand.is_retracted
    desk.clock.move(HOUR)
    _take_turn(desk)
    assert not desk.reading.check(desk.cora.who, recognise(PHONE)).stand.is_retracted


def test_what_the_list_does_not_permit_any_more_when_it_is_due_is_refused(desk: Desk) -> None:
    desk.in_force(PHONE)
    later = _scheduled(desk, desk.added(PHONE, source="case-8"))
    desk.retracted(PHONE)
    desk.clock.move(HOUR)
    _take_turn(desk)
    assert desk.row(later).state == "refused"
    outcome = desk.reading.one(desk.abel.who, later).record["outcome"]
    assert "was taken off the list" in str(outcome)


@pytest.mark.parametrize("has_left", [True, False])
def test_nobody_is_taken_off_who_came_onto_the_list_after_its_approval(
    desk: Desk, *, has_left: bool
) -> None:
    later = _scheduled(desk, desk.added(PHONE, role="unknown"))
    desk.clock.move(1)
    if has_left:
        desk.in_force(PHONE)
    else:
        desk.approved(PHONE)
    desk.clock.move(HOUR)
    desk.schedule.release_due()
    assert desk.row(later).state == "refused"
    outcome = desk.reading.one(desk.abel.who, later).record["outcome"]
    assert "takes off somebody of whom its page did not say so" in str(outcome)


def test_an_entry_that_was_changed_since_has_shown_its_approver_nobody(desk: Desk) -> None:
    desk.in_force(PHONE, source="case-8", role="unknown")
    later = _scheduled(desk, desk.added(PHONE, role="unknown"))
    desk.clock.move(1)
    desk.in_force(PHONE)
    with desk.database.writing() as session:
        older = update(EntryRow).where(EntryRow.source == "case-8")
        session.execute(older.values(role="buyer"))
    desk.clock.move(HOUR)
    desk.schedule.release_due()
    assert desk.row(later).state == "refused"


@pytest.mark.slow
def test_what_waits_is_of_the_selector_that_it_says(desk: Desk) -> None:
    desk.approved(PHONE)
    phone, other = recognise(PHONE), recognise(OTHER)
    with desk.database.writing() as session:
        term = desk.seals.term(ChangeRow, other)
        session.execute(update(ChangeRow).values(canonical_term=term))
    with desk.database.reading() as session:
        ahead = desk.changes.sets.waiting(session, before=None)
        assert (len(ahead.of(phone)), len(ahead.of(other))) == (1, 0)


@pytest.mark.parametrize("role", ["unknown", "victim"])
def test_what_its_approver_was_shown_leaves_when_it_is_due(desk: Desk, role: str) -> None:
    if role == "unknown":
        desk.in_force(PHONE)
    later = _scheduled(desk, desk.added(PHONE, role=role))
    desk.clock.move(1)
    if role == "victim":
        desk.in_force(PHONE)
    desk.clock.move(HOUR)
    desk.schedule.release_due()
    assert desk.row(later).state == "approved"


@pytest.mark.slow
def test_it_is_taken_back_by_its_author_or_refused_by_another_until_it_leaves(desk: Desk) -> None:
    first, second = _scheduled(desk, desk.added(PHONE)), _scheduled(desk, desk.added(OTHER))
    desk.changes.withdraw(desk.cora.who, first, "a slip")
    desk.changes.refuse(desk.bo.who, second, "not yet sure")
    desk.clock.move(HOUR)
    _take_turn(desk)
    assert [desk.row(one).state for one in (first, second)] == ["refused", "refused"]
    assert desk.indexer.down.sequences() == []


@pytest.mark.parametrize(
    ("after", "why"), [(0, "over already"), (13 * 24 * HOUR + 1, "at the latest")]
)
def test_a_time_that_is_over_or_beyond_what_was_signed_is_refused(
    desk: Desk, after: int, why: str
) -> None:
    change_id = desk.added(PHONE)
    with pytest.raises(FormRefused, match=why):
        _scheduled(desk, change_id, after=after)
    assert desk.row(change_id).state == "submitted"


def test_the_last_time_is_named_and_taken_as_it_is_typed(desk: Desk) -> None:
    change_id = desk.added(PHONE)
    with pytest.raises(FormRefused) as refused:
        _scheduled(desk, change_id, after=15 * 24 * HOUR)
    (spelled,) = re.findall(r"at (\S+ \S+) UTC at the latest", str(refused.value))
    latest = int(datetime.strptime(f"{spelled}+0000", "%Y-%m-%d %H:%M%z").timestamp())
    assert 13 * 24 * HOUR - 60 < latest - desk.clock() <= 13 * 24 * HOUR
    _scheduled(desk, change_id, after=latest - int(desk.clock()))
    assert desk.row(change_id).state == "scheduled"


@pytest.mark.parametrize(
    "columns",
    [
        {"leaves_at": 1},
        {"leaves_at": None, "state": "approved", "turn": 9},
        {"state": "approved", "turn": 9},
        {"leaves_at": 1, "shown": None},
    ],
)
def test_nothing_leaves_sooner_than_it_was_approved_for(
    desk: Desk, columns: dict[str, Any]
) -> None:
    later = _scheduled(desk, desk.added(PHONE))
    _write(desk, later, **columns)
    _take_turn(desk)
    assert desk.row(later).state == "refused"
    outcome = desk.reading.one(desk.abel.who, later).record["outcome"]
    assert "was changed in the database" in str(outcome)
    assert desk.indexer.down.sequences() == []


def test_what_was_approved_before_times_were_kept_leaves_at_its_time(desk: Desk) -> None:
    later = _scheduled(desk, desk.added(PHONE))
    row = desk.row(later)
    _write(desk, later, shown=desk.seals.seal(row, "shown", msgspec.json.encode([])))
    desk.clock.move(HOUR)
    _take_turn(desk)
    assert desk.row(later).state == "exported"
