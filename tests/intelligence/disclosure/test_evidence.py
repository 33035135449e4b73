"""The map and the records of matches, as they come up the spool in any order."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from intelligence.deployment import METADATA
from intelligence.disclosure.evidence import Evidence
from intelligence.disclosure.forgetting import delete_sightings
from intelligence.disclosure.looking import Found
from intelligence.disclosure.tables import MapRow
from intelligence.errors import FormRefused
from intelligence.store.data_keys import open_vault
from intelligence.store.key_file import KeyFile
from intelligence.store.rotation import rotate_keys
from intelligence.store.sealing import Seals
from screening.disclosure.opening import Opener, PrivateHalf
from screening.spools.index_map import MapPart
from screening.spools.match_records import MatchRecords
from screening.spools.up_file import Beside
from screening.vocabulary.errors import LedgerUnavailable
from tests.harness.slow import slow_but_first
from tests.intelligence.disclosure.room import AT, OTHER, PHONE, Room, receipt_of

LATER = "+12025550144"


def seen(found: Found) -> list[object]:
    return [one["receipt"] for one in found.sightings]


@pytest.mark.parametrize("is_map_first", [True, False])
def test_a_match_is_a_sighting_once_record_and_map_are_there(
    room: Room, is_map_first: bool
) -> None:
    room.desk.in_force(PHONE)
    if is_map_first:
        room.tell_map(PHONE, OTHER)
    room.tell_records(room.record(1, PHONE))
    if not is_map_first:
        room.turn()
        with pytest.raises(FormRefused, match="what it is of has not"):
            room.ask(room.anna, 1)
        room.tell_map(PHONE, OTHER)
    room.turn()
    (found,) = room.ask(room.anna, 1)
    assert found.match == {
        "receipt": f"{receipt_of(1)}.1",
        "matched_at": AT + 1,
        "partner": "acme",
        "booking_region": None,
    }
    assert seen(found) == [f"{receipt_of(1)}.1"]


def test_the_sightings_of_all_token_keys_are_on_one_timeline_the_newest_first(room: Room) -> None:
    room.desk.in_force(PHONE)
    room.tell_map(PHONE)
    room.tell_map(PHONE, key_id="zeta-2026a")
    room.tell_records(room.record(1, PHONE), room.record(3, OTHER, PHONE))
    room.tell_records(room.record(2, PHONE, partner="zeta", key_id="zeta-2026a"))
    room.turn()
    (found,) = room.ask(room.anna, 2)
    assert seen(found) == [f"{receipt_of(3)}.2", f"{receipt_of(2)}.1", f"{receipt_of(1)}.1"]
    assert [one["partner"] for one in found.sightings] == ["acme", "zeta", "acme"]


def test_what_is_told_twice_is_there_once(room: Room) -> None:
    room.desk.in_force(PHONE)
    for _ in range(2):
        room.tell_map(PHONE, OTHER)
        room.tell_records(room.record(1, PHONE), room.record(2, PHONE))
    room.turn()
    assert room.counts() == {"map": 2, "record": 2, "match": 2}
    assert len(room.ask(room.anna, 1)) == 1


def test_what_no_private_half_here_opens_waits_for_it(room: Room) -> None:
    room.desk.in_force(PHONE)
    other = PrivateHalf(bytes(range(40, 72)))
    room.tell_map(PHONE)
    room.tell_records(room.record(1, PHONE, to=other.key))
    room.turn()
    with pytest.raises(FormRefused, match="cannot be opened here"):
        room.ask(room.anna, 1)
    with_both = Evidence(
        room.desk.seals, Opener([room.desk.private_half, other]), room.desk.evidence.journal
    )
    with room.database.writing() as session:
        with_both.open_sealed(session)
    assert len(room.ask(room.anna, 1)) == 1


def test_a_match_that_was_moved_to_another_row_is_none_and_on_record(room: Room) -> None:
    room.desk.in_force(PHONE)
    record = json.loads(room.record(1, PHONE, OTHER))
    record["matches"] = {"2": record["matches"]["1"], "1": record["matches"]["2"]}
    room.tell_map(PHONE, OTHER)
    room.tell_records(json.dumps(record).encode())
    room.turn()
    with pytest.raises(FormRefused, match="cannot be opened here"):
        room.ask(room.anna, 1)
    assert room.services.records().count('"event":"match not opened"') == 2


@slow_but_first(
    3,
    "said",
    [
        {"receipt": "../../etc/passwd"},
        {"partner": "a" * 65},
        {"partner": "a\0b"},
        {"key_id": "k\0"},
        {"generation": "\0"},
        {"at": "9999-12-31T23:59:59-14:00"},
        {"at": "0001-01-01T00:00:00+14:00"},
        {"matches": {"one": "AAAA"}},
        {"matches": {"1": "A" * 1_000}},
        {"matches": {"1": "A" * 128, "01": "A" * 128}},
        {"matches": {"10000": "A" * 128}},
        {"matches": {}},
        {"sealed": None},
    ],
)
def test_a_record_that_is_none_is_counted_and_the_others_are_taken(
    room: Room, said: dict[str, Any]
) -> None:
    room.tell_records(room.record(1, PHONE, **said), b"no record", room.record(2, PHONE))
    room.turn()
    assert room.counts()["record"] == 1
    assert '"records":1,"unread":2' in room.services.records()


@dataclass(frozen=True, slots=True)
class Unable:
    """Takes a file up, and then twice what there may be once, or fails as nobody foresaw."""

    evidence: Evidence
    is_foreseen: bool

    def hear(self, session: Session, told: Beside) -> None:
        assert isinstance(told, MapPart | MatchRecords)
        self.evidence.hear(session, told)
        if not self.is_foreseen:
            raise LookupError
        for _ in range(2):
            session.execute(
                insert(MapRow).values(
                    digest=b"d" * 16, key_id="k", kind="phone", canonical_term=b"t" * 24
                )
            )

    def forget(self, session: Session, sequence: int) -> None:
        self.evidence.forget(session, sequence)


@pytest.mark.parametrize("is_foreseen", [True, False])
@pytest.mark.slow
def test_a_file_that_cannot_be_taken_up_is_passed_over_whole_and_retractions_leave(
    room: Room, is_foreseen: bool
) -> None:
    room.desk.in_force(PHONE)
    room.tell_records(room.record(1, PHONE))
    room.desk.exchange = replace(
        room.desk.exchange, evidence=Unable(room.desk.evidence, is_foreseen)
    )
    room.take_off(PHONE)
    assert room.counts() == {"map": 0, "record": 0, "match": 0}
    why = "IntegrityError" if is_foreseen else "LookupError"
    told = f'"event":"evidence not taken up","sequence":2,"why":"{why}","of":"records"'
    assert told in room.services.records()


def test_a_retraction_deletes_its_sightings_and_says_so(room: Room) -> None:
    room.desk.in_force(PHONE)
    room.desk.in_force(OTHER)
    room.tell_map(PHONE, OTHER)
    room.tell_records(room.record(1, PHONE), room.record(2, PHONE, OTHER))
    room.turn()
    assert room.counts()["match"] == 3
    room.take_off(PHONE)
    assert room.counts() == {"map": 2, "record": 1, "match": 1}
    with pytest.raises(FormRefused, match="no match of this receipt is known here"):
        room.ask(room.anna, 1)
    (found,) = room.ask(room.anna, 2)
    assert seen(found) == [f"{receipt_of(2)}.2"]
    (deleted,) = [one for one in room.services.records().splitlines() if "sightings deleted" in one]
    assert '"sightings":2' in deleted
    assert PHONE not in deleted


def test_what_arrives_of_a_selector_that_was_taken_off_is_no_sighting(room: Room) -> None:
    room.desk.in_force(PHONE)
    room.tell_map(PHONE)
    room.turn()
    room.take_off(PHONE)
    room.tell_records(room.record(1, PHONE))
    room.turn()
    assert room.counts() == {"map": 1, "record": 0, "match": 0}


@pytest.mark.slow
def test_a_retraction_that_is_taken_back_has_deleted_nothing_and_withheld_meanwhile(
    room: Room,
) -> None:
    room.desk.in_force(PHONE)
    room.tell_map(PHONE)
    room.tell_records(room.record(1, PHONE))
    room.turn()
    (found,) = room.ask(room.olga, 1)
    room.following.follow(room.olga.who, found.disclosure_id)
    room.desk.approved(OTHER)
    room.turn()  # a file is under way, so that the next change waits
    change_id = room.desk.retracted(PHONE)
    room.tell_records(room.record(2, PHONE))
    room.turn()
    assert room.desk.row(change_id).state == "approved"
    with pytest.raises(FormRefused, match="is not disclosed here"):
        room.ask(room.anna, 1)
    room.desk.changes.withdraw(room.desk.cora.who, change_id, "a slip")
    (found,) = room.ask(room.anna, 1)
    assert len(found.sightings) == 2
    assert len(room.following.followed(room.olga.who)) == 1


def test_a_retraction_that_has_left_deletes_what_comes_once_it_is_in_force(room: Room) -> None:
    room.desk.in_force(PHONE)
    room.tell_map(PHONE)
    change_id = room.desk.retracted(PHONE)
    room.turn()
    room.tell_records(room.record(1, PHONE))
    room.turn()
    assert (room.desk.row(change_id).state, room.counts()["match"]) == ("exported", 1)
    room.desk.indexer.apply(2)
    room.turn()
    assert room.counts("record", "match") == {"record": 0, "match": 0}


def test_a_file_that_cannot_be_put_on_record_is_taken_whole_later(room: Room) -> None:
    room.desk.in_force(PHONE)
    room.tell_map(PHONE, OTHER)
    room.tell_records(room.record(1, PHONE))
    with pytest.raises(LedgerUnavailable):
        room.turn_off_record()
    assert room.counts() == {"map": 0, "record": 0, "match": 0}
    room.turn()
    assert room.counts() == {"map": 2, "record": 1, "match": 1}


@pytest.mark.slow
def test_that_a_token_key_has_ended_is_on_record_and_its_receipts_lead_on(room: Room) -> None:
    room.desk.in_force(PHONE)
    room.tell_map(PHONE)
    room.tell_records(room.record(1, PHONE))
    room.tell_map()
    room.turn()
    assert '"event":"token key ended","key_id":"acme-2026a"' in room.services.records()
    assert len(room.ask(room.anna, 1)) == 1


@pytest.mark.slow
def test_after_a_rotation_of_keys_receipts_lead_on_and_retractions_find_their_sightings(
    room: Room, tmp_path: Path
) -> None:
    room.desk.in_force(PHONE)
    room.tell_map(PHONE)
    room.tell_records(room.record(1, PHONE))
    room.turn()
    room.ask(room.olga, 1)
    key_file = KeyFile(tmp_path)
    rotate_keys(room.database, key_file, METADATA, room.services.clock)
    seals = Seals(open_vault(room.database, key_file.read()))
    with room.database.writing() as session:
        assert delete_sightings(session, seals, room.selector(PHONE)) == 1
    cases = replace(room.deconfliction, seals=seals).shared_cases(room.olga.who)
    assert cases == []
    assert room.counts() == {"map": 1, "record": 0, "match": 0}


def test_nothing_at_rest_shows_a_selector_or_a_case_number(room: Room) -> None:
    room.desk.in_force(PHONE)
    room.tell_map(PHONE, LATER)
    room.tell_records(room.record(1, PHONE))
    room.turn()
    room.ask(room.olga, 1, case_number="CASE 4711/26")
    stored = room.stored_text()
    assert receipt_of(1) in stored
    for secret in (PHONE, LATER, PHONE[1:], "4711"):
        assert secret not in stored
    assert PHONE not in room.services.records()
