"""What allows a selector again undoes what its approver knew of, and nothing that came after."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from intelligence.curation.differences import TakenOff
from intelligence.curation.recognising import recognise
from intelligence.curation.tables import ChangeRow, ChangeSet
from intelligence.errors import FormRefused
from intelligence.staff.privileges import Shown
from intelligence.store.sealing import ILLEGIBLE
from screening.spools.changes import Change
from screening.spools.exclusions_told import ExclusionsTold, ToldTakenOff
from tests.harness.slow import slow_but_first
from tests.intelligence.curation.desk import Desk
from tests.intelligence.staff.services import PASSWORD

PHONE = "+1 202 555 0142"
HOUR = 3600
SINCE = "was taken off the list after this was approved"
BY_HAND = "hands at the indexer took a selector of it off"


def _in_force(desk: Desk) -> None:
    """Have what waits leave and come into force, and what is due before it."""
    desk.schedule.release_due()
    desk.exchange.take_turn()
    desk.indexer.apply(desk.indexer.down.sequences()[-1])
    desk.exchange.take_turn()


def _approved(desk: Desk, *changes: Change, after: int | None = None) -> UUID:
    change_id = desk.changes.draft(desk.cora.who, *changes)
    desk.changes.submit(desk.cora.who, change_id, PASSWORD)
    leaves_at = None if after is None else int(desk.clock()) + after
    desk.changes.approve(desk.abel.who, change_id, PASSWORD, leaves_at=leaves_at)
    return change_id


def _off(desk: Desk) -> None:
    """Have a selector be listed, and be off, in force."""
    desk.in_force(PHONE)
    desk.retracted(PHONE)
    _in_force(desk)


def _by_hand(desk: Desk, *, ago: int = 0) -> None:
    """Have the indexer tell that hands have taken a selector off, now or so many seconds ago."""
    at = datetime.fromtimestamp(desk.clock() - ago, UTC)
    of = [ToldTakenOff("phone", recognise(PHONE).text, at)]
    desk.indexer.write(lambda head: ExclusionsTold("screening-exclusions/2", *head, [], [], of))
    desk.exchange.take_turn()


def _outcome(desk: Desk, change_id: UUID) -> str:
    assert desk.row(change_id).state == "refused"
    assert desk.row(change_id).came_back_at is not None
    return str(desk.reading.one(desk.abel.who, change_id).record["outcome"])


def _is_listed(desk: Desk) -> bool:
    return desk.reading.check(desk.cora.who, recognise(PHONE)).stand.is_listed


def _write(desk: Desk, change_id: UUID, **columns: Any) -> None:
    with desk.database.writing() as session:
        session.execute(update(ChangeSet).where(ChangeSet.id == change_id).values(columns))


@pytest.mark.parametrize("adds", [False, True])
@pytest.mark.parametrize("is_by_hand", [False, True])
@slow_but_first(2, "moved", [1, 0, -60])
def test_what_allows_again_later_comes_back_where_it_was_taken_off_meanwhile(
    desk: Desk, *, adds: bool, is_by_hand: bool, moved: int
) -> None:
    """Its page tells so by what was shown, and by no clock: that may stand, or be set back."""
    _off(desk)
    changes: list[Change] = [desk.lift(PHONE), *([desk.addition(PHONE)] if adds else [])]
    later = _approved(desk, *changes, after=HOUR)
    desk.clock.move(moved)
    moment = int(desk.clock())
    if is_by_hand:
        _by_hand(desk)
    else:
        desk.retracted(PHONE)
        _in_force(desk)
    desk.clock.move(HOUR - moved)
    desk.schedule.release_due()
    assert (BY_HAND if is_by_hand else SINCE) in _outcome(desk, later)
    assert not _is_listed(desk)
    for one in desk.reading.one(desk.abel.who, later).operations:
        assert one.taken_off is not None
        assert one.taken_off.is_since
        assert one.taken_off.by_hand_at == (moment if is_by_hand else None)


def test_what_took_off_before_whom_a_change_takes_off_again_is_not_since(desk: Desk) -> None:
    _off(desk)
    desk.clock.move(1)
    both = desk.retraction(PHONE), desk.addition("+1 202 555 0143")
    again = desk.changes.draft(desk.cora.who, *both)
    desk.changes.submit(desk.cora.who, again, PASSWORD)
    shown = desk.reading.one(desk.abel.who, again).shown
    desk.changes.approve(desk.abel.who, again, PASSWORD, shown, lessened=1)
    taken_off = [one.taken_off for one in desk.reading.one(desk.abel.who, again).operations]
    assert [one.is_since for one in taken_off if one is not None] == [False]


def test_what_hands_alone_have_taken_off_is_said_on_the_page_of_what_comes_back(desk: Desk) -> None:
    later = _approved(desk, desk.addition(PHONE), after=HOUR)
    desk.clock.move(1)
    _by_hand(desk)
    desk.clock.move(HOUR)
    desk.schedule.release_due()
    assert "taken off by hand at the indexer" in _outcome(desk, later)
    (one,) = desk.reading.one(desk.abel.who, later).operations
    moment = int(desk.clock()) - HOUR
    assert one.taken_off == TakenOff(Shown(), None, is_since=True, by_hand_at=moment)


def test_what_hands_did_counts_as_since_the_approval_by_when_it_was_told(desk: Desk) -> None:
    later = _approved(desk, desk.addition(PHONE), after=HOUR)
    desk.clock.move(1)
    _by_hand(desk, ago=60)
    (one,) = desk.reading.one(desk.abel.who, later).operations
    assert one.taken_off is not None
    assert one.taken_off.is_since, "whatever the clock of the indexer says"
    desk.clock.move(HOUR)
    desk.schedule.release_due()
    assert "taken off by hand at the indexer" in _outcome(desk, later)
    (one,) = desk.reading.one(desk.abel.who, later).operations
    assert one.taken_off is not None
    assert one.taken_off.is_since


def test_what_allows_again_leaves_by_all_that_was_known_of(desk: Desk) -> None:
    _off(desk)
    desk.retracted(PHONE)
    _in_force(desk)
    later = _approved(desk, desk.lift(PHONE), desk.addition(PHONE), after=HOUR)
    desk.clock.move(HOUR)
    _in_force(desk)
    assert desk.row(later).state == "applied"
    assert _is_listed(desk)


def test_what_waits_to_allow_again_comes_back_where_it_is_taken_off_before_it_leaves(
    desk: Desk,
) -> None:
    _off(desk)
    lift = _approved(desk, desk.lift(PHONE))
    add = desk.approved(PHONE)
    off = desk.retracted(PHONE)
    desk.exchange.take_turn()
    assert SINCE in _outcome(desk, lift)
    assert "have it allowed again first" in _outcome(desk, add)
    assert desk.row(off).state == "exported"
    assert '"event":"change kept back"' in desk.services.records()


@pytest.mark.parametrize("kind", ["sqlite"])
@pytest.mark.parametrize("lifts", ["refused", "applied"])
def test_no_order_in_which_they_are_made_to_leave_lists_whom_the_last_has_taken_off(
    desk: Desk, lifts: str
) -> None:
    _off(desk)
    lift = _approved(desk, desk.lift(PHONE))
    if lifts == "applied":
        _in_force(desk)
    add = desk.approved(PHONE)
    off = desk.retracted(PHONE)
    _write(desk, off, turn=-1)
    _in_force(desk)
    assert [desk.row(one).state for one in (lift, add, off)] == [lifts, "refused", "applied"]
    assert not _is_listed(desk)


def test_an_addition_of_whom_something_took_off_since_is_looked_over_again(desk: Desk) -> None:
    later = _approved(desk, desk.addition(PHONE), after=HOUR)
    desk.clock.move(1)
    desk.in_force(PHONE, source="case-8")
    desk.retracted(PHONE)
    _in_force(desk)
    _approved(desk, desk.lift(PHONE))
    _in_force(desk)
    desk.clock.move(HOUR)
    desk.schedule.release_due()
    assert SINCE in _outcome(desk, later)


def test_what_takes_off_and_lists_as_well_is_refused_where_it_is_drafted(desk: Desk) -> None:
    _off(desk)
    lift, off, add = desk.lift(PHONE), desk.retraction(PHONE), desk.addition(PHONE)
    for changes in ((lift, off), (off, add), (lift, off, add)):
        with pytest.raises(FormRefused, match="take it off by itself"):
            desk.changes.draft(desk.cora.who, *changes)
    desk.changes.draft(desk.cora.who, off, desk.addition(PHONE, role="victim"))
    desk.changes.draft(desk.cora.who, lift, add)


def test_what_was_signed_to_allow_again_and_take_off_takes_off(desk: Desk) -> None:
    """As people could write it once: in the order of a batch its selector is off after it."""
    _off(desk)
    with desk.database.writing() as session:
        both: list[Change] = [desk.lift(PHONE), desk.retraction(PHONE)]
        change_id = desk.changes.sets.new(session, desk.cora.who, both).id
    desk.changes.submit(desk.cora.who, change_id, PASSWORD)
    shown = desk.reading.one(desk.abel.who, change_id).shown
    desk.changes.approve(desk.abel.who, change_id, PASSWORD, shown, lessened=1)
    desk.retracted(PHONE, by=desk.bo)
    _in_force(desk)
    assert desk.row(change_id).state == "applied"
    assert not _is_listed(desk)


def test_a_page_of_before_a_retraction_approves_nothing(desk: Desk) -> None:
    _off(desk)
    lift = desk.changes.draft(desk.cora.who, desk.lift(PHONE))
    desk.changes.submit(desk.cora.who, lift, PASSWORD)
    shown = desk.reading.one(desk.abel.who, lift)
    desk.clock.move(1)
    desk.retracted(PHONE, by=desk.bo)
    again = desk.reading.one(desk.abel.who, lift)
    taken_off = [one.operations[0].taken_off for one in (shown, again)]
    assert [one and one.is_since for one in taken_off] == [False, True]
    for one in (shown, again):
        with pytest.raises(FormRefused, match="was taken off after it was written"):
            desk.changes.approve(desk.abel.who, lift, PASSWORD, one.shown)


def test_a_page_of_before_hands_were_told_of_approves_nothing(desk: Desk) -> None:
    _off(desk)
    lift = desk.changes.draft(desk.cora.who, desk.lift(PHONE))
    desk.changes.submit(desk.cora.who, lift, PASSWORD)
    shown = desk.reading.one(desk.abel.who, lift).shown
    _by_hand(desk, ago=60)
    with pytest.raises(FormRefused, match="look it over again"):
        desk.changes.approve(desk.abel.who, lift, PASSWORD, shown)
    again = desk.reading.one(desk.abel.who, lift).shown
    desk.changes.approve(desk.abel.who, lift, PASSWORD, again)
    _in_force(desk)
    assert desk.row(lift).state == "applied"


def test_who_takes_off_what_is_off_is_told_so(desk: Desk) -> None:
    _off(desk)
    again = desk.retracted(PHONE, by=desk.bo)
    (shown,) = desk.reading.one(desk.abel.who, again).operations
    assert shown.taken_off is not None
    assert str(shown.taken_off.record["author"]).startswith("cora")
    _in_force(desk)
    (shown,) = desk.reading.one(desk.abel.who, again).operations
    assert shown.taken_off is not None


def test_what_only_adds_and_leaves_before_a_retraction_is_not_said_to_come_back(desk: Desk) -> None:
    desk.in_force(PHONE, source="case-8")
    add = desk.approved(PHONE)
    desk.clock.move(1)
    desk.retracted(PHONE)
    (shown,) = desk.reading.one(desk.abel.who, add).operations
    assert shown.taken_off is None
    desk.exchange.take_turn()
    assert desk.row(add).state == "exported"


def test_a_retraction_that_does_not_open_keeps_no_page_from_its_approver(desk: Desk) -> None:
    _off(desk)
    _approved(desk, desk.lift(PHONE))
    _in_force(desk)
    with desk.database.writing() as session:
        of_it = update(ChangeRow).where(ChangeRow.operation == "Retract")
        session.execute(of_it.values(said=bytes(40)))
    shown = desk.reading.one(desk.abel.who, desk.added(PHONE, by=desk.cora))
    assert not shown.is_unreadable
    (operation,) = shown.operations
    assert operation.taken_off is not None
    assert operation.taken_off.record["reason"] == ILLEGIBLE
