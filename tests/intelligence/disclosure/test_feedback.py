"""What partners say of matches, as it comes up the spool, and who is shown it."""

from datetime import UTC, datetime

import msgspec
import pytest

from intelligence.disclosure.feedback import (
    MOST_OF_PARTNER,
    ROWS_OF_A_PAGE,
    FeedbackInbox,
    SaidBy,
    ShownFeedback,
)
from intelligence.disclosure.tables import FeedbackRow
from intelligence.errors import FormRefused, NotPermitted
from intelligence.staff.privileges import Privileges
from intelligence.staff.roles import RecordType, Role, Verb
from screening.disclosure.opening import PrivateHalf
from screening.ledger.accesses import FeedbackGiven
from tests.intelligence.disclosure.room import AT, OTHER, PHONE, Room, receipt_of


def said(number: int, outcome: str, *, at: int = AT + 100, row: int = 1, **others: str) -> bytes:
    of = f"{receipt_of(number)}.{row}"
    told = {"partner": "acme", "api_key": "abcdefghijkl", "mode": "live", **others}
    return msgspec.json.encode(FeedbackGiven(datetime.fromtimestamp(at, UTC), of, outcome, **told))


def inbox(room: Room) -> FeedbackInbox:
    journal = room.services.signing_keys.journal
    return FeedbackInbox(room.database, room.desk.seals, journal, room.services.clock)


def waiting(room: Room) -> list[ShownFeedback]:
    return inbox(room).waiting(room.desk.cora.who)


def outcomes(room: Room) -> list[tuple[object, object]]:
    return [(one.record["receipt"], one.record["outcome"]) for one in waiting(room)]


@pytest.fixture
def matched(room: Room) -> Room:
    """A room in which three answers have matched one selector, and one another."""
    room.desk.in_force(PHONE)
    room.tell_map(PHONE, OTHER)
    room.tell_records(*(room.record(number, PHONE) for number in (1, 2, 3)), room.record(4, OTHER))
    room.turn()
    return room


def test_what_is_false_comes_first_and_leads_to_its_selector(matched: Room) -> None:
    room = matched
    room.tell_records(said(1, "confirmed"), said(2, "unsure"), said(4, "false"), said(3, "false"))
    room.turn()
    assert [outcome for _, outcome in outcomes(room)] == ["false", "false", "unsure", "confirmed"]
    of_phone = [one for one in waiting(room) if one.selector_id is not None]
    assert [one.record["receipt"] for one in of_phone] == [
        f"{receipt_of(number)}.1" for number in (3, 2, 1)
    ]
    spelled = str([dict(one.record) for one in waiting(room)])
    assert PHONE not in spelled
    assert room.selector(PHONE).masked() in spelled
    of_selector = inbox(room).of(room.desk.cora.who, room.selector(PHONE))
    assert [one.record["outcome"] for one in of_selector] == ["false", "unsure", "confirmed"]
    assert inbox(room).counts(room.desk.cora.who) == {"false": 2, "unsure": 1, "confirmed": 1}


def test_what_is_said_of_a_time_to_come_is_left_out_and_counted(matched: Room) -> None:
    """It would be the latest for ever, and nothing would correct it."""
    matched.tell_records(said(1, "false", at=4_000_000_000))
    matched.turn()
    assert outcomes(matched) == []
    assert '"unread":1,"feedback":0' in matched.services.records()
    matched.tell_records(said(1, "confirmed"))
    matched.turn()
    assert outcomes(matched) == [(f"{receipt_of(1)}.1", "confirmed")]


def from_before_logs(room: Room, number: int, outcome: str = "false", log: str = "") -> None:
    """Have feedback here that was told before it was kept of which log it is."""
    with room.database.writing() as session:
        of = {"receipt": receipt_of(number), "row": 1, "partner": "acme"}
        session.add(FeedbackRow(**of, outcome=outcome, at=AT + 50, log=log))


@pytest.mark.slow
def test_what_came_before_logs_were_kept_leads_to_its_selector_and_is_noted(matched: Room) -> None:
    from_before_logs(matched, 1)
    (one,) = waiting(matched)
    assert one.selector_id is not None
    inbox(matched).note(matched.desk.cora.who, one.id)
    assert outcomes(matched) == []
    matched.take_off(PHONE)
    assert matched.counts("feedback") == {"feedback": 0}


@pytest.mark.parametrize("is_told_since", [False, True])
@pytest.mark.slow
def test_what_corrects_it_takes_its_place(matched: Room, is_told_since: bool) -> None:
    from_before_logs(matched, 1)
    if is_told_since:  # by a version that kept both
        from_before_logs(matched, 1, "unsure", log="api-1/journal")
    matched.tell_records(said(1, "confirmed"))
    matched.turn()
    assert outcomes(matched) == [(f"{receipt_of(1)}.1", "confirmed")]
    assert matched.counts("feedback") == {"feedback": 1}


@pytest.mark.slow
def test_another_host_than_that_of_its_match_does_not_correct_it(matched: Room) -> None:
    from_before_logs(matched, 1)
    matched.tell_records(said(1, "confirmed"), log="api-2/journal")
    matched.turn()
    assert (f"{receipt_of(1)}.1", "false") in outcomes(matched)
    (of_selector,) = inbox(matched).of(matched.desk.cora.who, matched.selector(PHONE))
    assert of_selector.record["outcome"] == "false"


@pytest.mark.slow
def test_it_is_listed_once_where_another_host_tells_of_its_receipt(matched: Room) -> None:
    from_before_logs(matched, 1)
    other = PrivateHalf(bytes(range(80, 112))).key
    matched.tell_records(matched.record(1, PHONE, to=other), log="api-2/journal")
    matched.turn()
    assert matched.counts("record") == {"record": 5}
    assert len(waiting(matched)) == 1


@pytest.mark.slow
def test_of_several_on_one_row_the_latest_counts_and_is_to_be_looked_at_again(
    matched: Room,
) -> None:
    room, of = matched, f"{receipt_of(1)}.1"
    room.tell_records(said(1, "confirmed", at=AT + 10))
    room.turn()
    inbox(room).note(room.desk.cora.who, waiting(room)[0].id)
    assert outcomes(room) == []
    room.tell_records(said(1, "confirmed", at=AT + 20), said(1, "unsure", at=AT + 5))
    room.turn()
    assert outcomes(room) == [], "it says nothing new, or is older"
    room.tell_records(said(1, "false", at=AT + 30))
    room.turn()
    assert outcomes(room) == [(of, "false")]
    room.tell_records(said(1, "false", at=AT + 30))
    room.turn()
    assert room.counts("feedback") == {"feedback": 1}


def test_feedback_that_comes_before_its_match_is_of_it_once_that_is_there(room: Room) -> None:
    room.desk.in_force(PHONE)
    room.tell_records(said(1, "false"))
    room.turn()
    assert waiting(room)[0].selector_id is None
    room.tell_map(PHONE)
    room.tell_records(room.record(1, PHONE))
    room.turn()
    assert waiting(room)[0].selector_id is not None


def test_what_is_no_feedback_of_a_partner_is_passed_over(matched: Room) -> None:
    room = matched
    room.tell_records(
        said(1, "false", mode="test"),
        said(1, "perhaps"),
        said(1, "false", partner="p" * 65),
        said(1, "false").replace(b".1", b".01"),
    )
    room.turn()
    assert outcomes(room) == []


def test_feedback_of_another_partner_is_not_of_the_match(matched: Room) -> None:
    room = matched
    room.tell_records(said(1, "false", partner="zeta"))
    room.turn()
    assert [one.selector_id for one in waiting(room)] == [None]
    assert inbox(room).of(room.desk.cora.who, room.selector(PHONE)) == []


@pytest.mark.slow
def test_what_another_host_says_of_a_match_is_not_of_it_and_changes_nothing(
    matched: Room,
) -> None:
    room, cora = matched, matched.desk.cora.who
    room.tell_records(said(1, "false", at=AT + 200), log="api-2/journal")
    room.tell_records(said(1, "confirmed"))
    room.turn()
    assert [(one.record["outcome"], one.selector_id is None) for one in waiting(room)] == [
        ("false", True),
        ("confirmed", False),
    ]
    said_of_it = inbox(room).of(cora, room.selector(PHONE))
    assert [one.record["outcome"] for one in said_of_it] == ["confirmed"]
    room.take_off(PHONE)
    assert [one.record["outcome"] for one in waiting(room)] == ["false"]


def test_of_a_match_that_two_logs_tell_of_feedback_names_no_selector(matched: Room) -> None:
    room = matched
    room.tell_records(room.record(1, OTHER), log="api-2/journal")
    room.tell_records(said(1, "false"))
    room.tell_records(said(1, "unsure"), log="api-2/journal")
    room.turn()
    assert [one.selector_id for one in waiting(room)] == [None, None]


@pytest.mark.slow
def test_a_partner_that_says_much_hides_nobody_and_how_much_is_left_out_is_said(
    matched: Room,
) -> None:
    room, more = matched, 7
    flood = [said(1, "false", row=row) for row in range(1, MOST_OF_PARTNER + more + 1)]
    room.tell_records(*flood)
    room.tell_records(said(5, "unsure", partner="zeta"))
    room.turn()
    shown = [one.record["partner"] for one in waiting(room)]
    assert (shown.count("acme"), shown.count("zeta")) == (MOST_OF_PARTNER, 1)
    flooded = SaidBy("acme", MOST_OF_PARTNER + more, MOST_OF_PARTNER + more)
    assert inbox(room).by_partner(room.desk.cora.who) == [flooded, SaidBy("zeta", 1, 0)]
    assert len(inbox(room).waiting(room.desk.cora.who, partner="acme")) == flooded.many
    inbox(room).note(room.desk.cora.who, waiting(room)[0].id)
    assert len(waiting(room)) == MOST_OF_PARTNER + 1
    assert inbox(room).by_partner(room.desk.cora.who)[0].many == flooded.many - 1


@pytest.mark.slow
def test_what_several_say_takes_turns_goes_on_page_by_page_and_none_of_it_is_lost(
    matched: Room,
) -> None:
    room, cora = matched, matched.desk.cora.who
    partners = ("beta", "gamma", "delta", "epsilon")
    for partner in partners:
        flood = [said(6, "false", row=row, partner=partner, at=AT + 1) for row in range(1, 61)]
        room.tell_records(*flood, log=f"{partner}/journal")
    room.tell_records(said(1, "false", at=AT + 500))
    room.turn()
    pages = [inbox(room).waiting(cora, page=page) for page in (1, 2, 3, 4)]
    assert [len(one) for one in pages] == [ROWS_OF_A_PAGE, ROWS_OF_A_PAGE, 1, 0]
    assert pages[0][0].selector_id is not None, "of a match that is known, though said last"
    assert {one.record["partner"] for one in pages[0][1:5]} == set(partners)
    shown = {one.id for one in pages[0]}
    assert shown.isdisjoint(one.id for one in pages[1])
    everything = {
        one.id for partner in partners for one in inbox(room).waiting(cora, partner=partner)
    }
    assert len(everything) == 240
    inbox(room).note_all(cora, [one.id for one in pages[0]])
    inbox(room).note_all(cora, [one.id for one in pages[0]])
    assert sum(one.many for one in inbox(room).by_partner(cora)) == 241 - ROWS_OF_A_PAGE
    assert room.services.records().count('"feedback looked at"') == ROWS_OF_A_PAGE


def test_a_retraction_deletes_what_was_said_of_its_sightings(matched: Room) -> None:
    room = matched
    room.tell_records(said(1, "false"), said(4, "unsure"))
    room.turn()
    room.take_off(PHONE)
    assert outcomes(room) == [(f"{receipt_of(4)}.1", "unsure")]


def test_feedback_is_looked_at_once_and_that_is_on_record(matched: Room) -> None:
    room = matched
    room.tell_records(said(1, "false"))
    room.turn()
    (one,) = waiting(room)
    inbox(room).note(room.desk.cora.who, one.id)
    with pytest.raises(FormRefused, match="already"):
        inbox(room).note(room.desk.abel.who, one.id)
    assert '"feedback looked at"' in room.services.records()


@pytest.mark.parametrize("role", Role)
def test_a_role_is_shown_of_feedback_what_it_may_read(matched: Room, role: Role) -> None:
    room = matched
    room.tell_records(said(1, "false"))
    room.turn()
    readable = Privileges(frozenset((role,))).fields(Verb.READ, RecordType.FEEDBACK)
    if role is Role.AUTHORISED_USER:
        who = room.olga.who
    else:
        who = room.services.colleague(room.desk.ada, "somebody", role).who
    if not readable:
        with pytest.raises(NotPermitted):
            inbox(room).waiting(who)
        return
    (one,) = inbox(room).waiting(who)
    assert one.record.keys() == readable
    assert (one.selector_id is not None) == ("canonical" in readable)
