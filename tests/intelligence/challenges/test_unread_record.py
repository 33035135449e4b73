"""While some of the record cannot be read, whoever is kept from a challenge is told why."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import update

from intelligence.challenges.reviewing import Reviewing
from intelligence.challenges.tables import ChallengeRow, Conclusion
from intelligence.curation.recognising import recognise
from intelligence.curation.tables import ChangeSet
from intelligence.errors import FormRefused
from intelligence.journal import Journal
from tests.intelligence.challenges.letters import LISTED, UNLISTED, recorded
from tests.intelligence.curation.desk import Desk
from tests.intelligence.staff.services import PASSWORD, Person


@pytest.fixture
def unread(desk: Desk) -> Iterator[Reviewing]:
    """What a console does that cannot read what was on record before its start."""
    desk.in_force(LISTED)
    position = desk.services.ledger.acknowledged
    assert position is not None
    segment = desk.services.folder / f"{position.segment}.open"
    changes = replace(desk.changes, journal=Journal(desk.services.ledger, desk.clock))
    segment.chmod(0o640)
    yield replace(desk.reviewing, changes=changes)
    segment.chmod(0o600)


def test_whoever_may_not_say_that_it_is_right_is_told_why(
    desk: Desk, pam: Person, unread: Reviewing
) -> None:
    challenge_id = recorded(desk, pam, LISTED)
    (one,) = unread.one(desk.bo.who, challenge_id).selectors
    assert (list(one.open_to), one.why_not is None) == ([Conclusion.RETRACT], False)
    assert "the record cannot be read" in str(one.why_not)
    assert "have whoever runs the service find out" in str(one.why_not)
    (named,) = unread.one(desk.cora.who, challenge_id).selectors
    assert str(named.why_not).startswith("you have written or signed"), "the database says so"
    (as_read,) = desk.reviewing.one(desk.cora.who, challenge_id).selectors
    assert str(as_read.why_not).startswith("you have written or signed")


def test_whoever_may_not_close_it_is_told_why(desk: Desk, pam: Person, unread: Reviewing) -> None:
    challenge_id = recorded(desk, pam, LISTED)
    with desk.database.writing() as session:
        session.get_one(ChallengeRow, challenge_id).due_at = 1
    by = unread.one(desk.bo.who, challenge_id).record["recorded_by"]
    assert by == "the record cannot be read: pam (pam)"
    assert desk.reviewing.one(desk.bo.who, challenge_id).record["recorded_by"] == "pam (pam)"
    with pytest.raises(FormRefused, match="the record cannot be read"):
        unread.close(desk.bo.who, challenge_id, "it is L 8/26 now", PASSWORD)
    desk.reviewing.close(desk.bo.who, challenge_id, "it is L 8/26 now", PASSWORD)


def test_whoever_is_known_to_have_listed_or_recorded_it_is_told_that(
    desk: Desk, pam: Person, unread: Reviewing
) -> None:
    """What is recorded meanwhile is known, whatever of before cannot be read."""
    journal = unread.changes.journal
    assert not journal.on_record.is_all()
    changes = replace(desk.changes, journal=journal)
    change_id = changes.draft(desk.bo.who, desk.addition(UNLISTED))
    challenges = replace(desk.challenges, journal=journal)
    selectors = [recognise(UNLISTED)]
    challenge_id = challenges.record(desk.bo.who, selectors, "L 8/26", "it is a shop's number")
    other = desk.ada.who.account_id
    with desk.database.writing() as session:
        session.execute(update(ChangeSet).where(ChangeSet.id == change_id).values(author_id=other))
        session.get_one(ChallengeRow, challenge_id).recorded_by = other
    with pytest.raises(FormRefused, match="nobody reviews a challenge that they have recorded"):
        unread.close(desk.bo.who, challenge_id, "it is L 9/26 now", PASSWORD)
    with pytest.raises(FormRefused, match="have whoever runs the service find out"):
        unread.close(desk.abel.who, challenge_id, "it is L 9/26 now", PASSWORD)
    seen = recorded(desk, pam, UNLISTED)
    (one,) = unread.one(desk.bo.who, seen).selectors
    assert str(one.why_not).startswith("you have written or signed")
    (one,) = unread.one(desk.abel.who, seen).selectors
    assert "the record cannot be read" in str(one.why_not)
