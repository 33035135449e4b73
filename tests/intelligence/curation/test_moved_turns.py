"""No turn or time that somebody moves in the database lists whom the last decision has taken off.

Nor does one have anything leave sooner than it was approved for.
"""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from intelligence.curation.recognising import recognise
from intelligence.curation.tables import ChangeSet
from tests.harness.slow import slow_but_first
from tests.intelligence.curation.desk import Desk
from tests.intelligence.staff.services import PASSWORD

PHONE, OTHER = "+1 202 555 0142", "+1 202 555 0143"
HOUR = 3600
TURNS = (None, -1, 99)


def _in_force(desk: Desk) -> None:
    """Have all that waits leave and come into force, in as many files as it takes."""
    told = len(desk.indexer.down.sequences())
    while True:
        desk.schedule.release_due()
        desk.exchange.take_turn()
        files = desk.indexer.down.sequences()
        if len(files) == told:
            return
        told = len(files)
        desk.indexer.apply(files[-1])


def _lifting(desk: Desk) -> UUID:
    """Approve that a selector is allowed again."""
    lift = desk.changes.draft(desk.cora.who, desk.lift(PHONE))
    desk.changes.submit(desk.cora.who, lift, PASSWORD)
    desk.changes.approve(desk.abel.who, lift, PASSWORD)
    return lift


def _off(desk: Desk) -> None:
    """Have a selector be listed, and be off, in force."""
    desk.in_force(PHONE)
    desk.retracted(PHONE)
    _in_force(desk)


def _write(desk: Desk, change_id: UUID, **columns: Any) -> None:
    with desk.database.writing() as session:
        session.execute(update(ChangeSet).where(ChangeSet.id == change_id).values(columns))


def _is_listed(desk: Desk) -> bool:
    return desk.reading.check(desk.cora.who, recognise(PHONE)).stand.is_listed


def _later(desk: Desk) -> UUID:
    """Approve an addition that leaves in an hour."""
    later = desk.added(OTHER)
    desk.changes.approve(desk.abel.who, later, PASSWORD, leaves_at=int(desk.clock()) + HOUR)
    return later


@slow_but_first(1, "turn", TURNS)
@pytest.mark.parametrize("moved", ["lift", "add", "off"])
def test_what_waits_to_allow_again_undoes_no_retraction_by_a_turn(
    desk: Desk, moved: str, turn: int | None
) -> None:
    _off(desk)
    waiting = {"lift": _lifting(desk), "add": desk.approved(PHONE), "off": desk.retracted(PHONE)}
    _write(desk, waiting[moved], turn=turn)
    desk.exchange.take_turn()
    assert desk.row(waiting["off"]).state == "exported", "a retraction waits for nobody"
    desk.indexer.apply(desk.indexer.down.sequences()[-1])
    _in_force(desk)
    assert desk.row(waiting["lift"]).state == "refused"
    assert desk.row(waiting["off"]).state == "applied"
    # Before all retractions it leaves for an indexer that refuses it; one of paper takes it.
    is_left_to_it = (moved, turn) == ("add", -1)
    assert desk.row(waiting["add"]).state == ("applied" if is_left_to_it else "refused")
    assert not _is_listed(desk)


@slow_but_first(1, "turn", TURNS)
@pytest.mark.parametrize("moved", ["add", "off"])
def test_what_lists_again_leaves_behind_no_retraction_by_a_turn(
    desk: Desk, moved: str, turn: int | None
) -> None:
    _off(desk)
    _lifting(desk)
    _in_force(desk)
    waiting = {"add": desk.approved(PHONE), "off": desk.retracted(PHONE)}
    _write(desk, waiting[moved], turn=turn)
    desk.exchange.take_turn()
    assert desk.row(waiting["off"]).state == "exported", "a retraction waits for nobody"
    desk.indexer.apply(desk.indexer.down.sequences()[-1])
    _in_force(desk)
    assert desk.row(waiting["off"]).state == "applied"
    is_before = (moved, turn) in {("add", -1), ("off", 99)}
    assert desk.row(waiting["add"]).state == ("applied" if is_before else "refused")
    assert not _is_listed(desk)


def test_no_two_have_one_turn(desk: Desk) -> None:
    add, other = desk.approved(PHONE), desk.approved(OTHER)
    with pytest.raises(IntegrityError):
        _write(desk, add, turn=desk.row(other).turn)


@pytest.mark.parametrize("after", [2 * HOUR, None])
def test_what_is_to_leave_later_than_approved_does_not_leave_and_keeps_nothing_back(
    desk: Desk, after: int | None
) -> None:
    later = _later(desk)
    _write(desk, later, leaves_at=None if after is None else int(desk.clock()) + after)
    other = desk.approved(PHONE)
    desk.clock.move(2 * HOUR)
    _in_force(desk)
    assert desk.row(other).state == "applied"
    assert desk.row(later).state == ("scheduled" if after is None else "refused")
    assert desk.indexer.down.sequences() == [1]


@pytest.mark.parametrize("state", ["approved", "scheduled"])
def test_what_was_to_leave_at_once_leaves_at_no_other_time(desk: Desk, state: str) -> None:
    add = desk.approved(OTHER)
    _write(desk, add, leaves_at=int(desk.clock()) + HOUR, state=state)
    desk.clock.move(HOUR)
    _in_force(desk)
    assert desk.row(add).state == "refused"
    assert "was changed in the database" in str(
        desk.reading.one(desk.abel.who, add).record["outcome"]
    )


def test_a_retraction_waits_for_no_time_that_was_put_beside_it(desk: Desk) -> None:
    desk.in_force(PHONE)
    off = desk.retracted(PHONE)
    _write(desk, off, leaves_at=int(desk.clock()) + HOUR)
    _in_force(desk)
    assert desk.row(off).state == "applied"
    assert not _is_listed(desk)
