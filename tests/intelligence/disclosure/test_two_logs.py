"""A host that tells of another one's receipt takes it over from nobody."""

import base64
import json

import pytest

from intelligence.disclosure.settling import settle
from intelligence.errors import FormRefused
from intelligence.staff.roles import Role
from screening.spools.partners_told import PartnersTold
from screening.vocabulary.errors import OperatorError
from tests.intelligence.disclosure.room import OTHER, PHONE, Room, receipt_of
from tests.intelligence.partners.office import told as partner_told

HONEST, COMPROMISED = "api-1/journal", "api-2/journal"


def prepare(room: Room) -> None:
    for one in (PHONE, OTHER):
        room.desk.in_force(one)
    room.tell_map(PHONE, OTHER)


def garbage(room: Room, rows: int = 1) -> bytes:
    """Return a record of the receipt 1 whose boxes nobody opens."""
    record = json.loads(room.record(1, PHONE))
    box = base64.b64encode(bytes(96)).decode()
    record["matches"] = {str(row): box for row in range(1, rows + 1)}
    return json.dumps(record).encode()


@pytest.mark.parametrize("is_forged_first", [True, False])
def test_where_two_logs_tell_differently_neither_is_shown_and_it_is_on_record(
    room: Room, is_forged_first: bool
) -> None:
    prepare(room)
    told = [(room.record(1, OTHER), COMPROMISED), (room.record(1, PHONE), HONEST)]
    for record, log in told if is_forged_first else reversed(told):
        room.tell_records(record, log=log)
    room.tell_records(room.record(2, PHONE), log=HONEST)
    room.turn()
    with pytest.raises(FormRefused, match="two logs tell of this receipt"):
        room.ask(room.olga, 1)
    (found,) = room.ask(room.anna, 2)
    assert [one["receipt"] for one in found.sightings] == [f"{receipt_of(2)}.1"]
    assert f'"event":"receipt told twice","receipt":"{receipt_of(1)}"' in room.services.records()
    room.take_off(PHONE)
    with pytest.raises(FormRefused, match="two logs tell of this receipt"):
        room.ask(room.olga, 1)


def test_whoever_has_found_out_which_log_is_right_settles_it_for_good(room: Room) -> None:
    prepare(room)
    room.tell_records(room.record(1, PHONE), log=HONEST)
    room.tell_records(room.record(1, OTHER), log=COMPROMISED)
    room.turn()
    assert settled(room, HONEST) == [COMPROMISED]
    (found,) = room.ask(room.olga, 1)
    assert (found.entries[0]["canonical"], found.is_told_twice) == (PHONE, True)
    room.tell_records(room.record(1, OTHER), log=COMPROMISED)
    room.turn()
    assert room.ask(room.olga, 1)[0].entries[0]["canonical"] == PHONE
    on_record = room.services.records()
    assert f'"receipt settled","receipt":"{receipt_of(1)}","log":"{HONEST}"' in on_record


def test_what_no_two_logs_tell_of_is_not_settled_and_a_wrong_log_is_told(room: Room) -> None:
    prepare(room)
    room.tell_records(room.record(1, PHONE), log=HONEST)
    room.turn()
    with pytest.raises(OperatorError, match="no two logs"):
        settled(room, HONEST)
    room.tell_records(room.record(1, OTHER), log=COMPROMISED)
    room.turn()
    with pytest.raises(OperatorError, match=f"{HONEST}, {COMPROMISED}"):
        settled(room, "api-3/journal")
    with pytest.raises(FormRefused, match="two logs tell"):
        room.ask(room.olga, 1)


def settled(room: Room, log: str, number: int = 1) -> list[str]:
    journal = room.services.signing_keys.journal
    with room.database.writing() as session:
        # As somebody may have typed it; what goes on record is spelled as hosts do.
        return settle(
            session,
            (room.desk.seals, journal),
            by="root",
            receipt=f" {receipt_of(number).upper()} ",
            log=log,
        )


@pytest.mark.parametrize("rows", [1, 17])
def test_what_nobody_opens_displaces_nothing_and_the_page_says_that_it_is_there(
    room: Room, rows: int
) -> None:
    prepare(room)
    room.tell_records(garbage(room, rows), log=COMPROMISED)
    room.tell_records(room.record(1, PHONE), log=HONEST)
    room.turn()
    (found,) = room.ask(room.olga, 1)
    assert found.entries[0]["canonical"] == PHONE
    assert found.is_told_twice
    assert len(found.sightings) == 1


@pytest.mark.slow
def test_what_another_log_tells_just_the_same_is_there_once(room: Room) -> None:
    prepare(room)
    record = room.record(1, PHONE)
    for log in (HONEST, "api-1/renamed"):
        room.tell_records(record, log=log)
    room.turn()
    assert room.counts("record", "match") == {"record": 1, "match": 1}
    assert not room.ask(room.olga, 1)[0].is_told_twice


@pytest.mark.slow
def test_a_retraction_comes_into_force_though_two_logs_tell_differently(room: Room) -> None:
    prepare(room)
    other = json.loads(room.record(1, PHONE))
    later = json.dumps(other | {"at": "2026-11-30T12:00:00Z"}).encode()
    room.tell_records(room.record(1, PHONE), log=HONEST)
    room.tell_records(later, log=COMPROMISED)
    room.turn()
    room.take_off(PHONE)
    assert room.counts("record", "match") == {"record": 0, "match": 0}


@pytest.mark.slow
def test_no_count_of_a_partner_falls_as_what_is_contested_is_taken_off(room: Room) -> None:
    prepare(room)
    desk = room.desk
    desk.indexer.write(lambda head: PartnersTold("screening-partners/2", *head, [partner_told()]))
    room.tell_records(room.record(1, OTHER), log=COMPROMISED)
    room.tell_records(room.record(1, PHONE), room.record(2, PHONE), log=HONEST)
    room.turn()
    pam = desk.services.colleague(desk.ada, "pam", Role.PARTNER_MANAGER)
    counts = [one["matches"] for one in desk.partners.all(pam.who)]
    room.take_off(PHONE)
    counts += [one["matches"] for one in desk.partners.all(pam.who)]
    assert counts == [1, 1]
