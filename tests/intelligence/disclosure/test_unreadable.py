"""What does not open in the database hides none of the others, and is shown as what it is."""

from sqlalchemy import select, update

from intelligence.curation.tables import ChangeRow, EntryRow
from intelligence.disclosure.feedback import FeedbackInbox
from intelligence.disclosure.tables import DisclosureRow, MapRow, MatchRow
from intelligence.store.sealing import ILLEGIBLE
from tests.intelligence.disclosure.room import OTHER, PHONE, Room
from tests.intelligence.disclosure.test_feedback import inbox, said


def _damage(room: Room, canonical: str, to: bytes | None = bytes(60)) -> None:
    """Change what the map holds of a selector."""
    with room.database.writing() as session:
        terms = room.desk.seals.terms(MapRow, room.selector(canonical))
        changed = update(MapRow).where(MapRow.canonical_term.in_(terms))
        session.execute(changed.values(canonical=to))


def _matched(room: Room) -> None:
    room.desk.in_force(PHONE)
    room.desk.in_force(OTHER)
    room.tell_map(PHONE, OTHER)
    room.tell_records(room.record(1, PHONE), room.record(2, OTHER))
    room.turn()


def test_feedback_on_what_does_not_open_is_listed_with_the_others(room: Room) -> None:
    _matched(room)
    room.tell_records(said(1, "false"), said(2, "false"))
    room.turn()
    _damage(room, PHONE)
    opened: FeedbackInbox = inbox(room)
    shown = {str(one.record["canonical"]) for one in opened.waiting(room.desk.cora.who)}
    assert shown == {ILLEGIBLE, room.selector(OTHER).masked()}


def test_what_one_follows_is_listed_where_one_of_it_does_not_open(room: Room) -> None:
    _matched(room)
    for number in (1, 2):
        (found,) = room.ask(room.anna, number)
        room.following.follow(room.anna.who, found.disclosure_id)
    room.tell_records(room.record(3, PHONE), room.record(4, OTHER))
    room.turn()
    _damage(room, PHONE)
    followed = room.following.followed(room.anna.who)
    assert {one.record["new_sightings"] for one in followed} == {None, 1}


def test_shared_cases_are_told_where_a_number_or_a_selector_does_not_open(room: Room) -> None:
    _matched(room)
    room.ask(room.olga, 1)
    room.ask(room.olga, 2, case_number="K 8/26")
    for number in (1, 2):
        room.ask(room.authorised(f"omar{number}", "Police of Samplia"), number)
    _damage(room, PHONE)
    with room.database.writing() as session:
        session.execute(update(DisclosureRow).values(case_number=bytes(60)))
    cases = room.deconfliction.shared_cases(room.olga.who)
    assert [one.case_number for one in cases] == [ILLEGIBLE, ILLEGIBLE]


def test_a_check_shows_what_a_damaged_entry_says_beside_its_selector(room: Room) -> None:
    room.desk.in_force(PHONE)
    room.desk.in_force(PHONE, source="case-8")
    with room.database.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE curation_entry SET canonical = reason WHERE source = 'case-8'"
        )
    checked = room.desk.reading.check(room.desk.cora.who, room.selector(PHONE))
    assert [one["canonical"] for one in checked.entries] == [
        ILLEGIBLE,
        room.selector(PHONE).masked(),
    ]


def test_a_retraction_that_does_not_open_holds_up_no_acknowledgement(room: Room) -> None:
    _matched(room)
    retracted = room.desk.retracted(PHONE)
    room.turn()
    later = room.desk.retracted(OTHER)
    with room.database.writing() as session:
        is_of = ChangeRow.change_set_id == retracted
        session.execute(update(ChangeRow).where(is_of).values(canonical=bytes(60)))
    for change_id in (retracted, later):
        sequence = room.desk.row(change_id).export_sequence
        assert sequence is not None
        room.desk.indexer.apply(sequence)
        room.turn()
        assert room.desk.row(change_id).state == "applied"
    assert '"event":"sightings not forgotten"' in room.services.records()
    assert room.counts("match") == {"match": 1}, "of what opens the sightings are gone"


def test_an_entry_that_does_not_open_holds_up_no_acknowledgement(room: Room) -> None:
    protected = room.desk.approved(PHONE, role="victim")
    room.turn()
    with room.database.writing() as session:
        session.execute(update(EntryRow).values(canonical=bytes(60)))
    room.desk.indexer.apply(1)
    room.turn()
    assert room.desk.row(protected).state == "applied"
    assert '"event":"sightings not forgotten","sequence":1,"rows":1' in room.services.records()


def test_a_row_of_the_map_that_does_not_open_loses_none_of_the_other_matches(room: Room) -> None:
    room.tell_map(PHONE, OTHER)
    room.turn()
    with room.database.reading() as session:
        terms = room.desk.seals.terms(MapRow, room.selector(PHONE))
        whole = session.scalar(select(MapRow.canonical).where(MapRow.canonical_term.in_(terms)))
    _damage(room, PHONE)
    room.tell_records(room.record(1, PHONE, OTHER), room.record(2, PHONE))
    room.turn()
    assert states(room) == ["sighting", "waiting", "waiting"]
    assert "evidence not taken up" not in room.services.records()
    assert '"event":"matches not taken up","selectors":1' in room.services.records()
    _damage(room, PHONE, whole)
    room.tell_records(room.record(3, OTHER))
    room.turn()
    assert states(room) == ["sighting"] * 4, "once it opens, nothing of it is lost"


def states(room: Room) -> list[str]:
    with room.database.reading() as session:
        return sorted(session.scalars(select(MatchRow.state)))
