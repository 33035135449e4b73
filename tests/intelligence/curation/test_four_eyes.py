"""Who lists somebody is two people, whatever page or call they use; who takes off is one."""

from collections.abc import Callable

import pytest

from intelligence.curation.tables import ChangeSet
from intelligence.errors import FormRefused, NotPermitted, NotSignedIn, NotThere
from intelligence.staff.roles import Role
from screening.spools.batch import ApproverKey, parse_batch
from tests.intelligence.conftest import KINDS
from tests.intelligence.curation.desk import Desk
from tests.intelligence.staff.services import PASSWORD

PHONE = "+1 202 555 0142"

on_both = pytest.mark.parametrize("kind", KINDS)


@on_both
def test_nobody_approves_what_they_have_written(desk: Desk) -> None:
    change_id = desk.added(PHONE, by=desk.bo)
    with pytest.raises(FormRefused, match="nobody approves what they have written"):
        desk.changes.approve(desk.bo.who, change_id, PASSWORD)
    assert desk.row(change_id).state == "submitted"
    assert "own approval refused" in desk.services.records()
    desk.exchange.take_turn()
    assert desk.indexer.down.sequences() == []
    desk.changes.approve(desk.abel.who, change_id, PASSWORD)
    desk.exchange.take_turn()
    assert desk.indexer.down.sequences() == [1]


@on_both
def test_an_approved_change_bears_the_valid_signatures_of_both_over_what_leaves(
    desk: Desk,
) -> None:
    desk.approved(PHONE)
    desk.exchange.take_turn()
    (signed,) = desk.indexer.export(1).batches
    private = [
        desk.services.signing_keys.unlocked(one.who, PASSWORD) for one in (desk.cora, desk.abel)
    ]
    keys = {ApproverKey(one.public_key().public_bytes_raw()) for one in private}
    assert {one.id for one in keys} == {one.by for one in signed.signatures}
    assert len(keys) == 2
    for key in keys:
        (own,) = (one for one in signed.signatures if one.by == key.id)
        assert key.has_signed(signed.batch, own.signature)
    assert parse_batch(signed.batch).changes == [desk.addition(PHONE)]


def test_one_signature_alone_does_not_leave_whatever_the_database_says(desk: Desk) -> None:
    change_id = desk.added(PHONE)
    with desk.database.writing() as session:
        row = session.get(ChangeSet, change_id)
        assert row is not None
        row.state, row.turn = "approved", 1
    desk.exchange.take_turn()
    assert desk.indexer.down.sequences() == []
    outcome = desk.reading.one(desk.abel.who, change_id).record["outcome"]
    assert "needs the signatures of 2 people" in str(outcome)


def test_whoever_has_no_right_to_approve_is_refused_before_a_password_is_asked(
    desk: Desk,
) -> None:
    change_id = desk.added(PHONE, by=desk.bo)
    with pytest.raises(NotPermitted):
        desk.changes.approve(desk.cora.who, change_id, "wrong")
    assert "own password wrong" not in desk.services.records()


def test_a_wrong_password_signs_nothing(desk: Desk) -> None:
    change_id = desk.added(PHONE)
    with pytest.raises(FormRefused, match="password is wrong"):
        desk.changes.approve(desk.abel.who, change_id, "not the password")
    with pytest.raises(FormRefused, match="password is wrong"):
        desk.changes.retract(desk.abel.who, desk.retraction(PHONE), "not the password")
    assert desk.row(change_id).state == "submitted"


def test_what_has_left_is_not_decided_again(desk: Desk) -> None:
    change_id = desk.approved(PHONE)
    desk.exchange.take_turn()
    decisions: tuple[Callable[[], None], ...] = (
        lambda: desk.changes.approve(desk.bo.who, change_id, PASSWORD),
        lambda: desk.changes.refuse(desk.bo.who, change_id, "no"),
        lambda: desk.changes.withdraw(desk.cora.who, change_id, "no"),
        lambda: desk.changes.submit(desk.cora.who, change_id, PASSWORD),
    )
    for decide in decisions:
        with pytest.raises(FormRefused, match="does not wait for that"):
            decide()


def test_only_the_author_submits_and_takes_back(desk: Desk) -> None:
    change_id = desk.changes.draft(desk.cora.who, desk.addition(PHONE))
    with pytest.raises(FormRefused, match="only whoever has written"):
        desk.changes.submit(desk.bo.who, change_id, PASSWORD)
    with pytest.raises(FormRefused, match="only whoever has written"):
        desk.changes.withdraw(desk.bo.who, change_id, "no")
    desk.changes.withdraw(desk.cora.who, change_id, "a slip")
    assert desk.row(change_id).state == "refused"


def test_what_was_submitted_too_long_ago_is_not_approved(desk: Desk) -> None:
    change_id = desk.added(PHONE)
    desk.clock.move(14 * 86_400)
    with pytest.raises(FormRefused, match="too long ago"):
        desk.changes.approve(desk.abel.who, change_id, PASSWORD)


@on_both
def test_one_takes_off_at_once_and_another_looks_at_it_after(desk: Desk) -> None:
    desk.in_force(PHONE)
    change_id = desk.retracted(PHONE, by=desk.bo)
    assert desk.row(change_id).state == "approved"
    desk.exchange.take_turn()
    (signed,) = desk.indexer.export(2).batches
    assert len(signed.signatures) == 1
    assert [one.id for one in desk.reading.to_review(desk.abel.who).changes] == [change_id]
    with pytest.raises(FormRefused, match="another person"):
        desk.changes.review(desk.bo.who, change_id)
    desk.changes.review(desk.abel.who, change_id)
    assert desk.reading.to_review(desk.abel.who).changes == []


def test_what_was_taken_off_is_added_once_two_have_allowed_it_again(desk: Desk) -> None:
    desk.in_force(PHONE)
    waiting = desk.added(PHONE, source="case-8")
    desk.retracted(PHONE)
    with pytest.raises(FormRefused, match="was taken off the list"):
        desk.changes.approve(desk.abel.who, waiting, PASSWORD)
    with pytest.raises(FormRefused, match="was taken off the list"):
        desk.changes.draft(desk.cora.who, desk.addition(PHONE))
    lift = desk.changes.draft(desk.cora.who, desk.lift(PHONE))
    desk.changes.submit(desk.cora.who, lift, PASSWORD)
    with pytest.raises(FormRefused, match="was taken off the list"):
        desk.changes.approve(desk.abel.who, waiting, PASSWORD)
    desk.changes.approve(desk.abel.who, lift, PASSWORD)
    desk.changes.approve(desk.abel.who, waiting, PASSWORD)
    assert desk.row(waiting).state == "approved"


def test_a_change_that_is_not_there_is_not_there(desk: Desk) -> None:
    unknown = desk.cora.who.account_id
    with pytest.raises(NotThere):
        desk.changes.approve(desk.abel.who, unknown, PASSWORD)
    with pytest.raises(NotThere):
        desk.reading.one(desk.abel.who, unknown)


def test_a_role_that_was_taken_meanwhile_approves_nothing(desk: Desk) -> None:
    change_id = desk.added(PHONE)
    who = desk.abel.who
    desk.services.directory.change_roles(desk.ada.who, who.account_id, frozenset((Role.ANALYST,)))
    desk.services.confirmed()
    with pytest.raises(NotSignedIn):
        desk.changes.approve(who, change_id, PASSWORD)
    again = desk.services.with_code(desk.abel, desk.services.with_password(desk.abel))
    with pytest.raises(NotPermitted):
        desk.changes.approve(again, change_id, PASSWORD)


def test_who_approves_a_lift_is_shown_who_took_the_entry_off_and_why(desk: Desk) -> None:
    desk.in_force(PHONE)
    desk.retracted(PHONE)
    lift = desk.changes.draft(desk.bo.who, desk.lift(PHONE))
    desk.changes.submit(desk.bo.who, lift, PASSWORD)
    (operation,) = desk.reading.one(desk.abel.who, lift).operations
    assert operation.taken_off is not None
    assert operation.taken_off.record == {
        "author": "cora (cora)",
        "reason": "given to somebody else",
    }
    assert operation.taken_off.decided_at == int(desk.clock())
