"""One file after the other leaves, whole or not at all; what is told changes what it is about."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from intelligence.curation.recognising import recognise
from intelligence.curation.tables import EntryRow, ExportRow
from screening.spools.acknowledgement import Applied, Refused
from screening.spools.batch import parse_batch
from screening.spools.export import FIRST_PREVIOUS, Result
from screening.spools.up_file import Beside
from screening.vocabulary.errors import OperatorError
from tests.harness.each_step import steps_survived
from tests.intelligence.curation.desk import Desk
from tests.intelligence.staff.services import PASSWORD

PHONE, OTHER, THIRD = "+1 202 555 0142", "+1 202 555 0143", "+1 202 555 0144"


def test_files_are_numbered_and_each_names_the_one_before(desk: Desk) -> None:
    desk.in_force(PHONE)
    desk.in_force(OTHER)
    first, second = desk.indexer.export(1), desk.indexer.export(2)
    assert (first.sequence, first.previous) == (1, FIRST_PREVIOUS)
    assert (second.sequence, second.previous) == (2, desk.indexer.sha256(1))
    assert [first.result.statements, second.result.statements] == [1, 2]


def test_the_next_file_waits_until_the_one_before_is_in_force(desk: Desk) -> None:
    first, second, third = desk.approved(PHONE), desk.added(OTHER), desk.added(THIRD)
    desk.exchange.take_turn()
    for one in (second, third):
        desk.changes.approve(desk.abel.who, one, PASSWORD)
    desk.exchange.take_turn()
    assert desk.indexer.down.sequences() == [1]
    assert [desk.row(one).state for one in (first, second)] == ["exported", "approved"]
    desk.indexer.apply(1)
    desk.exchange.take_turn()
    assert [desk.row(one).state for one in (first, second)] == ["applied", "exported"]
    assert len(desk.indexer.export(2).batches) == 2, "what waits leaves together"


def test_changes_leave_in_the_order_in_which_they_were_decided(desk: Desk) -> None:
    desk.in_force(PHONE)
    desk.approved(OTHER)
    desk.retracted(OTHER)
    desk.exchange.take_turn()
    export = desk.indexer.export(2)
    kinds = [type(parse_batch(one.batch).changes[0]).__name__ for one in export.batches]
    assert kinds == ["Add", "Retract"]
    assert export.result.statements == 1


def test_what_was_skipped_leaves_no_trace_in_the_list(desk: Desk) -> None:
    desk.in_force(PHONE)
    gone, other = desk.retracted(PHONE), desk.approved(OTHER)
    desk.exchange.take_turn()
    desk.indexer.refuse(2)
    desk.exchange.take_turn()
    assert desk.row(other).state == "exported", "it is tried again until somebody decides"
    last = desk.file(2)
    assert (last["state"], "leave it out" in str(last["outcome"])) == ("refused", True)
    desk.indexer.skip(2)
    desk.exchange.take_turn()
    assert [desk.row(one).state for one in (gone, other)] == ["refused", "refused"]
    assert "leave it out" in str(desk.reading.one(desk.abel.who, other).record["outcome"])
    assert desk.reading.check(desk.cora.who, recognise(PHONE)).stand.is_listed
    assert not desk.reading.check(desk.cora.who, recognise(OTHER)).entries
    desk.retracted(PHONE)
    desk.exchange.take_turn()
    assert desk.indexer.export(3).result.statements == 0


@pytest.mark.slow
def test_a_refused_file_that_is_applied_after_all_is_in_force(desk: Desk) -> None:
    change_id = desk.approved(PHONE)
    desk.exchange.take_turn()
    desk.indexer.refuse(1)
    desk.exchange.take_turn()
    desk.indexer.apply(1)
    desk.exchange.take_turn()
    assert desk.row(change_id).state == "applied"
    desk.in_force(OTHER)


@pytest.mark.slow
def test_a_file_that_was_told_to_be_expired_too_early_is_written_anew_once_its_time_is_over(
    desk: Desk,
) -> None:
    change_id = desk.approved(PHONE)
    desk.exchange.take_turn()
    first = desk.indexer.sha256(1)
    desk.clock.move(24 * 3600 - 600)  # the indexer's clock is ten minutes ahead
    desk.indexer.tell(Refused(1, first, "expired", None, "export 1 has had its time"))
    for _ in range(2):
        desk.exchange.take_turn()
    assert desk.indexer.sha256(1) == first
    desk.clock.move(300)
    desk.exchange.take_turn()
    assert desk.indexer.sha256(1) != first
    desk.indexer.apply(1)
    desk.exchange.take_turn()
    assert desk.row(change_id).state == "applied"


def test_a_file_that_was_lost_is_written_again(desk: Desk) -> None:
    desk.approved(PHONE)
    desk.exchange.take_turn()
    document = desk.indexer.down.find(1)
    desk.indexer.down.path(1).unlink()
    desk.exchange.take_turn()
    assert desk.indexer.down.find(1) == document


def test_another_s_file_in_the_place_of_ours_is_told(desk: Desk) -> None:
    desk.indexer.down.lay(1, b"another's")
    desk.approved(PHONE)
    with pytest.raises(OperatorError, match="is not what was written here"):
        desk.exchange.take_turn()


def test_what_is_told_of_a_file_that_nobody_wrote_here_changes_nothing(desk: Desk) -> None:
    desk.approved(PHONE)
    desk.exchange.take_turn()
    desk.indexer.tell(Applied(1, "0" * 64, 1, 1, Result(1, "0" * 64)))
    for _ in range(2):
        with pytest.raises(OperatorError, match="was not written here"):
            desk.exchange.take_turn()
    with desk.database.reading() as session:
        assert session.scalars(select(ExportRow.state)).all() == ["waiting"]


def test_an_acknowledgement_of_another_s_or_out_of_line_is_refused(desk: Desk) -> None:
    desk.approved(PHONE)
    desk.exchange.take_turn()
    desk.indexer.previous = "1" * 64
    desk.indexer.apply(1)
    with pytest.raises(OperatorError, match="follows another"):
        desk.exchange.take_turn()
    path = desk.indexer.up.path(1)
    edited = bytearray(path.read_bytes())
    edited[-1] ^= 1
    path.write_bytes(edited)
    with pytest.raises(
        OperatorError, match=r"up/0000000001\.up cannot be used: file 1 was changed"
    ):
        desk.exchange.take_turn()


@dataclass(frozen=True)
class Looking:
    """Hears, and notes which down files are there then."""

    desk: Desk
    there: list[list[int]] = field(default_factory=list)

    def hear(self, session: Session, told: Beside) -> None:
        self.there.append(self.desk.indexer.down.sequences())

    def forget(self, session: Session, sequence: int) -> None:
        self.desk.evidence.forget(session, sequence)


@pytest.mark.slow
def test_what_waits_leaves_behind_the_first_file_that_is_read_and_waits_for_no_other(
    desk: Desk,
) -> None:
    looking = Looking(desk)
    desk.approved(PHONE)
    for _ in range(3):
        desk.indexer.say("screening-exclusions/1", {"rules": [], "overrides": []})
    replace(desk.exchange, evidence=looking).take_turn()
    assert looking.there == [[], [1], [1]]


@pytest.mark.slow
def test_a_turn_that_is_killed_at_any_step_is_gone_on_with(desk: Desk) -> None:
    lives = Lives(desk)
    assert steps_survived(lives.live, goes_on=lives.go_on) > 8


class Lives:
    """In each, what was told of a file waits to be read, and a change waits to leave."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.sequence = 0
        self._prepare()

    def live(self, step: int) -> bool:
        self.desk.database.engine.dispose(close=False)  # the parent's
        reached = _kill_before(self.desk, step)
        self.desk.exchange.take_turn()
        return reached() < step

    def go_on(self, _: int) -> bool:
        desk, following = self.desk, self.sequence + 1
        written = desk.indexer.down.find(following)
        desk.exchange.take_turn()
        assert desk.indexer.down.sequences()[-1] == following
        assert written in (None, desk.indexer.down.find(following)), "the same file"
        export = desk.indexer.export(following)
        assert len(export.batches) == 1
        with desk.database.reading() as session:
            is_open = EntryRow.ended_by.is_(None)
            entries = len(session.scalars(select(EntryRow.id).where(is_open)).all())
        assert export.result.statements == entries
        desk.indexer.apply(following)
        desk.exchange.take_turn()
        self.sequence = following
        self._prepare()
        return True

    def _prepare(self) -> None:
        self.sequence += 1
        self.desk.approved(PHONE, source=f"case-{self.sequence}")
        self.desk.exchange.take_turn()
        self.desk.indexer.apply(self.sequence)
        self.desk.approved(OTHER, source=f"case-{self.sequence}")


def _kill_before(desk: Desk, step: int) -> Callable[[], int]:
    """Die before so many of the changes that last: to the database, or to a folder."""
    taken = 0

    def note(*_: object) -> None:
        nonlocal taken
        taken += 1
        if taken == step:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(desk.database.engine, "commit", note)
    event.listen(desk.database.engine, "before_cursor_execute", _of_writes(note))
    for name in ("write", "fsync", "link", "unlink"):
        setattr(os, name, _before(note, getattr(os, name)))
    return lambda: taken


def _of_writes(note: Callable[[], None]) -> Callable[..., None]:
    def before(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(("INSERT", "UPDATE", "DELETE")):
            note()

    return before


def _before(note: Callable[[], None], call: Callable[..., object]) -> Callable[..., object]:
    def noted(*arguments: object, **options: object) -> object:
        note()
        return call(*arguments, **options)

    return noted
