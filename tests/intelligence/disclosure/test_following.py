"""Whoever follows what they were shown is told of new sightings, until it is taken off the list."""

from uuid import uuid4

import pytest

from intelligence.errors import FormRefused, NotPermitted
from intelligence.staff.roles import Role
from tests.intelligence.conftest import KINDS
from tests.intelligence.disclosure.room import PHONE, Room, receipt_of
from tests.intelligence.staff.services import Person

on_both = pytest.mark.parametrize("kind", KINDS)


def known(room: Room) -> None:
    room.desk.in_force(PHONE)
    room.tell_map(PHONE)
    room.tell_map(PHONE, key_id="zeta-2026a")
    room.tell_records(room.record(1, PHONE))
    room.turn()


def new(room: Room, person: Person) -> list[object]:
    return [one.record["new_sightings"] for one in room.following.followed(person.who)]


@on_both
def test_new_sightings_are_told_until_they_are_shown(room: Room) -> None:
    known(room)
    (found,) = room.ask(room.olga, 1)
    room.following.follow(room.olga.who, found.disclosure_id)
    assert new(room, room.olga) == [0]
    room.tell_records(
        room.record(2, PHONE), room.record(3, PHONE, partner="zeta", key_id="zeta-2026a")
    )
    room.turn()
    (followed,) = room.following.followed(room.olga.who)
    assert followed.record == {
        "receipt": receipt_of(1),
        "case_number": "K 7/26",
        "new_sightings": 2,
        "far_apart": False,
    }
    assert new(room, room.anna) == []
    room.ask(room.anna, 1)
    assert new(room, room.olga) == [2]
    room.ask(room.olga, 3)
    assert new(room, room.olga) == [0]


def test_one_follows_what_one_was_shown_and_once(room: Room) -> None:
    known(room)
    (found,) = room.ask(room.olga, 1)
    for other in (uuid4(), room.ask(room.anna, 1)[0].disclosure_id):
        with pytest.raises(FormRefused, match="resolve the receipt"):
            room.following.follow(room.olga.who, other)
    room.following.follow(room.olga.who, found.disclosure_id)
    (again,) = room.ask(room.olga, 1)
    with pytest.raises(FormRefused, match="you follow this already"):
        room.following.follow(room.olga.who, again.disclosure_id)


def test_it_is_ended_by_its_holder_alone_and_on_record(room: Room) -> None:
    known(room)
    (found,) = room.ask(room.olga, 1)
    room.following.follow(room.olga.who, found.disclosure_id)
    (followed,) = room.following.followed(room.olga.who)
    room.following.end(room.anna.who, followed.id)
    assert new(room, room.olga) == [0]
    room.following.end(room.olga.who, followed.id)
    room.following.end(room.olga.who, followed.id)
    assert new(room, room.olga) == []
    records = room.services.records()
    assert (records.count('"follow begun"'), records.count('"follow ended"')) == (1, 1)


def test_what_is_taken_off_the_list_is_followed_no_more(room: Room) -> None:
    known(room)
    (found,) = room.ask(room.olga, 1)
    room.following.follow(room.olga.who, found.disclosure_id)
    room.take_off(PHONE)
    assert new(room, room.olga) == []
    assert '"sightings":1,"follows":1' in room.services.records()


@on_both
def test_whom_an_entry_protects_nobody_follows(room: Room) -> None:
    known(room)
    (found,) = room.ask(room.olga, 1)
    room.following.follow(room.olga.who, found.disclosure_id)
    room.desk.in_force(PHONE, role="victim", source="shelter")
    assert new(room, room.olga) == []
    assert '"event":"follows ended"' in room.services.records()
    with pytest.raises(FormRefused, match="is not disclosed here"):
        room.following.follow(room.olga.who, found.disclosure_id)


def test_what_is_to_be_taken_off_counts_for_nothing_and_is_followed_by_nobody_else(
    room: Room,
) -> None:
    known(room)
    (found,) = room.ask(room.olga, 1)
    room.following.follow(room.olga.who, found.disclosure_id)
    (seen,) = room.ask(room.anna, 1)
    room.desk.retracted(PHONE)
    room.tell_records(room.record(2, PHONE))
    room.turn()
    assert new(room, room.olga) == [0]
    with pytest.raises(FormRefused, match="is not disclosed here"):
        room.following.follow(room.anna.who, seen.disclosure_id)


def test_nobody_else_follows(room: Room) -> None:
    known(room)
    (found,) = room.ask(room.olga, 1)
    curator = room.services.colleague(room.desk.ada, "other", Role.CURATOR)
    with pytest.raises(NotPermitted):
        room.following.follow(curator.who, found.disclosure_id)
    with pytest.raises(NotPermitted):
        room.following.end(curator.who, uuid4())
    assert room.following.followed(curator.who) == []
