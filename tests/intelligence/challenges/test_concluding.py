"""A challenge is concluded by no party to it, and once what was found is signed."""

from uuid import UUID

import pytest
from sqlalchemy import update

from intelligence.challenges.recording import CHALLENGES_KEPT_S, DUE_S
from intelligence.challenges.reviewing import Finding
from intelligence.challenges.tables import ChallengedRow, Conclusion
from intelligence.curation.purposes import Purpose
from intelligence.errors import FormRefused, NotThere
from intelligence.store.sealing import ILLEGIBLE
from tests.intelligence.challenges.letters import (
    LISTED,
    UNLISTED,
    conclude,
    find,
    recorded,
    selectors_of,
    told,
)
from tests.intelligence.curation.desk import Desk
from tests.intelligence.staff.services import PASSWORD, Person


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


def test_what_is_signed_and_leaves_later_waits_for_no_signature(guarded: Desk, pam: Person) -> None:
    challenge_id = recorded(guarded, pam, LISTED)
    find(guarded, challenge_id, guarded.bo, Conclusion.RETRACT)
    leaves_at = int(guarded.clock()) + 3600
    given = {"named": 1, "leaves_at": leaves_at}
    guarded.changes.approve(guarded.abel.who, change_of(guarded, challenge_id), PASSWORD, **given)
    ((_, one),) = selectors_of(guarded, challenge_id).items()
    assert (one.is_waiting, one.leaves_at) == (False, leaves_at)
    assert one.record["conclusion"] is None
    with pytest.raises(FormRefused, match="is signed, and leaves later"):
        find(guarded, challenge_id, guarded.bo, Conclusion.KEEP)


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


@pytest.mark.slow
def test_what_nobody_signs_in_time_is_looked_into_again(guarded: Desk, pam: Person) -> None:
    challenge_id = recorded(guarded, pam, LISTED)
    find(guarded, challenge_id, guarded.bo, Conclusion.RETRACT)
    guarded.clock.move(DUE_S)
    find(guarded, challenge_id, guarded.bo, Conclusion.NOTHING)
    assert guarded.reviewing.open(guarded.abel.who) == []


@pytest.mark.slow
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
    desk.clock.move(CHALLENGES_KEPT_S)
    desk.challenges.forget_answered()
    assert [one.id for one in desk.reviewing.open(desk.abel.who)] == [challenge_id]
    find(desk, challenge_id, desk.bo, Conclusion.RETRACT)
    desk.challenges.forget_answered()
    with pytest.raises(NotThere):
        selectors_of(desk, challenge_id)


def test_a_reason_of_what_was_found_holds_no_selector(desk: Desk, pam: Person) -> None:
    challenge_id = recorded(desk, pam, UNLISTED)
    ((_, one),) = selectors_of(desk, challenge_id).items()
    for conclusion in Conclusion:
        finding = Finding(one.id, conclusion, "it is jo@lodge.example's")
        with pytest.raises(FormRefused, match="looks like a phone"):
            desk.reviewing.conclude(desk.bo.who, challenge_id, finding, PASSWORD)


def test_nobody_concludes_where_a_selector_does_not_open_which_hides_no_other(
    desk: Desk, pam: Person
) -> None:
    desk.in_force(LISTED)
    challenge_id = recorded(desk, pam, LISTED, UNLISTED)
    ids = {one.record["canonical"]: one.id for one in selectors_of(desk, challenge_id).values()}
    damaged = ids.pop("+12*******42")
    with desk.database.writing() as session:
        is_it = ChallengedRow.id == damaged
        session.execute(update(ChallengedRow).where(is_it).values(canonical=bytes(40)))
    shown = selectors_of(desk, challenge_id)
    assert shown.keys() == {ILLEGIBLE, *ids}
    assert [list(one.open_to) for one in shown.values()] == [[], []]
    why = Purpose("request", "L 7/26")
    revealed = desk.reviewing.revealed(desk.abel.who, challenge_id, why).selectors
    assert {one.record["canonical"] for one in revealed} == {ILLEGIBLE, "+12025550177"}
    for of in (damaged, *ids.values()):  # cora has written that the former is listed
        finding = Finding(of, Conclusion.NOTHING, "as found")
        with pytest.raises(FormRefused, match="changed outside of the console"):
            desk.reviewing.conclude(desk.cora.who, challenge_id, finding, PASSWORD)
    assert f'"challenge not read","challenge":"{challenge_id}"' in desk.services.records()
    assert [one.id for one in desk.reviewing.open(desk.bo.who)] == [challenge_id]


def test_what_was_concluded_is_not_answered_where_its_selector_opens_no_more(
    desk: Desk, pam: Person
) -> None:
    challenge_id = recorded(desk, pam, UNLISTED)
    conclude(desk, challenge_id, Conclusion.NOTHING)
    with desk.database.writing() as session:
        session.execute(update(ChallengedRow).values(canonical=bytes(40)))
    desk.clock.move(DUE_S)
    assert [(one.is_changed, one.is_answerable) for one in told(desk, pam)] == [(True, False)]
    with pytest.raises(FormRefused, match="changed outside of the console"):
        desk.challenges.answered(pam.who, challenge_id)
    assert [one.id for one in desk.reviewing.open(desk.bo.who)] == [challenge_id]
