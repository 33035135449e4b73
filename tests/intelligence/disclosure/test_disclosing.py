"""What lies behind a receipt, to whom it is shown, and what is on record of that."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from intelligence.curation.entries import blind_id
from intelligence.disclosure.bulk import BulkExports
from intelligence.disclosure.disclosing import asked
from intelligence.disclosure.looking import MOST_SIGHTINGS
from intelligence.errors import FormRefused, NotPermitted, NotSignedIn
from intelligence.journal import Journal
from intelligence.staff.privileges import Privileges
from intelligence.staff.roles import RecordType, Role, Verb
from screening.vocabulary.errors import LedgerUnavailable
from tests.harness.slow import slow_but_first
from tests.intelligence.disclosure.room import OTHER, PHONE, Room, receipt_of
from tests.intelligence.staff.services import FullLedger

SAID = {
    "role": "facilitator",
    "source": "case-7",
    "reason": "seen at a hotel",
    "confidence": "80",
    "jurisdictions": "DE, US",
    "review_by": "2027-01-02",
}


def known(room: Room, *canonicals: str) -> None:
    """Have a match of each of these be in the record 1, of selectors that are listed."""
    for one in dict.fromkeys(canonicals):
        room.desk.in_force(one, **SAID)
    room.tell_map(*dict.fromkeys(canonicals))
    room.tell_records(room.record(1, *canonicals))
    room.turn()


@pytest.mark.parametrize("role", [Role.ANALYST, Role.AUTHORISED_USER])
def test_just_the_fields_that_the_role_may_read_are_shown(room: Room, role: Role) -> None:
    known(room, PHONE)
    (found,) = room.ask(room.anna if role is Role.ANALYST else room.olga, 1)
    privileges = Privileges(frozenset((role,)))
    asked_for = {"purpose", "case_number"}
    (entry,) = found.entries
    readable = privileges.fields(Verb.READ, RecordType.DISCLOSURE)
    assert found.match.keys() | entry.keys() == readable - asked_for
    (sighting,) = found.sightings
    assert sighting.keys() == privileges.fields(Verb.READ, RecordType.SIGHTING)
    assert entry["canonical"] == PHONE
    assert entry["jurisdictions"] == ["DE", "US"]


def test_an_authorised_user_sees_neither_source_nor_reason_nor_company(room: Room) -> None:
    known(room, PHONE)
    (found,) = room.ask(room.olga, 1)
    shown = repr((found.match, found.entries, found.sightings))
    for kept_back in ("case-7", "hotel", "acme", "2027, 1, 2"):
        assert kept_back not in shown


@pytest.mark.parametrize(
    "role", [one for one in Role if one not in (Role.ANALYST, Role.AUTHORISED_USER)]
)
def test_nobody_else_resolves_a_receipt(room: Room, role: Role) -> None:
    known(room, PHONE)
    other = room.services.colleague(room.desk.ada, "other", role)
    with pytest.raises(NotPermitted):
        room.ask(other, 1)
    assert '"event":"disclosed"' not in room.services.records()


def test_who_saw_which_fields_of_what_and_why_is_on_record(room: Room) -> None:
    known(room, PHONE, OTHER)
    room.ask(room.olga, 1, 2, purpose="court_order", case_number="K 7/26")
    (line,) = [one for one in room.services.records().splitlines() if '"disclosed"' in one]
    record = json.loads(line.partition(" ")[2])
    assert record["actor"] == str(room.olga.who.account_id)
    assert record["receipt"] == f"{receipt_of(1)}.2"
    assert (record["purpose"], record["case_number"]) == ("court_order", "K 7/26")
    assert record["organisation"] == "Police of Examplia"
    assert record["selectors"] == [blind_id(room.desk.seals, room.selector(OTHER))]
    assert len(record["entries"]) == 1
    assert record["fields"] == sorted(
        {"kind", "canonical", "role", "confidence", "jurisdictions", "first_seen", "last_seen"}
        | {"expires_at", "receipt", "matched_at"}
    )
    assert (record["sightings"], record["sighting_fields"]) == (1, ["at", "kind"])
    assert OTHER not in line


def test_what_cannot_be_put_on_record_is_not_shown(room: Room, tmp_path: Path) -> None:
    known(room, PHONE)
    with FullLedger(tmp_path / "full", host="here") as ledger:
        journal = Journal(ledger, room.services.clock)
        with pytest.raises(LedgerUnavailable):
            replace(room.disclosing, journal=journal).disclose(
                room.olga.who, asked(receipt_of(1), "investigation", "K 7/26")
            )
    assert room.counts("disclosure") == {"disclosure": 0}


def test_a_whole_receipt_shows_each_of_its_matches(room: Room) -> None:
    known(room, PHONE, OTHER)
    found = room.ask(room.olga, 1)
    assert [one.entries[0]["canonical"] for one in found] == [PHONE, OTHER]
    assert room.counts("disclosure") == {"disclosure": 2}


def test_of_a_whole_file_a_row_is_to_be_named(room: Room) -> None:
    many = [f"+120255501{number:02}" for number in range(17)]
    room.desk.in_force(many[3])
    room.tell_map(*many)
    room.tell_records(room.record(1, *many))
    room.turn()
    with pytest.raises(FormRefused, match=r"give it with \.ROW"):
        room.ask(room.olga, 1)
    (found,) = room.ask(room.olga, 1, 4)
    assert found.entries[0]["canonical"] == many[3]


def test_unknown_of_no_match_and_not_arrived_are_one_sentence(room: Room) -> None:
    known(room, PHONE)
    sentences = set()
    for number, row in ((2, None), (1, 0), (1, 2)):
        with pytest.raises(FormRefused) as refused:
            room.ask(room.olga, number, row)
        sentences.add(str(refused.value))
    assert len(sentences) == 1
    assert "is known here" in sentences.pop()
    tried = f'"event":"receipt not resolved","receipt":"{receipt_of(2)}"'
    assert tried in room.services.records()


def test_nothing_is_disclosed_of_whom_an_entry_protects(room: Room) -> None:
    known(room, PHONE)
    room.desk.in_force(PHONE, source="shelter", role="victim")
    with pytest.raises(FormRefused, match="is not disclosed here"):
        room.ask(room.anna, 1)
    assert '"event":"disclosed"' not in room.services.records()


def test_of_several_matches_those_that_may_be_are_shown(room: Room) -> None:
    known(room, PHONE, OTHER)
    room.desk.in_force(PHONE, source="shelter", role="victim")
    (found,) = room.ask(room.olga, 1)
    assert [one["canonical"] for one in found.entries] == [OTHER]
    assert room.counts("disclosure") == {"disclosure": 1}


def test_of_many_sightings_the_newest_are_shown_and_all_are_counted(room: Room) -> None:
    known(room, *[PHONE] * (MOST_SIGHTINGS + 1))
    (found,) = room.ask(room.anna, 1, 1)
    assert (len(found.sightings), found.sightings_there) == (MOST_SIGHTINGS, MOST_SIGHTINGS + 1)


def test_an_account_whose_last_day_is_over_is_refused(room: Room) -> None:
    known(room, PHONE)
    short = room.authorised("short", "Police of Examplia", life_s=3_600)
    room.ask(short, 1)
    room.services.clock.move(3_600)
    with pytest.raises(NotSignedIn):
        room.ask(short, 1)


@slow_but_first(
    3,
    ("typed", "why"),
    [
        ({"receipt": "abc"}, "this is no receipt"),
        ({"receipt": "a" * 26 + ".01"}, "this is no receipt"),
        ({"receipt": "a" * 26 + ".-1"}, "this is no receipt"),
        ({"receipt": "é" * 26}, "this is no receipt"),
        ({"purpose": None}, "no purpose is chosen"),
        ({"purpose": "curiosity"}, "no purpose is chosen"),
        ({"case_number": None}, "the case number is missing"),
        ({"case_number": "<script>"}, "the case number is missing"),
        ({"case_number": "a" * 65}, "the case number is missing"),
        ({"case_number": "4242 4242 4242 4242"}, "looks like a phone, card or e-mail"),
        ({"case_number": "12025550142"}, "looks like a phone, card or e-mail"),
        ({"case_number": "0012025550142"}, "looks like a phone, card or e-mail"),
        ({"case_number": "202.555.0142"}, "looks like a phone, card or e-mail"),
        ({"case_number": "07700 900123"}, "looks like a phone, card or e-mail"),
        ({"case_number": "Case 4111111111111111"}, "looks like a phone, card or e-mail"),
        ({"case_number": "K-4111111111111111"}, "looks like a phone, card or e-mail"),
    ],
)
def test_what_is_typed_wrongly_is_refused_with_a_sentence(
    typed: dict[str, str | None], why: str
) -> None:
    right = {"receipt": "a" * 26, "purpose": "investigation", "case_number": "K 7/26"}
    with pytest.raises(FormRefused, match=why):
        asked(**{**right, **typed})  # type: ignore[arg-type]  # a receipt is never None here


def test_what_one_was_shown_in_a_case_is_not_asked_for_without_a_purpose(room: Room) -> None:
    room.services.prove(room.olga)
    with pytest.raises(FormRefused, match="no purpose is chosen"):
        BulkExports(room.disclosing).ask(room.olga.who, [], "curiosity", "K 7/26")


def test_a_receipt_is_read_as_people_type_it() -> None:
    wanted = asked(f"  {'A' * 26}.17\t", "investigation", "K 7/26")
    assert (wanted.receipt, wanted.row) == ("a" * 26, 17)
