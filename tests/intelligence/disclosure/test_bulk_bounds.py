"""An export is of so many receipts, and so many of one person wait, and no more."""

import pytest

from intelligence.disclosure.bulk import MOST_RECEIPTS, BulkExports
from intelligence.errors import FormRefused
from tests.intelligence.disclosure.room import Room
from tests.intelligence.disclosure.test_bulk import asked


@pytest.fixture
def few(room: Room) -> BulkExports:
    """One receipt, and one export that waits."""
    room.services.prove(room.desk.abel)
    return BulkExports(room.disclosing, most_receipts=1, most_waiting=1)


def test_so_many_receipts_are_asked_for_at_once(room: Room, few: BulkExports) -> None:
    assert MOST_RECEIPTS == 200, "docs/disclosure.md says so"
    with pytest.raises(FormRefused, match="more than 1 receipts"):
        asked(few, room.olga, 1, 2)
    asked(few, room.olga, 1)


def test_so_many_exports_of_one_person_wait(room: Room, few: BulkExports) -> None:
    first = asked(few, room.olga, 1)
    with pytest.raises(FormRefused, match="too much of yours waits"):
        asked(few, room.olga, 2)
    asked(few, room.anna, 2)  # each has their own
    few.decide(room.desk.abel.who, first, approved=False)
    asked(few, room.olga, 2)
