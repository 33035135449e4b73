"""Whoever writes in the database, without the keys of its home, has no challenge answered."""

from uuid import UUID

import pytest
from sqlalchemy import delete, select, update

from intelligence.challenges.recording import CHALLENGES_KEPT_S, DUE_S
from intelligence.challenges.reviewing import Finding
from intelligence.challenges.tables import ChallengedRow, ChallengeRow, Conclusion
from intelligence.errors import FormRefused
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


def _refused_an_answer(desk: Desk, by: Person, challenge_id: UUID) -> None:
    (one,) = (one for one in told(desk, by) if one.id == challenge_id)
    assert (one.reference, one.is_answerable) == ("L 7/26", False)
    assert desk.reviewing.one(desk.abel.who, challenge_id).record["reference"] == "L 7/26"
    assert desk.challenges.count_answerable(by.who) == 0
    with pytest.raises(FormRefused, match="changed outside of the console"):
        desk.challenges.answered(by.who, challenge_id)
    assert desk.services.records().count(f'"challenge not read","challenge":"{challenge_id}"') == 1


def test_what_nobody_has_looked_into_is_not_answered(desk: Desk, pam: Person) -> None:
    challenge_id = recorded(desk, pam, LISTED)
    desk.clock.move(DUE_S)
    values = {"conclusion": "nothing", "concluded_at": 1, "concluded_by": desk.bo.who.account_id}
    with desk.database.writing() as session:
        session.execute(update(ChallengedRow).values(**values))
    _refused_an_answer(desk, pam, challenge_id)
    ((_, one),) = selectors_of(desk, challenge_id, desk.abel).items()
    assert (one.record["conclusion"], list(one.open_to)) == (None, [])


def test_a_day_that_was_put_forward_is_no_day_of_an_answer(desk: Desk, pam: Person) -> None:
    challenge_id = recorded(desk, pam, LISTED)
    conclude(desk, challenge_id, Conclusion.NOTHING)
    with desk.database.writing() as session:
        session.execute(update(ChallengeRow).values(due_at=1))
    _refused_an_answer(desk, pam, challenge_id)


@pytest.mark.parametrize("is_moved", [True, False])
def test_a_selector_that_was_moved_to_another_letter_or_deleted_leaves_none_to_answer(
    desk: Desk, pam: Person, *, is_moved: bool
) -> None:
    challenge_id, other = recorded(desk, pam, LISTED), recorded(desk, pam, UNLISTED)
    conclude(desk, other, Conclusion.NOTHING)
    of_it = ChallengedRow.challenge_id == challenge_id
    change = update(ChallengedRow).values(challenge_id=other) if is_moved else delete(ChallengedRow)
    with desk.database.writing() as session:
        session.execute(change.where(of_it))
    desk.clock.move(DUE_S)
    for one in (challenge_id, other) if is_moved else (challenge_id,):
        with pytest.raises(FormRefused, match="changed outside of the console"):
            desk.challenges.answered(pam.who, one)


def test_whoever_has_recorded_it_concludes_nothing_as_another(desk: Desk) -> None:
    challenge_id = recorded(desk, desk.bo, LISTED)
    with desk.database.writing() as session:
        session.execute(update(ChallengeRow).values(recorded_by=desk.abel.who.account_id))
    with pytest.raises(FormRefused, match="recorded themselves"):
        desk.reviewing.one(desk.bo.who, challenge_id)
    ((_, one),) = selectors_of(desk, challenge_id, desk.cora).items()
    finding = Finding(one.id, Conclusion.NOTHING, "as found")
    for person, why in ((desk.bo, "recorded themselves"), (desk.cora, "changed outside of the")):
        with pytest.raises(FormRefused, match=why):
            desk.reviewing.conclude(person.who, challenge_id, finding, PASSWORD)


def test_what_was_said_to_be_answered_long_ago_is_not_forgotten(desk: Desk, pam: Person) -> None:
    recorded(desk, pam, LISTED)
    with desk.database.writing() as session:
        session.execute(update(ChallengeRow).values(answered_at=1))
        session.execute(update(ChallengedRow).values(conclusion="nothing"))
    desk.clock.move(CHALLENGES_KEPT_S)
    desk.challenges.forget_answered()
    with desk.database.reading() as session:
        assert len(session.scalars(select(ChallengeRow)).all()) == 1
