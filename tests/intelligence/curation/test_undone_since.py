"""Nobody signs here what the indexer would refuse: what was written before that which it undoes."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import literal_column, update

from intelligence.curation.recognising import recognise
from intelligence.curation.tables import ChangeSet
from intelligence.errors import FormRefused
from screening.spools.acknowledgement import Refused
from screening.spools.batch import parse_batch
from screening.spools.exclusions_told import ExclusionsTold, ToldTakenOff
from tests.intelligence.curation.desk import Desk
from tests.intelligence.staff.services import PASSWORD

PHONE, OTHER = "+1 202 555 0142", "+1 202 555 0143"
WHY = "a selector that it allows again was taken off the list after that; have it written anew"


def _in_force(desk: Desk) -> None:
    desk.exchange.take_turn()
    desk.indexer.apply(desk.indexer.down.sequences()[-1])
    desk.exchange.take_turn()


def _off(desk: Desk) -> None:
    desk.in_force(PHONE)
    desk.retracted(PHONE)
    _in_force(desk)


def _lift(desk: Desk) -> UUID:
    lift = desk.changes.draft(desk.cora.who, desk.lift(PHONE))
    desk.changes.submit(desk.cora.who, lift, PASSWORD)
    return lift


@pytest.mark.parametrize("is_by_hand", [False, True])
def test_what_was_taken_off_after_it_was_written_is_said_before_anybody_approves(
    desk: Desk, *, is_by_hand: bool
) -> None:
    _off(desk)
    lift = _lift(desk)
    assert desk.reading.one(desk.abel.who, lift).hindrance is None
    desk.clock.move(1)
    if is_by_hand:
        at = datetime.fromtimestamp(desk.clock(), UTC)
        off = [ToldTakenOff("phone", recognise(PHONE).text, at)]
        desk.indexer.write(
            lambda head: ExclusionsTold("screening-exclusions/2", *head, [], [], off)
        )
        desk.exchange.take_turn()
    else:
        desk.retracted(PHONE, by=desk.bo)
    shown = desk.reading.one(desk.abel.who, lift)
    assert "have it written anew" in str(shown.hindrance)
    with pytest.raises(FormRefused, match="was taken off after it was written"):
        desk.changes.approve(desk.abel.who, lift, PASSWORD, shown.shown)
    assert desk.row(lift).state == "submitted"
    anew = _lift(desk)
    desk.changes.approve(desk.abel.who, anew, PASSWORD)
    assert desk.row(anew).state == "approved"


def test_nobody_signs_by_a_clock_that_is_behind_what_they_undo(desk: Desk) -> None:
    _off(desk)
    lift = desk.changes.draft(desk.cora.who, desk.lift(PHONE))
    desk.clock.move(-90)
    with pytest.raises(FormRefused, match="by the clock of this console that has not come yet"):
        desk.changes.submit(desk.cora.who, lift, PASSWORD)
    assert desk.row(lift).state == "draft"
    desk.clock.move(90)
    desk.changes.submit(desk.cora.who, lift, PASSWORD)
    desk.changes.approve(desk.abel.who, lift, PASSWORD)
    _in_force(desk)
    assert desk.row(lift).state == "applied"


def test_a_retraction_of_a_clock_that_was_ahead_keeps_nobody_from_signing(desk: Desk) -> None:
    desk.in_force(PHONE)
    desk.clock.move(3_600)
    desk.retracted(PHONE)
    _in_force(desk)
    desk.clock.move(-3_600)
    lift = _lift(desk)
    assert desk.reading.one(desk.abel.who, lift).hindrance is None
    desk.changes.approve(desk.abel.who, lift, PASSWORD)
    _in_force(desk)
    assert desk.row(lift).state == "applied"


@pytest.mark.parametrize("of", ["the retraction", "the lift"])
def test_no_time_that_somebody_writes_over_keeps_anybody_from_lifting(desk: Desk, of: str) -> None:
    desk.in_force(PHONE)
    off = desk.retracted(PHONE)
    _in_force(desk)
    lift = _lift(desk)
    written = update(ChangeSet).where(ChangeSet.id == (lift if of == "the lift" else off))
    for at in ("4102444800", str(10**18), "NULL", *(["'x'"] if desk.database.is_sqlite else [])):
        with desk.database.writing() as session:
            session.execute(written.values(submitted_at=literal_column(at)))
        assert desk.reading.one(desk.abel.who, lift).hindrance is None
    desk.changes.approve(desk.abel.who, lift, PASSWORD)
    assert desk.row(lift).state == "approved"


def test_what_the_indexer_refuses_for_a_retraction_comes_back_and_the_others_leave(
    desk: Desk,
) -> None:
    _off(desk)
    lift = _lift(desk)
    desk.changes.approve(desk.abel.who, lift, PASSWORD)
    with desk.database.writing() as session:  # so its turn does not come before the retraction's
        session.execute(update(ChangeSet).where(ChangeSet.id == lift).values(state="scheduled"))
    desk.clock.move(1)
    off = desk.retracted(PHONE, by=desk.bo)
    _in_force(desk)
    with desk.database.writing() as session:
        for one, state in ((off, "refused"), (lift, "approved")):
            session.execute(update(ChangeSet).where(ChangeSet.id == one).values(state=state))
    other = desk.approved(OTHER)
    desk.exchange.take_turn()
    sequence = desk.indexer.down.sequences()[-1]
    first, _ = desk.indexer.export(sequence).batches
    named, sha256 = parse_batch(first.batch).batch, desk.indexer.sha256(sequence)
    desk.indexer.tell(Refused(sequence, sha256, "not_possible", named, WHY))
    desk.exchange.take_turn()
    assert desk.row(lift).came_back_at is not None
    assert desk.reading.one(desk.cora.who, lift).record["outcome"] == WHY
    _in_force(desk)
    assert desk.row(other).state == "applied"
