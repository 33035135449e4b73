"""What hands take off at the indexer is off here, too: no sightings, and partners may hear."""

from collections.abc import Collection
from datetime import UTC, datetime
from weakref import WeakSet

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from intelligence.curation.by_hand import ByHand
from intelligence.curation.recognising import recognise
from intelligence.curation.safety_lists import taken_off_of
from intelligence.curation.standing import Stand
from intelligence.curation.tables import SafetyListsRow
from intelligence.disclosure.forgetting import TakenOffBy
from intelligence.disclosure.tables import MatchRow, ToldYesRow
from intelligence.errors import FormRefused, NotPermitted
from intelligence.partners.notices import Notices
from screening.spools.exclusions_told import ExclusionsTold, ToldTakenOff
from screening.spools.order import Notify, PartnerOrder, parse_signed
from screening.spools.partners_told import PartnersTold
from tests.intelligence.disclosure.room import OTHER, PHONE, Room
from tests.intelligence.partners.office import told
from tests.intelligence.staff.services import PASSWORD

AT = 1_789_999_940
THIRD = "+12025550144"
MANY = 2_500


def by_hand(room: Room, *canonicals: str, at: int = AT, left_out: int = 0) -> None:
    """Have the indexer tell whom hands have taken off: these, and of others none, or how many."""
    moment = datetime.fromtimestamp(at, UTC)
    of = sorted(ToldTakenOff("phone", one, moment) for one in canonicals)
    room.desk.indexer.write(
        lambda head: ExclusionsTold("screening-exclusions/2", *head, [], [], of, left_out)
    )
    room.turn()


def matched(room: Room) -> None:
    for one in (PHONE, OTHER):
        room.desk.in_force(one)
    room.tell_map(PHONE, OTHER)
    room.tell_records(room.record(1, PHONE), room.record(2, OTHER), room.record(3, PHONE))
    room.turn()


def stand(room: Room, of: str = PHONE) -> Stand:
    return room.desk.reading.check(room.desk.cora.who, recognise(of)).stand


def due(room: Room) -> dict[TakenOffBy, list[object]]:
    found = Notices(room.desk.orders).due(room.desk.cora.who)
    return {by: [one.record["matches"] for one in those] for by, those in found.items()}


def events(room: Room, name: str) -> list[str]:
    return [one for one in room.services.records().splitlines() if f'"{name}"' in one]


def latest(room: Room) -> tuple[int, int | None, int] | None:
    counts = room.desk.overview.counts(room.desk.cora.who)
    assert counts is not None
    return counts.by_hand


def told_yes(session: Session) -> Collection[ToldYesRow]:
    return session.scalars(select(ToldYesRow)).all()


def test_whom_hands_take_off_is_not_shown_as_listed_and_its_sightings_go(room: Room) -> None:
    matched(room)
    assert stand(room).is_listed
    room.ask(room.olga, 1)
    by_hand(room, PHONE)
    found = stand(room)
    assert (found.is_listed, found.is_retracted, found.taken_off_at) == (False, False, AT)
    assert stand(room, OTHER).is_listed
    with pytest.raises(FormRefused, match="no match of this receipt"):
        room.ask(room.olga, 1)
    assert room.counts("match", "record") == {"match": 1, "record": 1}
    assert due(room) == {TakenOffBy(None, AT): [2]}
    (event,) = events(room, "taken off by hand")
    assert '"taken_off_at":"2026-09-21T14:12:20Z"' in event
    assert PHONE not in room.services.records()


@pytest.mark.slow
def test_its_entries_stand_so_that_what_leaves_next_is_reckoned_from_them(room: Room) -> None:
    matched(room)
    by_hand(room, PHONE)
    number = len(room.desk.indexer.down.sequences())
    assert room.desk.indexer.export(number).result.statements == 2
    room.desk.in_force(THIRD)
    assert room.desk.indexer.export(number + 1).result.statements == 3, "or it would be drifted"
    room.take_off(PHONE)
    assert room.desk.indexer.export(number + 2).result.statements == 2
    by_hand(room)
    found = stand(room)
    assert (found.is_retracted, found.taken_off_at, found.is_leaving) == (True, None, False)
    assert due(room) == {TakenOffBy(None, AT): [2]}, "nothing is told twice"


@pytest.mark.slow
def test_a_retraction_here_is_not_refused_as_done_and_a_new_entry_is(room: Room) -> None:
    matched(room)
    by_hand(room, PHONE)
    with pytest.raises(FormRefused, match="taken off by hand at the indexer"):
        room.desk.in_force(PHONE, source="case-9")
    room.take_off(PHONE)


def test_what_was_approved_before_comes_back_in_place_of_being_refused(room: Room) -> None:
    matched(room)
    change_id = room.desk.approved(PHONE, source="case-9")
    by_hand(room, PHONE)
    assert room.desk.row(change_id).state == "refused"
    assert "change kept back" in room.services.records()


@pytest.mark.slow
def test_once_taken_off_and_allowed_here_it_may_be_listed_before_the_next_telling(
    room: Room,
) -> None:
    matched(room)
    by_hand(room, PHONE)
    room.take_off(PHONE)
    found = stand(room)
    assert (found.is_retracted, found.taken_off_at) == (True, None)
    again = room.desk.changes.draft(
        room.desk.cora.who, room.desk.lift(PHONE), room.desk.addition(PHONE)
    )
    room.desk.changes.submit(room.desk.cora.who, again, PASSWORD)
    room.desk.changes.approve(room.desk.abel.who, again, PASSWORD)
    room.turn()
    sequence = room.desk.row(again).export_sequence
    assert sequence is not None
    room.desk.indexer.apply(sequence)
    room.turn()
    room.desk.in_force(PHONE, source="case-9")
    assert stand(room).is_listed
    room.tell_records(room.record(6, PHONE))
    room.turn()
    assert room.ask(room.olga, 6), "it is a match of what is listed"


def test_what_is_heard_later_of_its_matches_is_forgotten_as_well(room: Room) -> None:
    matched(room)
    by_hand(room, PHONE)
    room.tell_records(room.record(4, PHONE))
    room.turn()
    assert room.counts("match") == {"match": 1}
    assert due(room) == {TakenOffBy(None, AT): [3]}


def test_told_again_it_is_forgotten_once_and_lifted_it_is_listed_again(room: Room) -> None:
    matched(room)
    by_hand(room, PHONE)
    by_hand(room, PHONE)
    assert len(events(room, "taken off by hand")) == 1
    by_hand(room)
    assert stand(room).is_listed
    (event,) = events(room, "taken off by hand no more")
    assert '"taken_off_at":"2026-09-21T14:12:20Z"' in event
    assert due(room) == {TakenOffBy(None, AT): [2]}, "who was told so may have to hear of it still"
    room.tell_records(room.record(5, PHONE))
    room.turn()
    assert room.ask(room.olga, 5), "a match of after is one again"


def test_partners_hear_of_each_retraction_by_hand_once_a_person_says_so(room: Room) -> None:
    matched(room)
    room.desk.indexer.write(
        lambda head: PartnersTold("screening-partners/2", *head, [told("acme")])
    )
    by_hand(room, PHONE)
    later = ToldTakenOff("phone", OTHER, datetime.fromtimestamp(AT + 9, UTC))
    first = ToldTakenOff("phone", PHONE, datetime.fromtimestamp(AT, UTC))
    both = sorted((first, later))
    room.desk.indexer.write(
        lambda head: ExclusionsTold("screening-exclusions/2", *head, [], [], both)
    )
    room.turn()
    assert due(room) == {TakenOffBy(None, AT): [2], TakenOffBy(None, AT + 9): [1]}
    notices = Notices(room.desk.orders)
    assert notices.count_due(room.desk.cora.who) == 2
    notices.dismiss(room.desk.cora.who, TakenOffBy(None, AT + 9))
    notices.give(room.desk.cora.who, TakenOffBy(None, AT), "somebody else's", PASSWORD)
    assert due(room) == {}
    room.turn()
    export = room.desk.indexer.export(room.desk.indexer.down.sequences()[-1])
    (signed,) = (parse_signed(one.batch) for one in export.batches)
    assert isinstance(signed, PartnerOrder)
    assert isinstance(signed.order, Notify)
    assert len(signed.order.rows) == 2


def test_of_which_retraction_it_is_nobody_changes_unseen(room: Room) -> None:
    matched(room)
    by_hand(room, PHONE)
    for changed in (AT + 1, None):
        with room.database.writing() as session:
            session.execute(update(ToldYesRow).values(by_hand_at=changed))
            session.expire_all()
            held = [room.desk.seals.holds(row) for row in told_yes(session)]
            assert held == [False, False]


@pytest.mark.parametrize("changed", [bytes(60), None])
def test_where_what_was_told_does_not_open_nothing_is_disclosed_and_the_next_says_all(
    room: Room, changed: bytes | None
) -> None:
    matched(room)
    with room.database.writing() as session:
        session.add(SafetyListsRow(told=changed, told_at=AT))
    with pytest.raises(FormRefused):
        room.ask(room.olga, 1)
    by_hand(room, PHONE)
    assert stand(room).taken_off_at == AT
    assert room.counts("match") == {"match": 1}


@pytest.mark.slow
def test_those_who_keep_the_list_see_each_masked_with_its_time(room: Room) -> None:
    matched(room)
    found = ByHand(room.database, room.desk.seals, room.services.clock)
    cora = room.desk.cora.who
    assert latest(room) is None
    by_hand(room, PHONE, OTHER)
    assert latest(room) == (2, AT, 0)
    room.desk.retracted(OTHER)
    rows = found.all(cora).rows
    assert [(one.at, one.is_decided) for one in rows] == [(AT, False), (AT, True)]
    assert not any(PHONE in str(one) for one in rows)
    with pytest.raises(NotPermitted):
        found.all(room.olga.who)


@pytest.mark.slow
def test_who_was_taken_off_here_as_well_is_on_neither_page_before_the_next_telling(
    room: Room,
) -> None:
    matched(room)
    by_hand(room, PHONE, OTHER)
    room.take_off(PHONE)
    (row,) = (
        ByHand(room.database, room.desk.seals, room.services.clock).all(room.desk.cora.who).rows
    )
    assert row.record["canonical"] == room.selector(OTHER).masked()
    assert latest(room) == (1, AT, 0)
    room.take_off(OTHER)
    assert latest(room) is None


def test_however_many_hands_take_off_they_are_looked_up_together(room: Room) -> None:
    many = [f"+1202555{number:04}" for number in range(150)]
    by_hand(room, *many)
    asked = list[object]()

    def note(*said: object) -> None:
        asked.append(said)

    with room.database.reading() as session:
        event.listen(room.database.engine, "before_cursor_execute", note)
        found = taken_off_of(session, room.desk.seals, map(room.selector, many))
        event.remove(room.database.engine, "before_cursor_execute", note)
    assert set(found) == set(map(room.selector, many))
    assert len(asked) <= 3


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite"])
def test_however_many_matches_there_are_few_are_kept_in_memory(room: Room) -> None:
    room.desk.in_force(PHONE)
    room.tell_map(PHONE)
    for first in range(1, MANY, 500):
        room.tell_records(*(room.record(number, PHONE) for number in range(first, first + 500)))
    room.turn()
    alive, most = WeakSet[MatchRow](), [0]

    def loaded(row: MatchRow, _context: object) -> None:
        alive.add(row)
        most[0] = max(most[0], len(alive))

    event.listen(MatchRow, "load", loaded)
    by_hand(room, PHONE)
    event.remove(MatchRow, "load", loaded)
    assert due(room) == {TakenOffBy(None, AT): [MANY]}
    assert room.counts("match") == {"match": 0}
    assert 0 < most[0] <= MANY / 2
