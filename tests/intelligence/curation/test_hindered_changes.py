"""What nobody can approve says so before they type a password, and which selector it is of."""

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select, update

from intelligence.curation.guard import Limits
from intelligence.curation.reading import LOOKED_THROUGH_AT_MOST
from intelligence.curation.tables import ChangeRow, ChangeSet
from intelligence.errors import FormRefused
from tests.intelligence.curation.desk import Desk
from tests.intelligence.staff.services import PASSWORD

PHONE, OTHER, VICTIM = "+1 202 555 0142", "+1 202 555 0143", "+1 202 555 0144"


def test_what_was_taken_off_since_is_named_before_it_is_approved_and_where_it_is_refused(
    desk: Desk,
) -> None:
    desk.in_force(PHONE)
    rows = [desk.addition(one, source="case-9") for one in (PHONE, OTHER)]
    change_id = desk.changes.draft(desk.cora.who, *rows, desk.addition(VICTIM, role="victim"))
    desk.changes.submit(desk.cora.who, change_id, PASSWORD)
    assert desk.reading.one(desk.abel.who, change_id).hindrance is None
    desk.clock.move(1)
    desk.retracted(PHONE, by=desk.bo)
    hindrance = desk.reading.one(desk.abel.who, change_id).hindrance
    assert hindrance is not None
    with pytest.raises(
        FormRefused, match=r"^1 of these selectors was taken off the list"
    ) as refused:
        desk.changes.approve(desk.abel.who, change_id, PASSWORD)
    for one in (hindrance, refused.value):
        assert "; have the rest written anew without it; or, where" in str(one)
        assert "refuse" not in str(one), "the page says who does that"
        assert [row.masked for row in one.rows] == ["phone +12*******42"]
        assert one.rows[0].path is not None
        assert one.rows[0].path.startswith("/selectors/")
    desk.clock.move(1)
    desk.changes.refuse(desk.abel.who, change_id, str(hindrance))
    (off,) = [one for one in desk.reading.one(desk.cora.who, change_id).operations if one.taken_off]
    assert off.says["canonical"] == "+12*******42"
    assert off.taken_off is not None
    assert off.taken_off.is_since
    assert str(off.taken_off.record["author"]).startswith("bo")


def test_what_its_author_has_signed_with_an_old_key_is_said_to_be_refused(desk: Desk) -> None:
    change_id = desk.added(PHONE)
    assert desk.reading.one(desk.abel.who, change_id).hindrance is None
    desk.services.signing_keys.make(desk.cora.who, PASSWORD)
    for who in (desk.abel, desk.cora):
        hindrance = desk.reading.one(who.who, change_id).hindrance
        assert "with a key that is not, or no more, theirs" in str(hindrance)


def test_what_was_submitted_too_long_ago_is_said_to_be_refused(desk: Desk) -> None:
    change_id = desk.added(PHONE)
    desk.clock.move(15 * 86_400)
    hindrance = desk.reading.one(desk.abel.who, change_id).hindrance
    assert "too long ago" in str(hindrance)
    desk.changes.refuse(desk.abel.who, change_id, "to be written anew")
    assert desk.reading.one(desk.abel.who, change_id).hindrance is None


def test_what_is_not_what_was_signed_is_said_before_it_is_approved(desk: Desk) -> None:
    rows = [desk.addition(one) for one in (PHONE, OTHER)]
    change_id = desk.changes.draft(desk.cora.who, *rows)
    desk.changes.submit(desk.cora.who, change_id, PASSWORD)
    assert desk.reading.one(desk.abel.who, change_id).hindrance is None
    with desk.database.writing() as session:
        of_it = select(ChangeRow).where(ChangeRow.change_set_id == change_id).limit(1)
        session.delete(session.scalars(of_it).one())
    hindrance = desk.reading.one(desk.abel.who, change_id).hindrance
    assert str(hindrance).startswith("what is shown of this is not what was signed")
    assert "refuse" not in str(hindrance), "the page says who does that"
    desk.clock.move(15 * 86_400)
    later = desk.reading.one(desk.abel.who, change_id).hindrance
    assert str(later) == str(hindrance), "that it is old as well hides nothing"


def _retraction_too_late(desk: Desk) -> UUID:
    """Have one person take off more than one may, which nobody has approved in time."""
    for one in (PHONE, OTHER, VICTIM):
        desk.in_force(one)
    strict = replace(desk.changes, limits=Limits(share_percent=0, fewest=1))
    rows = map(desk.retraction, (PHONE, OTHER))
    change_id = strict.draft(desk.cora.who, *rows)
    strict.submit(desk.cora.who, change_id, PASSWORD)
    assert not desk.reading.one(desk.abel.who, change_id).is_for_anybody, "it can be approved"
    desk.clock.move(15 * 86_400)
    return change_id


def _move_into(desk: Desk, change_id: UUID, value: str) -> None:
    """Have a retraction of somebody else stand in a change, as if it had been signed with it."""
    other = desk.changes.draft(desk.bo.who, desk.retraction(value))
    with desk.database.writing() as session:
        moved = update(ChangeRow).where(ChangeRow.change_set_id == other)
        session.execute(moved.values(change_set_id=change_id))


def test_whoever_may_take_off_does_so_where_that_is_what_its_author_has_signed(desk: Desk) -> None:
    change_id = _retraction_too_late(desk)
    shown = desk.reading.one(desk.abel.who, change_id)
    assert "too long ago" in str(shown.hindrance)
    assert shown.is_for_anybody
    _move_into(desk, change_id, VICTIM)
    shown = desk.reading.one(desk.abel.who, change_id)
    assert shown.counts == {"retract": 3}
    assert not shown.is_for_anybody, "nobody has signed one of them"


def test_nobody_is_asked_to_take_off_whom_another_than_the_author_has_signed(desk: Desk) -> None:
    change_id = _retraction_too_late(desk)
    with desk.database.writing() as session:
        of_it = update(ChangeSet).where(ChangeSet.id == change_id)
        session.execute(of_it.values(author_id=desk.bo.who.account_id))
    shown = desk.reading.one(desk.abel.who, change_id)
    assert shown.hindrance is not None
    assert not shown.is_for_anybody


def test_what_lists_is_for_nobody_alone(desk: Desk) -> None:
    change_id = desk.added(PHONE)
    desk.clock.move(15 * 86_400)
    shown = desk.reading.one(desk.abel.who, change_id)
    assert shown.hindrance is not None
    assert not shown.is_for_anybody


def test_what_is_not_written_yet_is_not_to_be_taken_back(desk: Desk) -> None:
    desk.in_force(PHONE)
    desk.retracted(PHONE)
    rows = [desk.addition(one) for one in (PHONE, OTHER)]
    with pytest.raises(FormRefused, match="was taken off the list; leave it out; or, where"):
        desk.changes.draft(desk.cora.who, *rows)


def test_the_queue_says_of_what_is_short_why_nobody_can_approve_it(desk: Desk) -> None:
    desk.in_force(PHONE)
    short = desk.added(PHONE, source="case-9")
    others = [desk.addition(f"x{one}@ring.example") for one in range(LOOKED_THROUGH_AT_MOST)]
    change_id = desk.changes.draft(desk.cora.who, desk.addition(PHONE, source="case-8"), *others)
    desk.changes.submit(desk.cora.who, change_id, PASSWORD)
    fine = desk.added(OTHER)
    desk.clock.move(1)
    desk.retracted(PHONE, by=desk.bo)
    said = {one.id: one.hindrance for one in desk.reading.waiting(desk.abel.who).changes}
    assert said.keys() == {short, change_id, fine}
    assert str(said[short]).startswith("this selector was taken off the list; have it allowed")
    assert said[fine] is None
    assert said[change_id] is None, "a page of many of these would be long in coming"
    assert desk.reading.one(desk.abel.who, change_id).hindrance is not None
