"""What somebody has changed in the database is closed by another than its recorder, on record."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, select, update

from intelligence.challenges.recording import CHALLENGES_KEPT_S, DUE_S
from intelligence.challenges.tables import ChallengedRow, ChallengeRow, ClosedRow, Conclusion
from intelligence.errors import FormRefused, NotPermitted, NotThere
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


def _changed(desk: Desk, by: Person, **values: object) -> UUID:
    """Have a challenge be recorded, and changed in the database."""
    challenge_id = recorded(desk, by, LISTED)
    is_it = ChallengeRow.id == challenge_id
    with desk.database.writing() as session:
        session.execute(update(ChallengeRow).where(is_it).values(**{"due_at": 1, **values}))
    return challenge_id


def _close(desk: Desk, by: Person, challenge_id: UUID) -> None:
    desk.reviewing.close(by.who, challenge_id, "it is L 8/26 now", PASSWORD)


def _counted(desk: Desk, by: Person) -> tuple[int, int]:
    counts = desk.reviewing.counts(by.who)
    assert counts is not None
    return counts.open, counts.overdue


def test_what_is_closed_is_on_record_and_counted_no_more(desk: Desk, pam: Person) -> None:
    challenge_id = _changed(desk, pam)
    anew = recorded(desk, pam, LISTED)
    assert _counted(desk, desk.abel) == (2, 1)
    assert desk.reviewing.one(desk.abel.who, challenge_id).record["state"] == "changed"
    assert {one.id: one.is_changed for one in told(desk, pam)} == {challenge_id: True, anew: False}
    _close(desk, desk.abel, challenge_id)
    assert f'"challenge closed","challenge":"{challenge_id}"' in desk.services.records()
    assert f'"challenge not read","challenge":"{challenge_id}"' in desk.services.records()
    assert _counted(desk, desk.abel) == (1, 0)
    assert [one.id for one in desk.reviewing.open(desk.bo.who)] == [anew]
    closed = {one.id: (one.closed_by, one.closed_at) for one in told(desk, pam)}
    assert closed == {challenge_id: ("abel (abel)", desk.clock()), anew: (None, None)}
    shown = desk.reviewing.one(desk.bo.who, challenge_id)
    assert (shown.record["state"], shown.is_overdue) == ("closed", False)
    assert (shown.closed_at, shown.record["closing"]) == (desk.clock(), "abel (abel)")
    assert shown.record["reason"] == "it is L 8/26 now"
    with pytest.raises(FormRefused, match="closed already"):
        _close(desk, desk.bo, challenge_id)
    with pytest.raises(FormRefused, match="changed outside of the console"):
        conclude(desk, challenge_id, Conclusion.NOTHING)
    with pytest.raises(FormRefused, match="changed outside of the console"):
        desk.challenges.answered(pam.who, challenge_id)


def test_what_is_closed_is_forgotten_as_late_as_what_is_answered(desk: Desk, pam: Person) -> None:
    challenge_id = _changed(desk, pam, answered_at=1)
    desk.clock.move(DUE_S)
    _close(desk, desk.abel, challenge_id)
    desk.clock.move(CHALLENGES_KEPT_S - 1)
    desk.challenges.forget_answered()
    assert selectors_of(desk, challenge_id)
    assert [one.closed_by for one in told(desk, pam)] == ["abel (abel)"]
    desk.clock.move(1)
    desk.challenges.forget_answered()
    with pytest.raises(NotThere):
        selectors_of(desk, challenge_id)
    with desk.database.reading() as session:
        assert session.scalars(select(ChallengedRow)).all() == []
        assert session.scalars(select(ClosedRow)).all() == []
    assert f'"challenge forgotten","challenge":"{challenge_id}"' in desk.services.records()


def test_nobody_closes_what_they_have_recorded_whomever_its_row_names(
    desk: Desk, pam: Person
) -> None:
    challenge_id = _changed(desk, desk.bo, recorded_by=desk.cora.who.account_id)
    for party in (desk.bo, desk.cora):
        with pytest.raises(FormRefused, match="recorded themselves"):
            _close(desk, party, challenge_id)
    with pytest.raises(NotPermitted):
        _close(desk, pam, challenge_id)
    shown = desk.reviewing.one(desk.abel.who, challenge_id)
    by = "bo (bo), on record; the database says otherwise"
    assert shown.record["recorded_by"] == by
    _close(desk, desk.abel, challenge_id)


def test_a_changed_letter_stays_with_whoever_has_recorded_it_whomever_its_row_names(
    desk: Desk,
) -> None:
    challenge_id = _changed(desk, desk.bo, recorded_by=desk.cora.who.account_id)
    assert [(one.id, one.is_own, one.is_changed) for one in told(desk, desk.bo)] == [
        (challenge_id, True, True)
    ]
    assert [one.id for one in told(desk, desk.cora)] == []
    for person, own, others in ((desk.bo, 1, 0), (desk.cora, 0, 0), (desk.abel, 0, 1)):
        shown = desk.reviewing.open(person.who, own=True)
        assert [one.is_own for one in shown] == [True] * own
        assert [one.is_own for one in desk.reviewing.open(person.who)] == [False] * others
        assert _counted(desk, person) == (others, others)
    with pytest.raises(FormRefused, match="recorded themselves"):
        desk.reviewing.one(desk.bo.who, challenge_id)


def test_what_is_as_the_console_has_left_it_is_concluded_and_not_closed(
    desk: Desk, pam: Person
) -> None:
    challenge_id = recorded(desk, pam, LISTED)
    with pytest.raises(FormRefused, match="conclude what you find"):
        _close(desk, desk.abel, challenge_id)
    with pytest.raises(NotThere):
        _close(desk, desk.abel, uuid4())
    assert "challenge closed" not in desk.services.records()


@pytest.mark.parametrize("is_bound", [True, False])
def test_nobody_closes_it_in_the_database(desk: Desk, pam: Person, *, is_bound: bool) -> None:
    challenge_id, other = _changed(desk, pam), _changed(desk, pam)
    _close(desk, desk.abel, other)
    with desk.database.writing() as session:
        bound = session.get_one(ClosedRow, other).bound if is_bound else None
        by, at = desk.abel.who.account_id, int(desk.clock())
        letter = session.get_one(ClosedRow, other).letter
        said = {"closed_by": by, "closed_at": at, "letter": letter}
        session.add(ClosedRow(id=challenge_id, bound=bound, **said))
    assert _counted(desk, desk.abel) == (1, 1)
    desk.clock.move(CHALLENGES_KEPT_S)
    desk.challenges.forget_answered()
    _close(desk, desk.abel, challenge_id)
    assert _counted(desk, desk.abel) == (0, 0)


def test_what_was_concluded_or_answered_in_the_database_is_there_to_be_closed(
    desk: Desk, pam: Person
) -> None:
    challenge_id, without = _changed(desk, pam, answered_at=1), recorded(desk, pam, UNLISTED)
    with desk.database.writing() as session:
        session.execute(update(ChallengedRow).values(conclusion="nothing"))
        session.execute(delete(ChallengedRow).where(ChallengedRow.challenge_id == without))
    assert {one.id for one in desk.reviewing.open(desk.abel.who)} == {challenge_id, without}
    for one in (challenge_id, without):
        _close(desk, desk.abel, one)
    assert desk.reviewing.open(desk.abel.who) == []


def test_what_is_put_back_as_it_was_is_looked_into(desk: Desk, pam: Person) -> None:
    challenge_id = recorded(desk, pam, LISTED)
    is_it = ChallengeRow.id == challenge_id
    with desk.database.writing() as session:
        due_at = session.get_one(ChallengeRow, challenge_id).due_at
        session.execute(update(ChallengeRow).where(is_it).values(due_at=1))
    _close(desk, desk.abel, challenge_id)
    with desk.database.writing() as session:
        session.execute(update(ChallengeRow).where(is_it).values(due_at=due_at))
    assert [one.id for one in desk.reviewing.open(desk.abel.who)] == [challenge_id]
    conclude(desk, challenge_id, Conclusion.NOTHING)
    desk.clock.move(DUE_S)
    desk.challenges.answered(pam.who, challenge_id)
    desk.clock.move(CHALLENGES_KEPT_S)
    desk.challenges.forget_answered()
    with pytest.raises(NotThere):
        selectors_of(desk, challenge_id)


def test_whoever_closes_it_says_why_and_signs(desk: Desk, pam: Person) -> None:
    challenge_id = _changed(desk, pam)
    given = ("it is L 8/26 now", PASSWORD)
    wrong = {
        "the reason is missing": (None, PASSWORD),
        "looks like a phone": ("it is +1 202 555 0142", PASSWORD),
        "password": (given[0], "another one"),
    }
    for problem, typed in wrong.items():
        with pytest.raises(FormRefused, match=problem):
            desk.reviewing.close(desk.abel.who, challenge_id, *typed)
    assert _counted(desk, desk.abel) == (1, 1)
    desk.reviewing.close(desk.abel.who, challenge_id, *given)
    assert _counted(desk, desk.abel) == (0, 0)


def test_what_was_closed_is_to_be_closed_again_where_it_was_changed_once_more(
    desk: Desk, pam: Person
) -> None:
    challenge_id = _changed(desk, pam)
    _close(desk, desk.abel, challenge_id)
    is_it = ChallengeRow.id == challenge_id
    of_it = ChallengedRow.challenge_id == challenge_id
    for change in (
        update(ChallengeRow).where(is_it).values(answered_at=1),
        update(ChallengedRow).where(of_it).values(canonical=bytes(40)),
        update(ChallengedRow).where(of_it).values(conclusion="nothing"),
        delete(ChallengedRow).where(of_it),
    ):
        with desk.database.writing() as session:
            session.execute(change)
        assert [one.id for one in desk.reviewing.open(desk.bo.who)] == [challenge_id]
        _close(desk, desk.bo, challenge_id)
        assert _counted(desk, desk.abel) == (0, 0)


def test_what_becomes_of_its_change_opens_none_that_was_closed(guarded: Desk, pam: Person) -> None:
    challenge_id = recorded(guarded, pam, LISTED)
    find(guarded, challenge_id, guarded.bo, Conclusion.RETRACT)
    ((_, one),) = selectors_of(guarded, challenge_id).items()
    assert one.change_id is not None
    with guarded.database.writing() as session:
        session.execute(update(ChallengeRow).values(due_at=1))
    _close(guarded, guarded.abel, challenge_id)
    guarded.changes.approve(guarded.abel.who, one.change_id, PASSWORD, named=1)
    guarded.reviewing.settle()
    assert _counted(guarded, guarded.abel) == (0, 0)
