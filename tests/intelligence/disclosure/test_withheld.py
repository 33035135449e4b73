"""What a safety list keeps off is disclosed to nobody, and what is over is told as over."""

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from intelligence.curation.entries import VICTIM, Entries
from intelligence.curation.recognising import recognise
from intelligence.curation.tables import SafetyListsRow
from intelligence.disclosure.bulk import BulkExports
from intelligence.disclosure.retention import Retention
from intelligence.disclosure.withholding import WITHHELD
from intelligence.errors import FormRefused
from screening.exclusions.rules import Category, Match
from screening.spools.exclusions_told import ExclusionsTold, ToldRule
from screening.vocabulary.unix_time import DAY_S
from tests.harness.slow import slow_but_first
from tests.intelligence.disclosure.room import OTHER, PHONE, Room, receipt_of


def _matched(room: Room) -> None:
    for one in (PHONE, OTHER):
        room.desk.in_force(one)
    room.tell_map(PHONE, OTHER)
    room.tell_records(room.record(1, PHONE), room.record(2, OTHER))
    room.turn()


def _keep_off(room: Room, *canonicals: str) -> None:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    rules = [
        ToldRule("phone", Match.EXACT, one, Category.HOTLINE, "a hotline", "its page", at, 1)
        for one in canonicals
    ]
    room.desk.indexer.write(lambda head: ExclusionsTold("screening-exclusions/1", *head, rules, []))
    room.turn()


def test_what_a_safety_list_keeps_off_is_disclosed_to_nobody(room: Room) -> None:
    _matched(room)
    (known,) = room.ask(room.olga, 1)
    _keep_off(room, PHONE)
    for person in (room.olga, room.anna):
        with pytest.raises(FormRefused, match=WITHHELD):
            room.ask(person, 1)
        assert room.ask(person, 2), "nothing else is withheld by that"
    with pytest.raises(FormRefused, match=WITHHELD):
        room.following.follow(room.olga.who, known.disclosure_id)
    stand = room.desk.reading.check(room.desk.cora.who, recognise(PHONE)).stand
    assert stand.excluded_as == "hotline", "who keeps the list sees it as before"
    _keep_off(room)
    assert room.ask(room.olga, 1), "and it is told again once no rule keeps it off"


def test_what_a_safety_list_keeps_off_is_in_no_export(room: Room) -> None:
    _matched(room)
    exports = BulkExports(room.disclosing)
    _keep_off(room, PHONE)
    exports.ask(room.olga.who, [receipt_of(1), receipt_of(2)], "investigation", "K 7/26")
    (asked,) = exports.all(room.olga.who)
    exports.decide(room.anna.who, asked.id, approved=True)
    rows = json.loads(exports.download(room.olga.who, asked.id, as_json=True))
    assert [one["problem"] for one in rows] == [WITHHELD, None]
    assert "canonical" not in rows[0]


def test_what_a_safety_list_keeps_off_has_nothing_new_and_is_no_shared_case(room: Room) -> None:
    _matched(room)
    (known,) = room.ask(room.olga, 1)
    room.following.follow(room.olga.who, known.disclosure_id)
    room.ask(room.authorised("pia", "Prosecutor of Elsewhere"), 1)
    assert room.deconfliction.shared_cases(room.olga.who)
    _keep_off(room, PHONE)
    room.tell_records(room.record(3, PHONE))
    room.turn()
    assert room.deconfliction.shared_cases(room.olga.who) == []
    (followed,) = room.following.followed(room.olga.who)
    assert followed.record["new_sightings"] == 0


@slow_but_first(1, "changed", [bytes(60), b"", None])
def test_nothing_is_disclosed_while_the_safety_lists_do_not_open(
    room: Room, changed: bytes | None
) -> None:
    _matched(room)
    _keep_off(room, PHONE)
    with room.database.writing() as session:
        session.execute(update(SafetyListsRow).values(told=changed))
    with pytest.raises(FormRefused, match=WITHHELD):
        room.ask(room.olga, 1)


def test_an_entry_whose_last_day_is_over_is_told_as_over(room: Room) -> None:
    _matched(room)
    room.desk.in_force(PHONE, source="case-8", last_day="2040-01-01")
    assert [one.are_over for one in room.ask(room.olga, 1)] == [[False, False]]
    room.services.clock.at += 500 * 86_400
    late = room.authorised("late", "Police of Examplia")
    (found,) = room.ask(late, 1)
    assert sorted(found.are_over) == [False, True]


@slow_but_first(1, "role", ["trafficker", "disputed", "victim"])
def test_sightings_of_what_is_over_stay_until_it_is_taken_off_and_whom_to_tell_stays_then(
    room: Room, role: str
) -> None:
    _matched(room)
    room.desk.in_force(PHONE, role=role)
    room.services.clock.at += 2_000 * DAY_S
    Retention(room.database, room.services.signing_keys.journal, room.desk.clock).drop_overdue()
    room.turn()
    assert room.counts("match", "told_yes") == {"match": 2, "told_yes": 0}
    room.take_off(PHONE)
    assert room.counts("match", "told_yes") == {"match": 1, "told_yes": 1}
    assert _is_protected(room) is (role == "victim")


def _is_protected(room: Room) -> bool:
    with room.database.reading() as session:
        said = Entries(session, room.desk.seals).said_of(recognise(PHONE))
    return any(one.role == VICTIM for one in said.open)
