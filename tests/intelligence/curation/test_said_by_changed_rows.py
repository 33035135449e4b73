"""An entry that was written over in the database says nothing: nothing is left out for it."""

import pytest
from sqlalchemy import update

from intelligence.curation.recognising import recognise
from intelligence.curation.tables import ChangeRow, ChangeSet, EntryRow
from intelligence.errors import Undecipherable
from tests.intelligence.curation.desk import Desk
from tests.intelligence.imports.test_uploads import WHOLE, taken
from tests.intelligence.staff.services import PASSWORD

PHONE = "+1 202 555 0142"


def _in_force(desk: Desk) -> None:
    """Have what is approved be in force."""
    desk.exchange.take_turn()
    desk.indexer.apply(desk.indexer.down.sequences()[-1])
    desk.exchange.take_turn()


def _written_over(desk: Desk, sequence: int) -> None:
    """Have what a file ended be open, as the database says."""
    with desk.database.writing() as session:
        ended = update(EntryRow).where(EntryRow.ended_by == sequence)
        session.execute(ended.values(ended_by=None))


def test_an_import_takes_what_a_changed_row_says(desk: Desk) -> None:
    (change_id,) = desk.uploads.draft(desk.cora.who, taken(desk), unprotected=False)
    desk.changes.submit(desk.cora.who, change_id, PASSWORD)
    desk.changes.approve(desk.abel.who, change_id, PASSWORD)
    _in_force(desk)
    desk.in_force(WHOLE[0], source="case-9", role="unknown")
    _written_over(desk, 2)
    shown = desk.uploads.one(desk.cora.who, taken(desk))
    assert [one.code for one in shown.waiting.rows] == ["", "said", "said"]
    assert [one.is_unread for one in shown.waiting.rows] == [True, False, False]


def test_nothing_is_taken_back_where_what_a_later_file_ended_was_written_over(desk: Desk) -> None:
    desk.in_force(PHONE)
    desk.retracted(PHONE)
    _in_force(desk)
    _written_over(desk, 2)
    with pytest.raises(Undecipherable, match="restore a backup"):
        desk.versions.roll_back(desk.cora.who, 1)


def test_what_is_said_beside_a_changed_row_is_added_again(desk: Desk) -> None:
    for source in ("case-7", "case-8"):
        desk.in_force(PHONE, source=source)
    desk.retracted(PHONE)
    _in_force(desk)
    with desk.database.writing() as session:
        one = update(EntryRow).where(EntryRow.source == "case-8")
        session.execute(one.values(ended_by=None))
    (change_id,) = desk.versions.roll_back(desk.cora.who, 2)
    shown = desk.reading.one(desk.cora.who, change_id)
    assert shown.counts == {"lift": 1, "add": 1}
    assert [one.is_unread for one in shown.operations if one.name == "add"] == [True]


@pytest.mark.parametrize("values", [{"said": b"changed"}, {"canonical": None}])
def test_who_is_said_to_be_off_the_list_is_taken_off_again(
    desk: Desk, values: dict[str, bytes | None]
) -> None:
    desk.in_force(PHONE)
    never_left = desk.retracted(PHONE)
    with desk.database.writing() as session:
        of_it = ChangeRow.change_set_id == never_left
        session.execute(update(ChangeRow).where(of_it).values(values))
        in_force = update(ChangeSet).where(ChangeSet.id == never_left)
        session.execute(in_force.values(state="applied"))
    again = desk.retracted(PHONE)
    _in_force(desk)
    assert desk.row(again).state == "applied"
    assert desk.indexer.export(2).result.statements == 0
    assert not desk.reading.check(desk.cora.who, recognise(PHONE)).stand.is_listed
