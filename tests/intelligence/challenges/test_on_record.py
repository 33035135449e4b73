"""Who has listed somebody, and what is signed, is believed of the record, and of no column."""

from uuid import UUID

import pytest
from sqlalchemy import delete, update

from intelligence.challenges.recording import DUE_S
from intelligence.challenges.tables import Conclusion
from intelligence.curation.tables import ChangeRow, ChangeSet, SignatureRow
from intelligence.errors import FormRefused
from tests.intelligence.challenges.letters import (
    LISTED,
    UNLISTED,
    find,
    recorded,
    selectors_of,
    told,
)
from tests.intelligence.curation.desk import Desk
from tests.intelligence.staff.services import PASSWORD, Person


def _open_to(desk: Desk, challenge_id: UUID, by: Person) -> list[Conclusion]:
    ((_, one),) = selectors_of(desk, challenge_id, by).items()
    return list(one.open_to)


def _name_another(desk: Desk, change_id: UUID) -> None:
    """Have the database name somebody else as whoever has written and signed a change."""
    other = desk.ada.who.account_id
    of_it = SignatureRow.change_set_id == change_id
    with desk.database.writing() as session:
        session.execute(delete(SignatureRow).where(of_it))
        named = update(ChangeSet).where(ChangeSet.id == change_id)
        session.execute(named.values(author_id=other, decided_by=other))


@pytest.mark.parametrize("is_hidden", [False, True])
def test_whoever_has_listed_it_does_not_keep_it_whomever_the_database_names(
    desk: Desk, pam: Person, *, is_hidden: bool
) -> None:
    change_id = desk.in_force(LISTED)
    challenge_id = recorded(desk, pam, LISTED)
    _name_another(desk, change_id)
    if is_hidden:  # its entry says of which change it is
        with desk.database.writing() as session:
            session.execute(update(ChangeRow).values(canonical_term=bytes(24)))
            session.execute(update(ChangeSet).values(state="refused"))
    for party in (desk.cora, desk.abel):
        assert _open_to(desk, challenge_id, party) == [Conclusion.RETRACT]
        with pytest.raises(FormRefused, match="a colleague who has not"):
            find(desk, challenge_id, party, Conclusion.KEEP)
    find(desk, challenge_id, desk.bo, Conclusion.KEEP)


def test_whoever_has_drafted_it_is_a_party_whomever_the_database_names(
    desk: Desk, pam: Person
) -> None:
    drafted = desk.changes.draft(desk.cora.who, desk.addition(UNLISTED))
    _name_another(desk, drafted)
    challenge_id = recorded(desk, pam, UNLISTED)
    assert _open_to(desk, challenge_id, desk.cora) == [Conclusion.RETRACT]


def _waiting(desk: Desk, pam: Person) -> tuple[UUID, UUID]:
    """Have a retraction wait for a second signature; return its challenge, and the change."""
    challenge_id = recorded(desk, pam, LISTED)
    find(desk, challenge_id, desk.bo, Conclusion.RETRACT)
    ((_, one),) = selectors_of(desk, challenge_id).items()
    assert one.is_waiting
    assert one.change_id is not None
    return challenge_id, one.change_id


@pytest.mark.parametrize("state", ["approved", "exported", "applied"])
def test_what_waits_to_be_signed_is_not_concluded_by_a_state(
    guarded: Desk, pam: Person, state: str
) -> None:
    challenge_id, change_id = _waiting(guarded, pam)
    is_it = ChangeSet.id == change_id
    with guarded.database.writing() as session:
        session.execute(update(ChangeSet).where(is_it).values(state=state))
    guarded.reviewing.settle()
    guarded.clock.move(DUE_S)
    assert not told(guarded, pam)[0].is_answerable
    assert [one.id for one in guarded.reviewing.open(guarded.abel.who)] == [challenge_id]


def test_what_was_taken_back_is_looked_into_again_whatever_its_state(
    guarded: Desk, pam: Person
) -> None:
    challenge_id, change_id = _waiting(guarded, pam)
    named = {"named": 1, "leaves_at": int(guarded.clock()) + 3600}
    guarded.changes.approve(guarded.abel.who, change_id, PASSWORD, **named)
    guarded.changes.withdraw(guarded.bo.who, change_id, "it is another's")
    with guarded.database.writing() as session:
        session.execute(update(ChangeSet).where(ChangeSet.id == change_id).values(state="applied"))
    ((_, one),) = selectors_of(guarded, challenge_id).items()
    assert (one.record["conclusion"], one.is_waiting) == (None, False)
    assert _open_to(guarded, challenge_id, guarded.bo)[0] is Conclusion.RETRACT


def test_what_was_concluded_and_refused_since_is_looked_into_again_whatever_its_state(
    guarded: Desk, pam: Person
) -> None:
    challenge_id, change_id = _waiting(guarded, pam)
    guarded.changes.approve(guarded.abel.who, change_id, PASSWORD, named=1)
    ((_, one),) = selectors_of(guarded, challenge_id).items()
    assert one.record["conclusion"] == "retract"
    guarded.changes.withdraw(guarded.bo.who, change_id, "it is another's")
    with guarded.database.writing() as session:
        session.execute(update(ChangeSet).where(ChangeSet.id == change_id).values(state="applied"))
    ((_, one),) = selectors_of(guarded, challenge_id).items()
    assert one.record["conclusion"] is None
