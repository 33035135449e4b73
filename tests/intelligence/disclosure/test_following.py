"""Whoever follows what they were shown is told of new sightings, until it is taken off the list."""

from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import Connection, event

from intelligence.disclosure.following import MOST_FOLLOWS, SHOWN_AT_ONCE
from intelligence.disclosure.looking import MOST_SIGHTINGS
from intelligence.errors import FormRefused, NotPermitted
from intelligence.staff.roles import Role
from tests.intelligence.conftest import KINDS
from tests.intelligence.disclosure.room import OTHER, PHONE, Room, receipt_of
from tests.intelligence.disclosure.test_two_logs import settled
from tests.intelligence.staff.services import PASSWORD, Person

on_both = pytest.mark.parametrize("kind", KINDS)


def known(room: Room) -> None:
    room.desk.in_force(PHONE)
    room.tell_map(PHONE)
    room.tell_map(PHONE, key_id="zeta-2026a")
    room.tell_records(room.record(1, PHONE))
    room.turn()


def test_so_much_is_followed_at_a_time_and_no_more(room: Room) -> None:
    assert MOST_FOLLOWS == 100, "docs/disclosure.md says a hundred"
    known(room)
    room.desk.in_force(OTHER)
    room.tell_map(OTHER)
    room.tell_records(room.record(2, OTHER))
    room.turn()
    of_one = replace(room.following, most=1)
    (first,), (second,) = room.ask(room.anna, 1), room.ask(room.anna, 2)
    of_one.follow(room.anna.who, first.disclosure_id)
    with pytest.raises(FormRefused, match="you follow too much at a time"):
        of_one.follow(room.anna.who, second.disclosure_id)
    (other,) = room.ask(room.olga, 2)
    of_one.follow(room.olga.who, other.disclosure_id)  # each has their own
    (followed,) = of_one.followed(room.anna.who)
    of_one.end(room.anna.who, followed.id)
    of_one.follow(room.anna.who, second.disclosure_id)


def arrive(room: Room) -> None:
    room.tell_records(room.record(2, PHONE))
    room.turn()


def impatient(connection: Connection) -> None:
    connection.exec_driver_sql("SET LOCAL lock_timeout = '5s'")


class Interrupted:
    """A clock: somebody else is at work at the last look at it, when all that is shown was read."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.looks, self.interrupt_at = 0, -1
        self.with_: Callable[[], None] = lambda: None

    def __call__(self) -> float:
        self.looks += 1
        if self.looks == self.interrupt_at:
            self.with_()
        return self.clock()


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


@pytest.mark.parametrize("right", ["api-1/journal", "api-2/journal"])
@on_both
def test_what_two_logs_tell_of_since_hides_nothing_that_is_new(room: Room, right: str) -> None:
    known(room)
    room.tell_map(OTHER)
    room.tell_records(room.record(2, PHONE))
    room.turn()
    (found,) = room.ask(room.olga, 1)
    room.following.follow(room.olga.who, found.disclosure_id)
    room.tell_records(room.record(2, OTHER), log="api-2/journal")
    room.turn()
    assert new(room, room.olga) == [0]
    room.tell_records(room.record(3, PHONE))
    room.turn()
    assert new(room, room.olga) == [1]
    settled(room, right, 2)
    assert new(room, room.olga) == [1], "the first of the two that was told of was shown"


@pytest.mark.slow
def test_what_is_settled_to_be_of_it_is_new_to_whoever_was_not_shown_it(room: Room) -> None:
    known(room)
    room.tell_map(OTHER)
    room.tell_records(room.record(2, OTHER))
    room.tell_records(room.record(2, PHONE), log="api-2/journal")
    room.turn()
    (found,) = room.ask(room.olga, 1)
    room.following.follow(room.olga.who, found.disclosure_id)
    room.tell_records(room.record(3, PHONE))
    room.turn()
    room.ask(room.olga, 1)
    assert new(room, room.olga) == [0]
    settled(room, "api-2/journal", 2)
    assert new(room, room.olga) == [1]


@pytest.mark.slow
def test_what_comes_before_one_follows_and_after_one_was_shown_is_new(room: Room) -> None:
    known(room)
    (found,) = room.ask(room.olga, 1)
    room.tell_records(room.record(2, PHONE))
    room.turn()
    room.following.follow(room.olga.who, found.disclosure_id)
    assert new(room, room.olga) == [1]


@pytest.mark.parametrize("kind", ["postgresql"])
def test_what_comes_while_others_are_shown_is_new(room: Room) -> None:
    known(room)
    clock = Interrupted(room.services.clock)
    room.disclosing = replace(room.disclosing, clock=clock)
    (found,) = room.ask(room.olga, 1)
    room.following.follow(room.olga.who, found.disclosure_id)
    clock.interrupt_at, clock.with_ = 2 * clock.looks, lambda: arrive(room)
    (found,) = room.ask(room.olga, 1)
    assert len(found.sightings) == 1
    assert new(room, room.olga) == [1]


@pytest.mark.parametrize("kind", ["postgresql"])
def test_whoever_is_shown_what_is_being_deleted_waits_for_nobody(room: Room) -> None:
    known(room)
    event.listen(room.database.engine, "begin", impatient)
    with room.database.engine.connect() as other:
        other.exec_driver_sql("DELETE FROM disclosure_match")
        (found,) = room.ask(room.olga, 1)
        assert len(found.sightings) == 1
        other.rollback()
    room.following.follow(room.olga.who, found.disclosure_id)
    assert new(room, room.olga) == [1], "it stayed, and is told once more"


@pytest.mark.slow
def test_more_than_are_shown_at_a_time_are_told_by_their_number_and_new_no_more(
    room: Room,
) -> None:
    known(room)
    room.tell_records(*(room.record(number, PHONE) for number in range(2, MOST_SIGHTINGS + 3)))
    room.turn()
    (found,) = room.ask(room.olga, 1)
    assert (len(found.sightings), found.sightings_there) == (MOST_SIGHTINGS, MOST_SIGHTINGS + 2)
    room.following.follow(room.olga.who, found.disclosure_id)
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
    assert room.counts("match", "seen") == {"match": 0, "seen": 0}
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


@pytest.mark.slow
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
