"""What waits ahead of a change is what was signed, whatever the rows of its operations say."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, update

from intelligence.curation.lessening import Effect
from intelligence.curation.tables import ChangeRow, ChangeSet
from tests.intelligence.curation.desk import Desk
from tests.intelligence.staff.services import PASSWORD

PHONE, OTHER = "+1 202 555 0142", "+1 202 555 0143"


def _effects(desk: Desk, change_id: UUID) -> dict[Effect, int]:
    return dict(desk.reading.one(desk.abel.who, change_id).lessened)


def test_a_retraction_that_was_moved_to_what_is_approved_takes_off_nobody(desk: Desk) -> None:
    desk.in_force(PHONE)
    harmless = desk.approved(OTHER)
    drafted = desk.changes.draft(desk.cora.who, desk.retraction(PHONE))
    with desk.database.writing() as session:
        of_it = update(ChangeRow).where(ChangeRow.change_set_id == drafted)
        session.execute(of_it.values(change_set_id=harmless, operation="Add"))
    change_id = desk.added(PHONE, role="unknown")
    assert _effects(desk, change_id) == {Effect.TAKES_OFF: 1}


@pytest.mark.parametrize("values", [{"canonical_term": b"another"}, {"said": None}, None])
def test_whom_a_change_that_waits_will_list_is_shown(
    desk: Desk, values: dict[str, Any] | None
) -> None:
    listing = desk.approved(PHONE)
    of_it = ChangeRow.change_set_id == listing
    with desk.database.writing() as session:
        changed = delete(ChangeRow) if values is None else update(ChangeRow).values(values)
        session.execute(changed.where(of_it))
    change_id = desk.added(PHONE, role="unknown")
    assert _effects(desk, change_id) == {Effect.TAKES_OFF: 1}
    desk.changes.approve(desk.abel.who, change_id, PASSWORD)
    desk.exchange.take_turn()
    assert [desk.row(one).state for one in (listing, change_id)] == ["exported", "exported"]


def test_what_waits_and_does_not_open_may_list(desk: Desk) -> None:
    listing = desk.approved(PHONE)
    content = desk.row(listing).content
    change_id = desk.added(PHONE, role="unknown")
    of_it = update(ChangeSet).where(ChangeSet.id == listing)
    with desk.database.writing() as session:
        session.execute(of_it.values(content=b"changed"))
    assert _effects(desk, change_id) == {Effect.TAKES_OFF: 1}
    shown = desk.reading.one(desk.abel.who, change_id)
    assert dict(shown.unread_ahead) == {listing: "list"}
    desk.changes.approve(desk.abel.who, change_id, PASSWORD)
    assert '"unread":1' in desk.services.records()
    with desk.database.writing() as session:
        session.execute(of_it.values(content=content))
    desk.exchange.take_turn()
    assert [desk.row(one).state for one in (listing, change_id)] == ["exported", "refused"]


def test_whom_a_change_lists_that_was_hidden_until_it_leaves_stays(desk: Desk) -> None:
    listing = desk.approved(PHONE)
    of_it = update(ChangeSet).where(ChangeSet.id == listing)
    with desk.database.writing() as session:
        session.execute(of_it.values(state="draft"))
    change_id = desk.added(PHONE, role="unknown")
    assert _effects(desk, change_id) == {}
    desk.changes.approve(desk.abel.who, change_id, PASSWORD)
    with desk.database.writing() as session:
        session.execute(of_it.values(state="approved"))
        session.execute(update(ChangeRow).values(canonical_term=b"another"))
    desk.exchange.take_turn()
    assert [desk.row(one).state for one in (listing, change_id)] == ["exported", "refused"]
