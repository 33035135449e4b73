"""Whoever writes in the database, and has no key, has nobody be shown what was not told."""
# ruff: noqa: S608 - statements of whoever writes in the database, made of no words but ours

import json

import pytest
from sqlalchemy import text

from intelligence.curation.recognising import recognise
from intelligence.disclosure.bulk import BulkExports
from intelligence.disclosure.withholding import WITHHELD
from intelligence.errors import FormRefused, Undecipherable
from intelligence.store.sealing import ILLEGIBLE
from tests.harness.slow import slow_but_first
from tests.intelligence.disclosure.room import OTHER, PHONE, Room, receipt_of
from tests.intelligence.disclosure.test_feedback import inbox, said

NOT_OPENED = "the match cannot be opened here"
OF_FIRST = "(SELECT id FROM disclosure_record WHERE receipt = :first)"
MAP_OF_SECOND = (
    "(SELECT map_id FROM disclosure_match WHERE record_id = "
    "(SELECT id FROM disclosure_record WHERE receipt = :second))"
)
ANOTHERS = f"UPDATE disclosure_match SET map_id = {MAP_OF_SECOND} WHERE record_id = {OF_FIRST}"
WRITTEN_OVER = (
    ANOTHERS,
    f"UPDATE disclosure_match SET digest = (SELECT digest FROM disclosure_map WHERE id = "
    f"{MAP_OF_SECOND}), map_id = {MAP_OF_SECOND} WHERE record_id = {OF_FIRST}",
    f"UPDATE disclosure_match SET booking_region = 'KP' WHERE record_id = {OF_FIRST}",
    f"UPDATE disclosure_match SET bound = NULL WHERE record_id = {OF_FIRST}",
    "UPDATE disclosure_record SET partner = 'zeta' WHERE receipt = :first",
    "UPDATE disclosure_record SET at = 1700000000 WHERE receipt = :first",
)


def _matched(room: Room, *more: bytes) -> None:
    for one in (PHONE, OTHER):
        room.desk.in_force(one)
    room.tell_map(PHONE, OTHER)
    room.tell_records(room.record(1, PHONE), room.record(2, OTHER), *more)
    room.turn()


def _write(room: Room, *statements: str) -> None:
    receipts = {"first": receipt_of(1), "second": receipt_of(2)}
    with room.database.writing() as session:
        for one in statements:
            session.execute(
                text(one), {name: value for name, value in receipts.items() if f":{name}" in one}
            )


@slow_but_first(3, "statement", WRITTEN_OVER)
def test_a_match_that_was_written_over_is_disclosed_to_nobody(room: Room, statement: str) -> None:
    _matched(room)
    _write(room, statement)
    room.turn()
    with pytest.raises(FormRefused, match=NOT_OPENED):
        room.ask(room.anna, 1)
    assert '"event":"matches not read"' in room.services.records()
    assert room.ask(room.anna, 2), "it hides no other"


def test_a_digest_that_the_map_gives_to_another_is_disclosed_to_nobody(room: Room) -> None:
    _matched(room)
    with room.database.reading() as session:
        chosen = text("SELECT digest FROM disclosure_map ORDER BY digest")
        one, other = (bytes(row.digest) for row in session.execute(chosen))
    swaps = ((bytes(16), one), (one, other), (other, bytes(16)))
    with room.database.writing() as session:
        swap = text("UPDATE disclosure_map SET digest = :to WHERE digest = :of")
        for to, of in swaps:
            session.execute(swap, {"to": to, "of": of})
        session.execute(
            text(
                "UPDATE disclosure_match SET map_id = "
                "(SELECT id FROM disclosure_map WHERE digest = disclosure_match.digest)"
            )
        )
    for number in (1, 2):
        with pytest.raises(FormRefused, match=NOT_OPENED):
            room.ask(room.anna, number)


@pytest.mark.slow
def test_of_two_matches_of_a_receipt_the_one_that_holds_is_shown(room: Room) -> None:
    _matched(room, room.record(3, PHONE, OTHER))
    with room.database.writing() as session:
        of_third = "(SELECT id FROM disclosure_record WHERE receipt = :receipt)"
        is_first = f"row = 1 AND record_id = {of_third}"
        changed = f"UPDATE disclosure_match SET booking_region = 'KP' WHERE {is_first}"
        session.execute(text(changed), {"receipt": receipt_of(3)})
    (found,) = room.ask(room.anna, 3)
    assert found.match["receipt"] == f"{receipt_of(3)}.2"
    assert f'"receipt":"{receipt_of(3)}","rows":[1]' in room.services.records()


@pytest.mark.slow
def test_a_selector_that_does_not_open_hides_no_other_match_of_its_receipt(room: Room) -> None:
    _matched(room, room.record(3, PHONE, OTHER))
    _write(
        room,
        f"UPDATE disclosure_map SET canonical = NULL WHERE id = {MAP_OF_SECOND}",
    )
    (found,) = room.ask(room.anna, 3)
    assert found.entries[0]["canonical"] == PHONE


def test_a_match_that_was_written_over_is_a_row_of_an_export_that_says_so(room: Room) -> None:
    _matched(room)
    _write(room, ANOTHERS)
    exports = BulkExports(room.disclosing)
    exports.ask(room.olga.who, [receipt_of(1), receipt_of(2)], "investigation", "K 7/26")
    (asked,) = exports.all(room.olga.who)
    exports.decide(room.anna.who, asked.id, approved=True)
    changed, whole = json.loads(exports.download(room.olga.who, asked.id, as_json=True))
    assert NOT_OPENED in changed["problem"]
    assert (whole["problem"], whole["canonical"]) == (None, OTHER)


def test_no_sighting_is_shown_that_was_written_over(room: Room) -> None:
    _matched(room, room.record(3, PHONE))
    _write(room, "UPDATE disclosure_record SET partner = 'zeta' WHERE receipt = :first")
    (found,) = room.ask(room.anna, 3)
    assert [one["receipt"] for one in found.sightings] == [f"{receipt_of(3)}.1"]


@pytest.mark.slow
def test_no_sighting_is_too_far_from_one_that_was_written_over(room: Room) -> None:
    nearby = [room.record(number, PHONE, booking_region="DE") for number in (3, 4)]
    far = room.record(5, PHONE, booking_region="JP")
    _matched(room, *nearby)
    (found,) = room.ask(room.anna, 3)
    room.following.follow(room.anna.who, found.disclosure_id)
    with room.database.writing() as session:
        of_third = "(SELECT id FROM disclosure_record WHERE receipt = :receipt)"
        changed = f"UPDATE disclosure_match SET booking_region = 'AU' WHERE record_id = {of_third}"
        session.execute(text(changed), {"receipt": receipt_of(3)})
    (found,) = room.ask(room.anna, 4)
    assert not any(one["far_apart"] for one in found.sightings)
    room.tell_records(far)
    room.turn()
    (found,) = room.ask(room.anna, 4)
    assert [one["far_apart"] for one in found.sightings if one["booking_region"]] == [True, True]


def test_nobody_follows_what_they_were_not_shown(room: Room) -> None:
    _matched(room)
    known = [room.ask(room.olga, number)[0].disclosure_id for number in (1, 2)]
    room.following.follow(room.olga.who, known[1])
    another = "SELECT id FROM disclosure_map WHERE id <> disclosure_disclosure.map_id"
    _write(room, f"UPDATE disclosure_disclosure SET map_id = ({another})")
    with pytest.raises(Undecipherable):
        room.following.follow(room.olga.who, known[0])
    (followed,) = room.following.followed(room.olga.who)
    assert followed.record["new_sightings"] is None


def _given_to(room: Room, name: str) -> None:
    """Have what was shown, and is followed, be somebody else's by what the database says."""
    of_account = f"SET account_id = (SELECT id FROM staff_account WHERE name = '{name}')"
    _write(room, f"UPDATE disclosure_disclosure {of_account}")
    _write(room, f"UPDATE disclosure_follow {of_account}")


def test_nobody_is_shown_of_which_case_another_follows_what(room: Room) -> None:
    _matched(room)
    (found,) = room.ask(room.olga, 1)
    room.following.follow(room.olga.who, found.disclosure_id)
    _given_to(room, "anna")
    (followed,) = room.following.followed(room.anna.who)
    assert (followed.record["receipt"], followed.record["case_number"]) == (ILLEGIBLE, ILLEGIBLE)


def test_nobody_is_shown_of_which_case_another_shares_what(room: Room) -> None:
    _matched(room)
    room.ask(room.olga, 1)
    pia = room.authorised("pia", "Prosecutor of Elsewhere")
    room.ask(pia, 1)
    assert room.deconfliction.shared_cases(room.olga.who)
    omar = room.authorised("omar", "Police of Samplia")
    _given_to(room, "omar")
    assert room.deconfliction.shared_cases(omar.who) == []


def test_no_partner_is_told_of_a_match_that_was_written_over(room: Room) -> None:
    _matched(room, room.record(3, PHONE))
    _write(room, "UPDATE disclosure_record SET partner = 'zeta' WHERE receipt = :first")
    room.take_off(PHONE)
    with room.database.reading() as session:
        told = session.execute(text("SELECT partner, receipt FROM disclosure_told_yes")).all()
    assert [tuple(one) for one in told] == [("acme", receipt_of(3))]
    assert '"event":"matches not read"' in room.services.records()


def test_feedback_names_no_selector_of_a_match_that_was_written_over(room: Room) -> None:
    _matched(room)
    room.tell_records(said(1, "false"))
    room.turn()
    _write(room, ANOTHERS)
    (shown,) = inbox(room).waiting(room.desk.cora.who)
    assert shown.record["canonical"] == ILLEGIBLE
    assert inbox(room).of(room.desk.cora.who, room.selector(OTHER)) == []


@slow_but_first(
    3,
    "change",
    [
        *("role = 'trafficker'", "ended_by = 3", "kind = 'email'", "bound = NULL"),
        *("canonical = NULL", "reason = NULL"),
    ],
)
def test_no_column_lifts_that_somebody_is_protected(room: Room, change: str) -> None:
    _matched(room)
    room.desk.in_force(PHONE, role="victim", source="case-9")
    with pytest.raises(FormRefused, match=WITHHELD):
        room.ask(room.anna, 1)
    _write(room, f"UPDATE curation_entry SET {change} WHERE source = 'case-9'")
    with pytest.raises(FormRefused, match=WITHHELD):
        room.ask(room.anna, 1)
    assert '"event":"entries not read"' in room.services.records()
    checked = room.desk.reading.check(room.desk.cora.who, recognise(PHONE))
    assert (checked.stand.is_listed, checked.stand.is_unread) == (False, True)
    unread, _ = checked.entries  # what cannot be read is first
    assert unread["canonical"] == ILLEGIBLE
    assert "role" not in unread
    assert room.ask(room.anna, 2), "it hides no other selector"


def test_a_look_at_what_does_not_open_is_on_record(room: Room) -> None:
    _matched(room)
    _write(room, "UPDATE curation_entry SET reason = canonical")
    with pytest.raises(Undecipherable):
        room.ask(room.anna, 1)
    assert '"event":"receipt not resolved"' in room.services.records()


def test_what_is_said_of_one_is_disclosed_of_no_other(room: Room) -> None:
    _matched(room)
    room.desk.in_force(PHONE, source="case-8", reason="seen beating somebody")
    terms = "SELECT canonical_term FROM curation_entry WHERE canonical_term <> t.canonical_term"
    moved = (
        f"UPDATE curation_entry AS t SET canonical_term = ({terms} LIMIT 1) WHERE source = 'case-8'"
    )
    _write(room, moved)
    (found,) = room.ask(room.anna, 2)
    assert [one["source"] for one in found.entries] == ["case-7"], "its own is shown, and no other"
    assert '"event":"entries not read"' in room.services.records()
    checked = room.desk.reading.check(room.desk.cora.who, recognise(OTHER))
    assert len(checked.entries) == 1
    assert not checked.stand.is_unread
    room.take_off(OTHER)
    with room.database.reading() as session:
        ends = text("SELECT ended_by FROM curation_entry WHERE source = 'case-8'")
        assert session.scalar(ends) is None, "what ends one ends no other"
