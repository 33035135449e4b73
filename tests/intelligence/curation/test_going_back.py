"""Going back a version, however much came after it, and whoever writes meanwhile."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import insert, update

from intelligence.curation import versions
from intelligence.curation.recognising import recognise
from intelligence.curation.rollback import Undoing, undoing
from intelligence.curation.tables import ChangeRow, EntryRow
from intelligence.errors import FormRefused
from tests.intelligence.curation.desk import Desk

FIRST, SECOND, THIRD = "+1 202 555 0142", "+1 202 555 0143", "+1 202 555 0144"


def _applied(desk: Desk) -> None:
    """Have what is approved be in force."""
    desk.exchange.take_turn()
    desk.indexer.apply(desk.indexer.down.sequences()[-1])
    desk.exchange.take_turn()


def _selectors(desk: Desk, change_id: Any) -> list[str]:
    with desk.database.reading() as session:
        row = desk.row(change_id)
        return [one.canonical for one in desk.changes.sets.operations(session, row)]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite"])
def test_no_number_of_operations_is_too_many_to_go_back_behind(desk: Desk) -> None:
    desk.in_force(FIRST)
    change_id = desk.in_force(SECOND)
    of = {"change_set_id": change_id, "operation": "Add", "kind": "phone"}
    with desk.database.writing() as session:
        of["canonical_term"] = desk.seals.term(ChangeRow, recognise(SECOND))
        session.execute(insert(ChangeRow), [{"id": uuid4(), **of} for _ in range(50_000)])
    (draft,) = desk.versions.roll_back(desk.cora.who, 1)
    assert _selectors(desk, draft) == [recognise(SECOND).text]


def test_nobody_waits_for_what_going_back_reads(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.in_force(FIRST)
    desk.in_force(SECOND)

    def read(*args: Any, **options: Any) -> Undoing:
        desk.retracted(FIRST)
        return undoing(*args, **options)

    monkeypatch.setattr(versions, "undoing", read)
    (draft,) = desk.versions.roll_back(desk.cora.who, 1)
    assert _selectors(desk, draft) == [recognise(SECOND).text]


def test_what_is_drafted_is_as_of_the_last_file(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.in_force(FIRST)
    desk.in_force(SECOND)
    desk.retracted(SECOND)
    read: list[Undoing] = []

    def and_a_file_leaves(*args: Any, **options: Any) -> Undoing:
        read.append(undoing(*args, **options))
        if len(read) == 1:
            _applied(desk)
            desk.in_force(THIRD)
        return read[-1]

    monkeypatch.setattr(versions, "undoing", and_a_file_leaves)
    (draft,) = desk.versions.roll_back(desk.cora.who, 1)
    assert _selectors(desk, draft) == [recognise(THIRD).text]


def test_files_that_leave_all_the_time_are_told_of(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.in_force(FIRST)
    desk.in_force(SECOND)

    def and_a_file_leaves(*args: Any, **options: Any) -> Undoing:
        desk.in_force(THIRD, source=uuid4().hex)
        return undoing(*args, **options)

    monkeypatch.setattr(versions, "undoing", and_a_file_leaves)
    with pytest.raises(FormRefused, match="press it once more"):
        desk.versions.roll_back(desk.cora.who, 1)
    assert desk.reading.drafts(desk.cora.who).changes == []


@pytest.mark.parametrize("values", [{"said": b"changed"}, {"said": None}])
def test_an_operation_that_does_not_open_is_in_the_way_of_nothing_that_entries_give(
    desk: Desk, values: dict[str, bytes | None]
) -> None:
    desk.in_force(FIRST)
    change_id = desk.in_force(SECOND)
    with desk.database.writing() as session:
        of_it = update(ChangeRow).where(ChangeRow.change_set_id == change_id)
        session.execute(of_it.values(values))
    (draft,) = desk.versions.roll_back(desk.cora.who, 1)
    assert _selectors(desk, draft) == [recognise(SECOND).text]


def test_a_file_of_which_nobody_knows_whom_it_was_of_is_named(desk: Desk) -> None:
    desk.in_force(FIRST)
    change_id = desk.in_force(SECOND)
    desk.in_force(THIRD)
    with desk.database.writing() as session:
        of_it = update(ChangeRow).where(ChangeRow.change_set_id == change_id)
        session.execute(of_it.values(said=b"changed"))
        hidden = update(EntryRow).where(EntryRow.change_set_id == change_id)
        session.execute(hidden.values(begun_by=1, ended_by=1))
    with pytest.raises(FormRefused, match=r"file 2 has changed .* go back to version 2 or a later"):
        desk.versions.roll_back(desk.cora.who, 1)
    assert len(desk.versions.roll_back(desk.cora.who, 2)) == 1
