"""Whoever follows what they were shown is told of new sightings, until it is taken off the list."""

from uuid import uuid4

import pytest
from sqlalchemy import event

from intelligence.disclosure.following import SHOWN_AT_ONCE
from intelligence.errors import FormRefused, NotPermitted
from intelligence.staff.roles import Role
from tests.intelligence.conftest import KINDS
from tests.intelligence.disclosure.room import PHONE, Room, receipt_of
from tests.intelligence.staff.services import PASSWORD, Person

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


MANY = 23


def follow_many(room: Room) -> None:
    phones = [f"+12025550{number}" for number in range(110, 110 + MANY)]
    cora, abel, changes = room.desk.cora.who, room.desk.abel.who, room.desk.changes
    change_id = changes.draft(cora, *map(room.desk.addition, phones))
    changes.submit(cora, change_id, PASSWORD)
    changes.approve(abel, change_id, PASSWORD, named=MANY)
    room.turn()
    room.desk.indexer.apply(1)
    room.tell_map(*phones)
    room.tell_records(*(room.record(number, one) for number, one in enumerate(phones)))
    room.turn()
    for number in range(MANY):
        room.services.clock.move(1)
        (found,) = room.ask(room.olga, number)
        room.following.follow(room.olga.who, found.disclosure_id)
    room.tell_records(room.record(100, phones[-1]))
    room.turn()


def test_of_many_that_are_followed_a_page_is_shown_and_the_database_asked_little(
    room: Room,
) -> None:
    follow_many(room)
    asked = list[object]()

    def note(*said: object) -> None:
        asked.append(said)

    event.listen(room.database.engine, "before_cursor_execute", note)
    first = room.following.followed(room.olga.who)
    event.remove(room.database.engine, "before_cursor_execute", note)
    assert len(asked) <= 20, len(asked)
    last = room.following.followed(room.olga.who, page=2)
    receipts = [one.record["receipt"] for one in (*first, *last)]
    assert receipts == [receipt_of(number) for number in (MANY - 1, *range(MANY - 1))]
    assert [one.record["new_sightings"] for one in (*first, *last)] == [1, *[0] * (MANY - 1)]
    assert (len(first), first.many, first.pages) == (SHOWN_AT_ONCE, MANY, 2)
