"""Somebody thinks that they are listed: who records it is told nothing, who reviews it sees all."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import delete, event

from intelligence.challenges.recording import (
    ANSWER,
    CHALLENGES_KEPT_S,
    DUE_S,
    MOST_SELECTORS,
    challenged,
    ground_of,
    reference_of,
)
from intelligence.challenges.reviewing import Finding
from intelligence.challenges.tables import ChallengedRow, ChallengeRow, Conclusion
from intelligence.curation.purposes import Purpose
from intelligence.curation.recognising import recognise
from intelligence.errors import FormRefused, NotPermitted, NotThere
from intelligence.staff.privileges import Privileges
from intelligence.staff.roles import RecordType, Role, Verb
from tests.intelligence.challenges.letters import (
    LISTED,
    UNLISTED,
    conclude,
    recorded,
    selectors_of,
    told,
)
from tests.intelligence.curation.desk import Desk
from tests.intelligence.staff.services import PASSWORD, Person

ROOT = Path(__file__).parents[3]


@contextmanager
def statements(desk: Desk) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    asked: list[str] = []

    def listen(*of: object) -> None:
        asked.append(str(of[2]))

    event.listen(desk.database.engine, "before_cursor_execute", listen)
    try:
        yield asked
    finally:
        event.remove(desk.database.engine, "before_cursor_execute", listen)


def test_recording_asks_the_same_and_tells_the_same_whether_it_is_listed_or_not(
    desk: Desk, pam: Person
) -> None:
    desk.in_force(LISTED)
    asked, shown = [], []
    for value in (LISTED, UNLISTED):
        with statements(desk) as of_one:
            challenge_id = recorded(desk, pam, value)
            (seen,) = (one for one in told(desk, pam) if one.id == challenge_id)
        asked.append(of_one)
        shown.append((seen.reference, seen.recorded_at, seen.due_at, seen.is_answerable))
        with desk.database.writing() as session:  # the next one is the only letter, too
            session.execute(delete(ChallengedRow))
            session.execute(delete(ChallengeRow))
    assert asked[0] == asked[1]
    assert asked[0]
    assert not [one for one in asked[0] if "curation_" in one]
    assert shown[0] == shown[1]


@pytest.mark.parametrize("conclusion", Conclusion)
def test_what_was_found_changes_nothing_of_what_the_recorder_is_told_or_when(
    desk: Desk, pam: Person, conclusion: Conclusion
) -> None:
    desk.in_force(LISTED)
    challenge_id = recorded(desk, pam, LISTED)
    before = told(desk, pam)
    conclude(desk, challenge_id, conclusion)
    assert told(desk, pam) == before
    assert desk.challenges.count_answerable(pam.who) == 0
    with pytest.raises(FormRefused, match="wait for its day"):
        desk.challenges.answered(pam.who, challenge_id)
    desk.clock.move(DUE_S)
    (one,) = desk.challenges.own(pam.who)
    assert one.is_answerable
    assert desk.challenges.count_answerable(pam.who) == 1
    desk.challenges.answered(pam.who, challenge_id)
    assert told(desk, pam) == []


def test_what_nobody_has_reviewed_is_not_answered_and_is_overdue(desk: Desk, pam: Person) -> None:
    challenge_id = recorded(desk, pam, UNLISTED)
    counts = desk.reviewing.counts(desk.abel.who)
    assert counts is not None
    assert (counts.open, counts.overdue) == (1, 0)
    desk.clock.move(DUE_S)
    counts = desk.reviewing.counts(desk.abel.who)
    assert counts is not None
    assert (counts.open, counts.overdue) == (1, 1)
    (waiting,) = desk.reviewing.open(desk.abel.who)
    assert waiting.is_overdue
    assert not told(desk, pam)[0].is_answerable
    with pytest.raises(FormRefused, match="wait"):
        desk.challenges.answered(pam.who, challenge_id)


def test_a_retraction_takes_it_off_at_once_and_is_reviewed_as_others_are(
    desk: Desk, pam: Person
) -> None:
    desk.in_force(LISTED)
    challenge_id = recorded(desk, pam, LISTED)
    ((_, one),) = selectors_of(desk, challenge_id).items()
    assert one.record["listing"].is_listed  # type: ignore[attr-defined]  # a `Stand`
    conclude(desk, challenge_id, Conclusion.RETRACT)
    ((_, one),) = selectors_of(desk, challenge_id).items()
    assert one.change_id is not None
    change = desk.row(one.change_id)
    assert (change.state, change.author_id) == ("approved", desk.bo.who.account_id)
    assert change.review_due_at is not None
    desk.exchange.take_turn()
    assert desk.indexer.export(2).batches
    assert desk.reading.check(desk.cora.who, recognise(LISTED)).stand.is_retracted
    assert desk.reviewing.open(desk.abel.who) == []


def test_listed_and_unlisted_go_through_the_same_steps(desk: Desk, pam: Person) -> None:
    desk.in_force(LISTED)
    challenge_id = recorded(desk, pam, LISTED, UNLISTED)
    before = [one.record.keys() for one in selectors_of(desk, challenge_id).values()]
    assert before[0] == before[1]
    for conclusion in (Conclusion.KEEP, Conclusion.NOTHING, Conclusion.RETRACT):
        of_both = recorded(desk, pam, LISTED, UNLISTED)
        conclude(desk, of_both, conclusion)
        assert {one.record["conclusion"] for one in selectors_of(desk, of_both).values()} == {
            conclusion.value
        }


def test_nobody_reviews_what_they_have_recorded(desk: Desk) -> None:
    challenge_id = recorded(desk, desk.bo, LISTED)
    ((_, one),) = selectors_of(desk, challenge_id).items()
    for ask in (
        lambda: desk.reviewing.one(desk.bo.who, challenge_id),
        lambda: desk.reviewing.revealed(desk.bo.who, challenge_id, Purpose("review", None)),
        lambda: desk.reviewing.conclude(
            desk.bo.who, challenge_id, Finding(one.id, Conclusion.KEEP, "mine"), PASSWORD
        ),
    ):
        with pytest.raises(FormRefused, match="nobody reviews"):
            ask()


def test_a_selector_is_concluded_once_and_with_its_own_challenge(desk: Desk, pam: Person) -> None:
    first, second = recorded(desk, pam, LISTED), recorded(desk, pam, UNLISTED)
    ((_, one),) = selectors_of(desk, first).items()
    finding = Finding(one.id, Conclusion.NOTHING, "what we found")
    with pytest.raises(NotThere):
        desk.reviewing.conclude(desk.abel.who, second, finding, PASSWORD)
    with pytest.raises(FormRefused, match="password"):
        desk.reviewing.conclude(desk.abel.who, first, finding, "not it")
    with pytest.raises(FormRefused, match="reason is missing"):
        desk.reviewing.conclude(
            desk.abel.who, first, Finding(one.id, Conclusion.KEEP, None), PASSWORD
        )
    desk.reviewing.conclude(desk.abel.who, first, finding, PASSWORD)
    with pytest.raises(FormRefused, match="already"):
        desk.reviewing.conclude(desk.cora.who, first, finding, PASSWORD)


def test_who_takes_letters_sees_nothing_of_the_review(desk: Desk, pam: Person) -> None:
    challenge_id = recorded(desk, pam, LISTED)
    assert desk.reviewing.counts(pam.who) is None
    other = desk.services.colleague(desk.ada, "per", Role.PARTNER_MANAGER)
    for who in (pam, other):
        with pytest.raises(NotPermitted):
            desk.reviewing.one(who.who, challenge_id)
    assert told(desk, other) == []
    with pytest.raises(NotThere):
        desk.challenges.answered(other.who, challenge_id)


@pytest.mark.parametrize("role", [Role.ANALYST, Role.AUDITOR, Role.ADMINISTRATOR])
def test_others_record_none(desk: Desk, role: Role) -> None:
    somebody = desk.services.colleague(desk.ada, "somebody", role)
    with pytest.raises(NotPermitted):
        recorded(desk, somebody, LISTED)


def test_authorised_users_reach_nothing_of_it() -> None:
    privileges = Privileges(frozenset((Role.AUTHORISED_USER,)))
    assert not any(privileges.may(verb, RecordType.CHALLENGE) for verb in Verb)


def test_an_auditor_sees_that_there_are_challenges_and_not_of_whom(desk: Desk, pam: Person) -> None:
    recorded(desk, pam, LISTED)
    auditor = desk.services.colleague(desk.ada, "una", Role.AUDITOR)
    (one,) = desk.reviewing.open(auditor.who)
    assert one.record.keys() == {"recorded_by", "recorded_at", "due_at", "state"}


def test_selectors_are_masked_until_they_are_revealed_on_record(desk: Desk, pam: Person) -> None:
    challenge_id = recorded(desk, pam, LISTED)
    assert selectors_of(desk, challenge_id).keys() == {"+12*******42"}
    why = Purpose("request", "L 7/26")
    (one,) = desk.reviewing.revealed(desk.abel.who, challenge_id, why).selectors
    assert one.record["canonical"] == "+12025550142"
    conclude(desk, challenge_id, Conclusion.KEEP)
    records = desk.services.records()
    for done in ("recorded", "looked at", "revealed", "concluded"):
        assert f'"challenge {done}"' in records
    assert "2025550142" not in records
    stored = (desk.spools.parent / "intelligence.sqlite-wal").read_bytes()
    stored += (desk.spools.parent / "intelligence.sqlite").read_bytes()
    for secret in (b"2025550142", b"L 7/26", b"shop", b"what we found"):
        assert secret not in stored


def test_what_was_answered_is_forgotten_after_its_time(desk: Desk, pam: Person) -> None:
    challenge_id = recorded(desk, pam, LISTED)
    conclude(desk, challenge_id, Conclusion.NOTHING)
    desk.clock.move(DUE_S)
    desk.challenges.answered(pam.who, challenge_id)
    desk.challenges.forget_answered()
    assert selectors_of(desk, challenge_id)
    desk.clock.move(CHALLENGES_KEPT_S)
    desk.challenges.forget_answered()
    with pytest.raises(NotThere):
        selectors_of(desk, challenge_id)
    assert '"challenge forgotten"' in desk.services.records()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "missing"),
        ("\n".join(["+1 202 555 0142"] * (MOST_SELECTORS + 1)), "more than"),
        ("+1 202 555 0142\n\na person", "line 3: this is no phone, card or e-mail"),
        ("+1 202 555 0142\n020 7946 0958", "line 2: .*country"),
    ],
)
def test_what_names_no_selectors_is_refused(text: str, why: str) -> None:
    with pytest.raises(FormRefused, match=why):
        challenged(text, None)


def test_selectors_are_read_one_on_each_line_and_each_once() -> None:
    found = challenged("+1 202 555 0142\n\nJo@Lodge.example\n(202) 555-0142", "US")
    assert [one.text for one in found] == ["+12025550142", "jo@lodge.example"]


def test_a_reference_and_a_ground_are_given_and_the_reference_is_no_selector() -> None:
    for asked in (reference_of, ground_of):
        with pytest.raises(FormRefused, match="missing"):
            asked(None)
    with pytest.raises(FormRefused, match="looks like a phone"):
        reference_of("+1 202 555 0142")


def test_the_answer_in_the_hand_book_is_the_one_that_the_console_gives() -> None:
    page = " ".join((ROOT / "docs/governance.md").read_text().replace("> ", "").split())
    assert ANSWER in page
