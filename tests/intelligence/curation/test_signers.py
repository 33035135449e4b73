"""What people have signed is held to who they are and what they may when it leaves."""

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import update

from intelligence.curation.guard import Limits
from intelligence.curation.tables import ChangeSet, SignatureRow
from intelligence.errors import FormRefused
from intelligence.staff.roles import Role
from intelligence.staff.signing_keys import SigningKey
from tests.intelligence.curation.desk import Desk
from tests.intelligence.staff.services import PASSWORD, Person

PHONE, OTHER = "+1 202 555 0142", "+1 202 555 0143"
OTHER_KEY = "with a key that is not, or no more, theirs"


def signed_by_another(desk: Desk, change_id: UUID, signer: Person, instead: Person) -> None:
    """Have the row of somebody's signature name another person, as who writes there can."""
    is_theirs = SignatureRow.account_id == signer.who.account_id
    with desk.database.writing() as session:
        renamed = update(SignatureRow).where(SignatureRow.change_set_id == change_id, is_theirs)
        session.execute(renamed.values(account_id=instead.who.account_id))


def written_by_another(desk: Desk, change_id: UUID, instead: Person) -> None:
    """Have a change name another author."""
    with desk.database.writing() as session:
        renamed = update(ChangeSet).where(ChangeSet.id == change_id)
        session.execute(renamed.values(author_id=instead.who.account_id))


def come_back(desk: Desk, change_id: UUID) -> str:
    """Have the next file written, without a change; return why that came back."""
    desk.exchange.take_turn()
    assert desk.indexer.down.sequences() == []
    (back,) = desk.reading.came_back(desk.cora.who).changes
    assert back.id == change_id
    return str(back.record["outcome"])


def test_nobody_approves_what_its_author_might_write_no_more(desk: Desk) -> None:
    change_id = desk.added(PHONE, by=desk.bo)
    desk.left_with(desk.bo, Role.APPROVER)
    with pytest.raises(FormRefused, match="has lost the role that this takes"):
        desk.changes.approve(desk.abel.who, change_id, PASSWORD)
    assert desk.row(change_id).state == "submitted"
    desk.changes.refuse(desk.abel.who, change_id, "to be written anew")


@pytest.mark.parametrize("who", ["author", "approver"])
def test_what_a_signer_might_sign_no_more_does_not_leave(desk: Desk, who: str) -> None:
    author, approver = (desk.bo, desk.abel) if who == "author" else (desk.cora, desk.bo)
    change_id = desk.added(PHONE, by=author)
    desk.changes.approve(approver.who, change_id, PASSWORD)
    desk.left_with(desk.bo, Role.APPROVER if who == "author" else Role.CURATOR)
    assert "has lost the role that this takes" in come_back(desk, change_id)


def test_what_leaves_later_is_held_to_what_its_signers_may_then(desk: Desk) -> None:
    change_id = desk.added(PHONE)
    later = int(desk.clock()) + 7200
    desk.changes.approve(desk.bo.who, change_id, PASSWORD, leaves_at=later)
    desk.left_with(desk.bo, Role.CURATOR)
    desk.clock.move(7200)
    desk.schedule.release_due()
    assert "has lost the role that this takes" in come_back(desk, change_id)


def test_who_is_taken_off_does_not_wait_for_another_to_do_it_anew(desk: Desk) -> None:
    desk.in_force(PHONE)
    change_id = desk.retracted(PHONE, by=desk.bo)
    desk.left_with(desk.bo, Role.ANALYST)
    desk.services.signing_keys.make(desk.cora.who, PASSWORD)
    desk.exchange.take_turn()
    assert desk.row(change_id).state == "exported"


def test_an_approver_takes_off_more_than_usual_with_another_approver(desk: Desk) -> None:
    desk.in_force(PHONE)
    strict = replace(desk.changes, limits=Limits(share_percent=0, fewest=0))
    change_id = strict.retract(desk.abel.who, desk.retraction(PHONE), PASSWORD)
    assert desk.row(change_id).state == "submitted"
    strict.approve(desk.bo.who, change_id, PASSWORD, named=1)
    desk.exchange.take_turn()
    assert desk.row(change_id).state == "exported"


def test_one_person_under_two_names_is_one(desk: Desk) -> None:
    change_id = desk.added(PHONE, by=desk.bo)
    written_by_another(desk, change_id, desk.cora)
    with pytest.raises(FormRefused, match="nobody approves what they have written"):
        desk.changes.approve(desk.bo.who, change_id, PASSWORD)
    signed_by_another(desk, change_id, desk.bo, desk.cora)
    with pytest.raises(FormRefused, match="signed twice by one"):
        desk.changes.approve(desk.bo.who, change_id, PASSWORD)
    desk.services.signing_keys.make(desk.bo.who, PASSWORD)
    with pytest.raises(FormRefused, match=OTHER_KEY):
        desk.changes.approve(desk.bo.who, change_id, PASSWORD)
    with pytest.raises(FormRefused, match=OTHER_KEY):
        desk.changes.approve(desk.abel.who, change_id, PASSWORD)
    assert desk.row(change_id).state == "submitted"


def test_who_is_said_to_have_written_a_change_has_signed_it(desk: Desk) -> None:
    change_id = desk.added(PHONE)
    written_by_another(desk, change_id, desk.bo)
    with pytest.raises(FormRefused, match="said to have written it has not signed it"):
        desk.changes.approve(desk.abel.who, change_id, PASSWORD)


def test_what_was_signed_with_a_key_of_before_does_not_leave(desk: Desk) -> None:
    change_id = desk.approved(PHONE)
    desk.services.signing_keys.make(desk.abel.who, PASSWORD)
    assert OTHER_KEY in come_back(desk, change_id)


def test_what_was_signed_with_a_key_that_was_changed_outside_does_not_leave(desk: Desk) -> None:
    """Its row names the signature's key, as that of whoever writes there would."""
    change_id = desk.approved(PHONE)
    with desk.database.writing() as session:
        its = update(SigningKey).where(SigningKey.account_id == desk.abel.who.account_id)
        session.execute(its.values(public=b"p" * 32))
    assert OTHER_KEY in come_back(desk, change_id)


def test_what_says_after_its_approval_that_another_has_signed_does_not_leave(desk: Desk) -> None:
    change_id = desk.approved(PHONE)
    signed_by_another(desk, change_id, desk.abel, desk.bo)
    assert OTHER_KEY in come_back(desk, change_id)
