"""Somebody thinks that they are listed: who records it is told nothing, who reviews it sees all."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import event, update

from intelligence.challenges.recording import (
    ANSWER,
    DUE_S,
    KEPT_S,
    MOST_SELECTORS,
    Recorded,
    challenged,
    ground_of,
    reference_of,
)
from intelligence.challenges.reviewing import Finding
from intelligence.challenges.shown import Challenged
from intelligence.challenges.tables import ChallengedRow, Conclusion
from intelligence.curation.guard import Limits
from intelligence.curation.purposes import Purpose
from intelligence.curation.recognising import recognise
from intelligence.curation.sealing import UNREADABLE
from intelligence.errors import FormRefused, NotPermitted, NotThere
from intelligence.staff.privileges import Privileges
from intelligence.staff.roles import RecordType, Role, Verb
from tests.intelligence.curation.desk import Desk
from tests.intelligence.staff.services import PASSWORD, Person

LISTED, UNLISTED = "+1 202 555 0142", "+1 202 555 0177"
ROOT = Path(__file__).parents[3]


@pytest.fixture
def pam(desk: Desk) -> Person:
    """Somebody who takes letters, and sees nothing of the list."""
    return desk.services.colleague(desk.ada, "pam", Role.PARTNER_MANAGER)


def recorded(desk: Desk, by: Person, *values: str) -> UUID:
    selectors = [recognise(one) for one in values]
    return desk.challenges.record(by.who, selectors, "L 7/26", "it is their own shop's number")


def selectors_of(desk: Desk, challenge_id: UUID, by: Person | None = None) -> dict[str, Challenged]:
    """Return the selectors of a challenge, by how they are spelled when they are masked."""
    shown = desk.reviewing.one((by or desk.abel).who, challenge_id)
    return {str(one.record["canonical"]): one for one in shown.selectors}


def conclude(
    desk: Desk, challenge_id: UUID, conclusion: Conclusion, *, by: Person | None = None
) -> None:
    reviewer = by or desk.bo  # who has listed nothing here
    for one in selectors_of(desk, challenge_id, reviewer).values():
        finding = Finding(one.id, conclusion, "what we found")
        desk.reviewing.conclude(reviewer.who, challenge_id, finding, PASSWORD)


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


def told(desk: Desk, who: Person) -> list[Recorded]:
    return desk.challenges.own(who.who)


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


def find(desk: Desk, challenge_id: UUID, by: Person, conclusion: Conclusion) -> None:
    """Conclude of the only selector of a challenge."""
    ((_, one),) = selectors_of(desk, challenge_id, by).items()
    desk.reviewing.conclude(by.who, challenge_id, Finding(one.id, conclusion, "as found"), PASSWORD)


def open_to(desk: Desk, challenge_id: UUID, by: Person) -> list[Conclusion]:
    ((_, one),) = selectors_of(desk, challenge_id, by).items()
    return list(one.open_to)


@pytest.mark.parametrize("conclusion", [Conclusion.KEEP, Conclusion.NOTHING])
def test_nobody_says_that_it_is_right_who_has_written_or_signed_that_it_is_listed(
    desk: Desk, pam: Person, conclusion: Conclusion
) -> None:
    desk.in_force(LISTED)
    challenge_id = recorded(desk, pam, LISTED)
    for party in (desk.cora, desk.abel):
        assert open_to(desk, challenge_id, party) == [Conclusion.RETRACT]
        with pytest.raises(FormRefused, match="a colleague who has not"):
            find(desk, challenge_id, party, conclusion)
    assert open_to(desk, challenge_id, desk.bo) == list(Conclusion)
    find(desk, challenge_id, desk.bo, conclusion)
    of_another = recorded(desk, pam, LISTED)
    find(desk, of_another, desk.abel, Conclusion.RETRACT)
    assert [one.id for one in desk.reviewing.open(desk.cora.who)] == []


def test_whoever_has_drafted_what_would_list_it_is_a_party_too_and_one_refused_is_none(
    desk: Desk, pam: Person
) -> None:
    drafted = desk.changes.draft(desk.cora.who, desk.addition(LISTED))
    challenge_id = recorded(desk, pam, LISTED)
    assert open_to(desk, challenge_id, desk.cora) == [Conclusion.RETRACT]
    desk.changes.withdraw(desk.cora.who, drafted, "a mistake")
    assert open_to(desk, challenge_id, desk.cora) == list(Conclusion)


@pytest.fixture
def guarded(desk: Desk) -> Desk:
    """A desk where nobody takes anything off alone."""
    desk.in_force(LISTED)
    limits = Limits(share_percent=0, fewest=0, per_day=0)
    desk.changes = replace(desk.changes, limits=limits)
    desk.reviewing = replace(desk.reviewing, changes=desk.changes)
    return desk


def change_of(desk: Desk, challenge_id: UUID) -> UUID:
    ((_, one),) = selectors_of(desk, challenge_id).items()
    assert one.change_id is not None
    return one.change_id


def test_what_waits_to_be_signed_is_not_concluded_before_it_is(guarded: Desk, pam: Person) -> None:
    challenge_id = recorded(guarded, pam, LISTED)
    find(guarded, challenge_id, guarded.bo, Conclusion.RETRACT)
    ((_, one),) = selectors_of(guarded, challenge_id).items()
    assert (one.is_waiting, one.record["conclusion"]) == (True, None)
    with pytest.raises(FormRefused, match="waits to be signed"):
        find(guarded, challenge_id, guarded.bo, Conclusion.KEEP)
    assert [one.id for one in guarded.reviewing.open(guarded.abel.who)] == [challenge_id]
    guarded.clock.move(DUE_S - 1)
    named = {"named": 1}
    guarded.changes.approve(guarded.abel.who, change_of(guarded, challenge_id), PASSWORD, **named)
    assert guarded.reviewing.open(guarded.abel.who) == []
    ((_, one),) = selectors_of(guarded, challenge_id).items()
    assert (one.is_waiting, one.record["conclusion"]) == (False, "retract")
    guarded.clock.move(1)
    assert told(guarded, pam)[0].is_answerable


def test_a_retraction_that_is_refused_is_looked_into_again(guarded: Desk, pam: Person) -> None:
    challenge_id = recorded(guarded, pam, LISTED)
    find(guarded, challenge_id, guarded.bo, Conclusion.RETRACT)
    change_id = change_of(guarded, challenge_id)
    guarded.changes.refuse(guarded.abel.who, change_id, "the source stands by it")
    guarded.clock.move(DUE_S)
    with pytest.raises(FormRefused, match="wait"):
        guarded.challenges.answered(pam.who, challenge_id)
    counts = guarded.reviewing.counts(guarded.bo.who)
    assert counts is not None
    assert (counts.open, counts.overdue) == (1, 1)
    find(guarded, challenge_id, guarded.bo, Conclusion.KEEP)
    ((_, one),) = selectors_of(guarded, challenge_id).items()
    assert (one.record["conclusion"], one.change_id) == ("keep", None)
    guarded.challenges.answered(pam.who, challenge_id)


def test_what_nobody_signs_in_time_is_looked_into_again(guarded: Desk, pam: Person) -> None:
    challenge_id = recorded(guarded, pam, LISTED)
    find(guarded, challenge_id, guarded.bo, Conclusion.RETRACT)
    guarded.clock.move(DUE_S)
    find(guarded, challenge_id, guarded.bo, Conclusion.NOTHING)
    assert guarded.reviewing.open(guarded.abel.who) == []


def test_a_signed_retraction_that_comes_back_is_looked_into_again_and_kept_until_then(
    desk: Desk, pam: Person
) -> None:
    desk.in_force(LISTED)
    challenge_id = recorded(desk, pam, LISTED)
    find(desk, challenge_id, desk.bo, Conclusion.RETRACT)
    desk.clock.move(DUE_S)
    desk.challenges.answered(pam.who, challenge_id)
    desk.exchange.take_turn()
    desk.indexer.skip(2)
    desk.exchange.take_turn()
    desk.reviewing.settle()
    desk.clock.move(KEPT_S)
    desk.challenges.forget_answered()
    assert [one.id for one in desk.reviewing.open(desk.abel.who)] == [challenge_id]
    find(desk, challenge_id, desk.bo, Conclusion.RETRACT)
    desk.challenges.forget_answered()
    with pytest.raises(NotThere):
        selectors_of(desk, challenge_id)


def gone(desk: Desk, somebody: Person) -> None:
    desk.services.prove(desk.ada)
    desk.services.directory.disable(desk.ada.who, somebody.who.account_id)


def other_work(desk: Desk, somebody: Person) -> None:
    desk.services.prove(desk.ada)
    roles, of = frozenset((Role.ANALYST,)), somebody.who.account_id
    desk.services.directory.change_roles(desk.ada.who, of, roles)
    desk.services.prove(desk.abel)
    (waiting,) = desk.services.requests.waiting(desk.abel.who)
    desk.services.requests.confirm(desk.abel.who, waiting.id)


@pytest.mark.parametrize("leave", [gone, other_work])
def test_what_somebody_has_recorded_who_has_left_others_answer_and_it_is_forgotten(
    desk: Desk, pam: Person, leave: Callable[[Desk, Person], None]
) -> None:
    other = desk.services.colleague(desk.ada, "per", Role.PARTNER_MANAGER)
    challenge_id = recorded(desk, pam, LISTED)
    find(desk, challenge_id, desk.bo, Conclusion.NOTHING)
    desk.clock.move(DUE_S)
    with pytest.raises(NotThere):
        desk.challenges.answered(other.who, challenge_id)
    assert (told(desk, other), desk.challenges.count_answerable(other.who)) == ([], 0)
    leave(desk, pam)
    (one,) = told(desk, other)
    assert (one.is_own, one.is_answerable) == (False, True)
    assert desk.challenges.count_answerable(other.who) == 1
    desk.challenges.answered(other.who, challenge_id)
    assert told(desk, other) == []
    desk.clock.move(KEPT_S)
    desk.challenges.forget_answered()
    with pytest.raises(NotThere):
        selectors_of(desk, challenge_id)


def test_ones_own_are_shown_apart_and_not_counted_as_ones_work(desk: Desk, pam: Person) -> None:
    own, other = recorded(desk, desk.bo, LISTED), recorded(desk, pam, UNLISTED)
    desk.clock.move(DUE_S)
    assert [one.id for one in desk.reviewing.open(desk.bo.who)] == [other]
    assert [one.id for one in desk.reviewing.open(desk.bo.who, own=True)] == [own]
    for who, work in ((desk.bo, 1), (desk.abel, 2)):
        counts = desk.reviewing.counts(who.who)
        assert counts is not None
        assert (counts.open, counts.overdue) == (work, work)


def test_the_journal_tells_neither_what_was_found_nor_of_which_selectors(
    desk: Desk, pam: Person
) -> None:
    desk.in_force(LISTED)
    for conclusion in Conclusion:
        find(desk, recorded(desk, pam, UNLISTED), desk.bo, conclusion)
    challenge_id = recorded(desk, pam, LISTED)
    desk.reviewing.revealed(desk.abel.who, challenge_id, Purpose("request", "L 7/26"))
    lines = [json.loads(one[one.index("{") :]) for one in desk.services.records().splitlines()]
    of_them = [one for one in lines if one.get("event", "").startswith("challenge ")]
    assert {one["event"].split()[1] for one in of_them} == {
        *("recorded", "looked", "concluded", "revealed")
    }
    assert all(one.get("selectors", 1) == 1 for one in of_them)
    assert {name for one in of_them for name in one} == {
        *("at", "actor", "event", "challenge", "selectors", "purpose", "case")
    }


def test_a_reason_of_what_was_found_holds_no_selector(desk: Desk, pam: Person) -> None:
    challenge_id = recorded(desk, pam, UNLISTED)
    ((_, one),) = selectors_of(desk, challenge_id).items()
    for conclusion in Conclusion:
        finding = Finding(one.id, conclusion, "it is jo@lodge.example's")
        with pytest.raises(FormRefused, match="looks like a phone"):
            desk.reviewing.conclude(desk.bo.who, challenge_id, finding, PASSWORD)


def test_a_selector_that_does_not_open_hides_no_other_and_can_be_put_aside(
    desk: Desk, pam: Person
) -> None:
    challenge_id = recorded(desk, pam, LISTED, UNLISTED)
    ids = {one.record["canonical"]: one.id for one in selectors_of(desk, challenge_id).values()}
    damaged = ids.pop("+12*******42")
    with desk.database.writing() as session:
        is_it = ChallengedRow.id == damaged
        session.execute(update(ChallengedRow).where(is_it).values(canonical=bytes(40)))
    shown = selectors_of(desk, challenge_id)
    assert shown.keys() == {UNREADABLE, *ids}
    assert list(shown[UNREADABLE].open_to) == [Conclusion.NOTHING]
    why = Purpose("request", "L 7/26")
    revealed = desk.reviewing.revealed(desk.abel.who, challenge_id, why).selectors
    assert {one.record["canonical"] for one in revealed} == {UNREADABLE, "+12025550177"}
    for conclusion in (Conclusion.KEEP, Conclusion.RETRACT):
        finding = Finding(damaged, conclusion, "as found")
        with pytest.raises(FormRefused, match="unreadable; record what the letter names anew"):
            desk.reviewing.conclude(desk.bo.who, challenge_id, finding, PASSWORD)
    conclude(desk, challenge_id, Conclusion.NOTHING)
    assert desk.reviewing.open(desk.abel.who) == []


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
    desk.clock.move(KEPT_S)
    desk.challenges.forget_answered()
    with pytest.raises(NotThere):
        selectors_of(desk, challenge_id)
    assert '"challenge forgotten"' in desk.services.records()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "missing"),
        ("\n".join(["+1 202 555 0142"] * (MOST_SELECTORS + 1)), "more than"),
        ("a person", "no phone, card or e-mail"),
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
