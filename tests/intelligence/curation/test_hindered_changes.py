"""What nobody can approve says so before they type a password, and which selector it is of."""

import pytest
from sqlalchemy import select

from intelligence.curation.tables import ChangeRow
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
        assert "refuse this or take it back, and have the rest written anew" in str(one)
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


def test_what_is_not_written_yet_is_not_to_be_taken_back(desk: Desk) -> None:
    desk.in_force(PHONE)
    desk.retracted(PHONE)
    rows = [desk.addition(one) for one in (PHONE, OTHER)]
    with pytest.raises(FormRefused, match="was taken off the list; leave it out; or, where"):
        desk.changes.draft(desk.cora.who, *rows)
