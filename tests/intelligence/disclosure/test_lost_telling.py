"""Matches of whom hands kept off wait where a later telling of that was lost: it may be over."""

import pytest

from intelligence.disclosure.forgetting import TakenOffBy
from intelligence.errors import FormRefused
from tests.intelligence.disclosure.room import OTHER, PHONE, Room
from tests.intelligence.disclosure.test_by_hand import AT, by_hand, due, events, matched
from tests.intelligence.disclosure.test_unreadable import states


def _matched_meanwhile(room: Room) -> None:
    """Have hands take somebody off, a telling be lost, and two partners be told "match" then."""
    matched(room)
    by_hand(room, PHONE)
    room.desk.indexer.say("screening-exclusions/2", {"rules": None})
    room.turn()
    room.tell_records(room.record(4, PHONE), room.record(5, PHONE), room.record(6, OTHER))
    room.turn()


def test_they_wait_and_those_of_others_do_not(room: Room) -> None:
    _matched_meanwhile(room)
    assert states(room) == ["sighting", "sighting", "waiting", "waiting"]
    assert due(room) == {TakenOffBy(None, AT): [2]}, "of before the telling that was lost"
    assert room.ask(room.olga, 6)
    with pytest.raises(FormRefused):
        room.ask(room.olga, 4)
    (event,) = events(room, "matches not taken up")
    assert '"selectors":0,"until_told":1' in event


def test_they_are_taken_up_where_hands_have_lifted_it(room: Room) -> None:
    _matched_meanwhile(room)
    by_hand(room)
    assert set(states(room)) == {"sighting"}
    assert room.ask(room.olga, 4)
    assert room.ask(room.olga, 5)
    assert due(room) == {TakenOffBy(None, AT): [2]}, "no yes of after the lift was false"


@pytest.mark.parametrize(("at", "many"), [(AT, [4]), (AT + 9, [2, 2])])
def test_they_are_deleted_where_hands_keep_it_off_still_or_again(
    room: Room, at: int, many: list[int]
) -> None:
    _matched_meanwhile(room)
    by_hand(room, PHONE, at=at)
    assert states(room) == ["sighting", "sighting"]
    assert [one for those in due(room).values() for one in those] == many


def test_they_are_deleted_as_soon_as_it_is_taken_off_here(room: Room) -> None:
    _matched_meanwhile(room)
    room.take_off(PHONE)
    assert states(room) == ["sighting", "sighting"]


def test_what_waits_is_looked_at_no_more_once_it_was_told(room: Room) -> None:
    _matched_meanwhile(room)
    by_hand(room, PHONE)
    room.tell_records(room.record(7, PHONE))
    room.turn()
    assert states(room) == ["sighting", "sighting"], "nothing is lost any more"
