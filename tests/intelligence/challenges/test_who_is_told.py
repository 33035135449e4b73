"""Who is shown a challenge and what the journal says of it: nothing of who is listed."""

import json
from collections.abc import Callable

import pytest

from intelligence.challenges.recording import CHALLENGES_KEPT_S, DUE_S
from intelligence.challenges.tables import Conclusion
from intelligence.curation.purposes import Purpose
from intelligence.errors import NotThere
from intelligence.staff.roles import Role
from tests.intelligence.challenges.letters import (
    LISTED,
    UNLISTED,
    find,
    recorded,
    selectors_of,
    told,
)
from tests.intelligence.curation.desk import Desk
from tests.intelligence.staff.services import Person


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
    desk.clock.move(CHALLENGES_KEPT_S)
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
