"""What a page has shown stands for itself alone, whatever ids somebody chooses in the database."""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import insert, select, update

from intelligence.curation.recognising import recognise
from intelligence.curation.tables import ChangeSet, EntryRow
from intelligence.deployment import METADATA
from intelligence.store.data_keys import open_vault
from intelligence.store.key_file import KeyFile
from intelligence.store.rotation import rotate_keys
from intelligence.store.sealing import Seals
from screening.spools.changes import Change
from tests.harness.slow import slow_but_first
from tests.intelligence.curation.desk import Desk
from tests.intelligence.staff.services import PASSWORD

PHONE, OTHER = "+1 202 555 0142", "+1 202 555 0143"
HOUR = 3600
CAME_SINCE = "of whom its page did not say so"
BEFORE = "approved before the console was upgraded"


def _digest(value: str, *named: str) -> bytes:
    """Return what once stood for something that a page had shown: anybody could reckon it."""
    said = msgspec.json.encode(("phone", recognise(value).text, *named))
    return hashlib.sha256(said).digest()[:16]


def _approved(desk: Desk, *changes: Change, after: int | None = None, **typed: int) -> UUID:
    change_id = desk.changes.draft(desk.cora.who, *changes)
    desk.changes.submit(desk.cora.who, change_id, PASSWORD)
    leaves_at = None if after is None else int(desk.clock()) + after
    shown = desk.reading.one(desk.abel.who, change_id).shown
    desk.changes.approve(desk.abel.who, change_id, PASSWORD, shown, leaves_at=leaves_at, **typed)
    return change_id


def _in_force(desk: Desk) -> None:
    """Have what is due and what waits leave, and come into force."""
    desk.schedule.release_due()
    desk.exchange.take_turn()
    desk.indexer.apply(desk.indexer.down.sequences()[-1])
    desk.exchange.take_turn()


def _kept_back(desk: Desk, change_id: UUID) -> str:
    """Have what is due and what waits leave; return why a change came back, and is on record."""
    desk.schedule.release_due()
    desk.exchange.take_turn()
    assert desk.row(change_id).state == "refused"
    assert desk.row(change_id).came_back_at is not None
    return str(desk.reading.one(desk.abel.who, change_id).record["outcome"])


def _term(desk: Desk, value: str) -> bytes:
    return desk.seals.term(EntryRow, recognise(value))


def _write(desk: Desk, value: str, **columns: Any) -> None:
    """Write over the entries that are found as a selector's."""
    with desk.database.writing() as session:
        of_it = update(EntryRow).where(EntryRow.canonical_term == _term(desk, value))
        session.execute(of_it.values(columns))


def _put_unread(desk: Desk, value: str, row_id: bytes) -> None:
    """Add a row of this id that is found as a selector's, and does not hold."""
    with desk.database.writing() as session:
        table = EntryRow.__table__
        like = session.execute(select(table).limit(1)).one()._asdict()
        like |= {"id": UUID(bytes=row_id), "canonical_term": _term(desk, value), "ended_by": 1}
        session.execute(insert(EntryRow).values(like | {"bound": b"another"}))


def _disputed(desk: Desk, *values: str) -> list[Change]:
    return [desk.addition(value, role="disputed") for value in values]


def test_an_id_that_somebody_chose_stands_for_no_source_that_was_shown(desk: Desk) -> None:
    for value in (PHONE, OTHER):
        desk.in_force(value)
    _write(desk, PHONE, canonical_term=b"another")
    others = [desk.addition(f"a{one}@ring.example") for one in range(3)]
    later = _approved(desk, *_disputed(desk, PHONE, OTHER), *others, lessened=1)
    with desk.database.writing() as session:
        hidden = update(EntryRow).where(EntryRow.canonical_term == b"another")
        session.execute(hidden.values(canonical_term=_term(desk, PHONE)))
    _put_unread(desk, PHONE, _digest(OTHER, "default", "case-7"))
    assert CAME_SINCE in _kept_back(desk, later)
    assert '"event":"change kept back"' in desk.services.records()


def test_an_id_that_somebody_chose_stands_for_no_retraction_that_was_shown(desk: Desk) -> None:
    desk.in_force(PHONE)
    off = desk.retracted(PHONE)
    _in_force(desk)
    _approved(desk, desk.lift(PHONE), desk.addition(PHONE))
    _in_force(desk)
    is_open = EntryRow.ended_by.is_(None)
    with desk.database.writing() as session:
        session.execute(update(EntryRow).where(is_open).values(canonical_term=b"another"))
    later = _approved(desk, *_disputed(desk, PHONE))
    with desk.database.writing() as session:
        found = update(EntryRow).where(is_open).values(canonical_term=_term(desk, PHONE))
        session.execute(found)
    _put_unread(desk, PHONE, _digest(PHONE, str(off)))
    assert CAME_SINCE in _kept_back(desk, later)


def test_a_row_that_was_shown_unread_stands_for_no_other_selector(desk: Desk) -> None:
    for value in (PHONE, OTHER):
        desk.in_force(value)
    _write(desk, PHONE, canonical_term=b"another")
    _write(desk, OTHER, bound=b"another")
    later = _approved(desk, *_disputed(desk, PHONE, OTHER), lessened=1)
    _write(desk, OTHER, canonical_term=_term(desk, PHONE))
    with desk.database.writing() as session:
        hidden = update(EntryRow).where(EntryRow.canonical_term == b"another")
        session.execute(hidden.values(canonical_term=_term(desk, PHONE)))
    assert CAME_SINCE in _kept_back(desk, later)


def test_a_row_that_was_shown_unread_stands_for_no_retraction(desk: Desk) -> None:
    desk.in_force(PHONE)
    desk.retracted(PHONE)
    _in_force(desk)
    again = desk.changes.draft(desk.bo.who, desk.retraction(PHONE))
    _put_unread(desk, PHONE, _digest(PHONE, str(again)))
    later = _approved(desk, desk.lift(PHONE), after=HOUR)
    desk.changes.submit(desk.bo.who, again, PASSWORD)
    _in_force(desk)
    desk.clock.move(HOUR)
    assert "was taken off the list after this was approved" in _kept_back(desk, later)


def _as_before(desk: Desk, change_id: UUID, *marks: bytes, has_time: bool) -> None:
    """Have what is kept of an approval be as an earlier version kept it."""
    row = desk.row(change_id)
    kept = {"marks": marks, "leaves_at": row.leaves_at} if has_time else marks
    sealed = desk.seals.seal(row, "shown", msgspec.json.encode(kept))
    with desk.database.writing() as session:
        session.execute(update(ChangeSet).where(ChangeSet.id == change_id).values(shown=sealed))


@slow_but_first(1, "has_time", [True, False])
@pytest.mark.parametrize("after", [None, HOUR])
def test_what_was_approved_before_the_upgrade_and_takes_off_comes_back_and_says_so(
    desk: Desk, after: int | None, *, has_time: bool
) -> None:
    desk.in_force(PHONE)
    later = _approved(desk, *_disputed(desk, PHONE), after=after)
    _as_before(desk, later, _digest(PHONE, "default", "case-7"), has_time=has_time)
    desk.clock.move(after or 0)
    assert BEFORE in _kept_back(desk, later)


@slow_but_first(1, "has_time", [True, False])
def test_what_was_approved_before_the_upgrade_and_allows_again_comes_back_and_says_so(
    desk: Desk, *, has_time: bool
) -> None:
    desk.in_force(PHONE)
    off = desk.retracted(PHONE)
    _in_force(desk)
    later = _approved(desk, desk.lift(PHONE))
    _as_before(desk, later, _digest(PHONE, str(off)), has_time=has_time)
    assert BEFORE in _kept_back(desk, later)


@slow_but_first(1, "has_time", [True, False])
def test_what_was_approved_before_the_upgrade_leaves_where_it_only_adds_or_only_takes_off(
    desk: Desk, *, has_time: bool
) -> None:
    desk.in_force(PHONE)
    add = _approved(desk, desk.addition(OTHER), after=HOUR)
    desk.changes = replace(desk.changes, limits=replace(desk.limits, per_day=0))
    off = desk.changes.draft(desk.cora.who, desk.retraction(PHONE))
    desk.changes.submit(desk.cora.who, off, PASSWORD)
    desk.changes.approve(desk.abel.who, off, PASSWORD, named=1)
    for change_id in (add, off):
        _as_before(desk, change_id, has_time=has_time)
    desk.exchange.take_turn()
    assert [desk.row(one).state for one in (add, off)] == ["scheduled", "exported"]
    desk.clock.move(HOUR)
    _in_force(desk)
    _in_force(desk)
    assert [desk.row(one).state for one in (add, off)] == ["applied", "applied"]


def test_what_was_shown_counts_after_a_rotation_of_keys(desk: Desk, tmp_path: Path) -> None:
    desk.in_force(PHONE)
    desk.in_force(OTHER)
    desk.retracted(OTHER)
    _in_force(desk)
    changes = [*_disputed(desk, PHONE), desk.lift(OTHER)]
    shown = _approved(desk, *changes, lessened=1)
    key_file = KeyFile(tmp_path)
    rotate_keys(desk.database, key_file, METADATA, desk.clock)
    seals = Seals(open_vault(desk.database, key_file.read()))
    replace(desk.exchange, seals=seals).take_turn()
    assert desk.row(shown).state == "exported"
