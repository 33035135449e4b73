"""Of very many whom hands take off the earliest are not named, and not taken for lifted."""

import pytest

from intelligence.errors import FormRefused
from tests.intelligence.disclosure.room import OTHER, PHONE, Room
from tests.intelligence.disclosure.test_by_hand import (
    AT,
    by_hand,
    due,
    events,
    latest,
    matched,
    stand,
)


@pytest.fixture
def left_out(room: Room) -> Room:
    """Have hands take off two, and the indexer name the later one alone from then on."""
    matched(room)
    by_hand(room, PHONE)
    by_hand(room, OTHER, at=AT + 9, left_out=1)
    return room


def test_who_is_left_out_stays_off_as_told_before(left_out: Room) -> None:
    for _ in range(2):
        found = stand(left_out)
        assert (found.is_listed, found.taken_off_at) == (False, AT)
        assert latest(left_out) == (2, AT + 9, 1)
        by_hand(left_out, OTHER, at=AT + 9, left_out=1)
    assert events(left_out, "taken off by hand no more") == []
    assert len(events(left_out, "taken off by hand")) == 2, "each has begun once"
    with pytest.raises(FormRefused, match="taken off by hand at the indexer"):
        left_out.desk.in_force(PHONE, source="case-9")


def test_once_all_are_named_again_who_is_missing_is_lifted(left_out: Room) -> None:
    by_hand(left_out, OTHER, at=AT + 9)
    assert stand(left_out).is_listed
    assert len(events(left_out, "taken off by hand no more")) == 1
    assert latest(left_out) == (1, AT + 9, 0)


def test_who_was_taken_off_after_the_first_that_is_named_and_is_missing_is_lifted(
    left_out: Room,
) -> None:
    by_hand(left_out, PHONE, left_out=1)
    assert stand(left_out, OTHER).is_listed
    assert not stand(left_out).is_listed
    assert latest(left_out) == (1, AT, 1)


def test_who_is_taken_off_here_as_well_is_of_hands_no_more(left_out: Room) -> None:
    left_out.take_off(PHONE)
    by_hand(left_out, OTHER, at=AT + 9, left_out=1)
    assert latest(left_out) == (1, AT + 9, 1)
    found = stand(left_out)
    assert (found.is_retracted, found.taken_off_at) == (True, None)


def test_where_all_who_are_named_are_taken_off_here_how_many_are_left_out_is_still_said(
    left_out: Room,
) -> None:
    for one in (PHONE, OTHER):
        left_out.take_off(one)
    assert latest(left_out) == (0, None, 1)


def test_who_is_named_again_has_begun_once(left_out: Room) -> None:
    before = due(left_out)
    by_hand(left_out, PHONE)
    assert len(events(left_out, "taken off by hand")) == 2
    assert due(left_out) == before
