"""A copy of a journal and its log in another folder, which an audit finds whole: only what is new.

It has every sealed segment, and of each that is still open the records under the checkpoint. What
is in the folder already stays: whatever is brought to it was held against the log before. What a
copy that broke off has left there is finished or made anew.
"""

import os
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec

from screening.file_lock import try_flock
from screening.ledger.lines import SealLine
from screening.ledger.log.audit import check_hashes, open_hashes
from screening.ledger.log.beginnings import (
    Copied,
    read_copied,
    require_apart,
    require_copy_or_empty,
)
from screening.ledger.log.checkpoint import CHECKPOINT, LOG, read_checkpoint
from screening.ledger.log.copied_drops import drops_of_copy, require_dropped
from screening.ledger.log.copied_witnessed import (
    Believed,
    Found,
    look_at_witnessed,
    witnessed_for_copy,
)
from screening.ledger.log.copies import Copies
from screening.ledger.log.drops import DROPS, Drop, find_drops
from screening.ledger.log.hashes import HASHES, Hashes, hashes_before
from screening.ledger.log.leaves import Leaves
from screening.ledger.log.named_runs import require_named
from screening.ledger.log.notes import Checkpoint
from screening.ledger.log.runs import RUNS, Run, read_runs
from screening.ledger.log.tree import HASH_BYTES, Subtrees
from screening.ledger.log.true_seals import missing_sealed, wrong_seals
from screening.ledger.log.witnessed import WITNESSED, Witnessed
from screening.ledger.seals import LOCK, SEALS
from screening.ledger.verify import read_index, segment_ids, segments_among
from screening.private_files import (
    ensure_private_directory,
    regular_descriptor,
    remove_unfinished,
    replace_private,
    sync_directory,
)
from screening.vocabulary.errors import LedgerDamaged, OperatorError

_PIECE_BYTES: Final = 1 << 20
_REPLACED: Final = (SEALS, CHECKPOINT, WITNESSED, DROPS)


class Snapshot(msgspec.Struct, frozen=True):
    """What is copied: files that only grow, up to where they belong to one checkpoint."""

    note: bytes
    checkpoint: Checkpoint
    witnessed: Found
    runs: list[Run]
    index: dict[str, SealLine]


Progress = Callable[[str, int, int], object]
"""Told of each segment: its id, which one it is (from 1), of how many."""

Mended = Callable[[str], object]
"""Told of each file of the copy's log that was made anew, also where something else is wrong."""


def export_ledger(
    directory: Path,
    target: Path,
    by: Believed,
    progress: Progress,
    *,
    lost: Collection[str] = (),
    mended: Mended = lambda _: None,
) -> int:
    """Bring the copy in `target` up to date, durably; of the segments in `lost` it is to have none.

    Return how many segments were copied. May run beside writers. Raises `LedgerDamaged` where the
    log in `target` is not the beginning of this one, and where less is whole here than the copy
    keeps, or may have: all else is copied then. Raises `OperatorError` and `OSError`. Whether the
    copy is whole an audit of it tells.
    """
    _make_place(directory, target, by)
    with _alone_in(target):
        snapshot = _snapshot(directory, by)
        copied = read_copied(target, by.key)
        dropped = _drops_beside_true_seals(directory, copied, by)
        with closing(open_hashes(directory / LOG)) as hashes:
            _require_future(directory, snapshot, copied, hashes)
            remade = [*copied.damaged_runs(snapshot.runs, hashes, directory=directory)]
            leaves = Leaves(snapshot.checkpoint.size, snapshot.runs, hashes)
            require_dropped(directory, target, leaves, snapshot.index, key=by.key, lost=lost)
            copies = Copies(directory, target, leaves=leaves, index=snapshot.index)
            copies.require_seals(copied.index, dropped)
            number, wrong = _copy_segments(directory, copies, progress)
            wrong += missing_sealed(directory, snapshot.index, by.key)
            drops = drops_of_copy(directory, copied, leaves, snapshot.index, key=by.key, lost=lost)
            witnessed = _witnessed(target, snapshot, by, hashes)
        for sentence in (*remade, *drops.remade):  # before: no mend is untold where this breaks off
            mended(sentence)
        sync_directory(target)  # also of what a copy that broke off has renamed
        _copy_log(directory, target, snapshot, drops=drops.content, witnessed=witnessed.witnessed)
    wrong += [*drops.wrong, *([witnessed.wrong] if witnessed.wrong else [])]
    if wrong:
        raise LedgerDamaged(*wrong)
    return number


def _make_place(directory: Path, target: Path, by: Believed) -> None:
    """Make the folder of a copy, which must not be the journal's, nor hold anything else."""
    require_apart(directory, target)
    require_copy_or_empty(target)
    read_checkpoint(directory / LOG, by.key)  # where there is none, no folder is made
    ensure_private_directory(target / LOG)


def _require_future(directory: Path, snapshot: Snapshot, copied: Copied, hashes: Hashes) -> None:
    """Raise `LedgerDamaged` unless the log here is whole, and goes on from the copy's."""
    check_hashes(snapshot.checkpoint, hashes)
    copied.require_beginning_of(snapshot.checkpoint, hashes)
    require_named(directory, snapshot.runs, hashes, known=snapshot.index)


def _drops_beside_true_seals(directory: Path, copied: Copied, by: Believed) -> dict[str, Drop]:
    """Return what was dropped; `LedgerDamaged` where the seals here would replace true ones."""
    drops = find_drops(directory / LOG, by.key)
    if wrong := [*wrong_seals(directory, copied.index, drops)]:
        raise LedgerDamaged(*wrong)
    return drops


def _witnessed(target: Path, snapshot: Snapshot, by: Believed, hashes: Subtrees) -> Found:
    theirs = look_at_witnessed(target / LOG, by)
    return witnessed_for_copy(
        snapshot.witnessed, theirs, by, signed=snapshot.checkpoint, hashes=hashes
    )


@contextmanager
def _alone_in(target: Path) -> Iterator[None]:
    """Have a copy for this process alone, and rid it of what others that were killed have left."""
    # A folder is a ledger, and not some other folder, by this file.
    descriptor = regular_descriptor(target / LOCK, os.O_RDWR | os.O_CREAT)
    try:
        is_alone = False
        with suppress(OSError):  # a network's disk may have no locks, and a copy needs none
            is_alone = try_flock(descriptor)
            if not is_alone:
                raise OperatorError(f"another command uses {target}; wait for its end")
        if is_alone:
            remove_unfinished(target, lambda name: name == SEALS or _is_segment(name))
            remove_unfinished(target / LOG, lambda name: name in _REPLACED)
        sync_directory(target)
        sync_directory(target.parent)
        yield
    finally:
        os.close(descriptor)


def _is_segment(name: str) -> bool:
    return bool(segments_among([Path(name)]))


def _snapshot(directory: Path, by: Believed) -> Snapshot:
    # In this order: what is countersigned is signed, and what is signed lies in segments whose
    # headers name no seal that is announced later.
    log = directory / LOG
    witnessed = look_at_witnessed(log, by)
    note, checkpoint = read_checkpoint(log, by.key)
    runs: list[Run] = []
    for run in read_runs(log):
        if run.leaf >= checkpoint.size:
            break
        runs.append(run)
    if (runs[-1].end if runs else 0) != checkpoint.size:
        raise LedgerDamaged(f"log, runs: not those of {checkpoint.size} leaves, which are signed")
    return Snapshot(
        note=note.encoded(),
        checkpoint=checkpoint,
        witnessed=witnessed,
        runs=runs,
        index=read_index(directory / SEALS),
    )


def _copy_segments(directory: Path, copies: Copies, progress: Progress) -> tuple[int, list[str]]:
    """Return how many were copied, and a sentence for each that is not whole here, or not ours."""
    segments = segment_ids(directory)
    number, kept = 0, list[str]()
    for place, segment in enumerate(segments, 1):
        progress(segment, place, len(segments))
        try:
            number += copies.bring(segment)
        except LedgerDamaged as error:
            kept += error.sentences
        except OperatorError as error:
            kept.append(str(error))
    return number, [*kept, *copies.set_seals()]


def _copy_log(
    directory: Path,
    target: Path,
    snapshot: Snapshot,
    *,
    drops: bytes,
    witnessed: Witnessed | None,
) -> None:
    # The drops first: they are told by what the copy had, which all else here changes. And last the
    # checkpoint, without which a copy is none.
    log, copy = directory / LOG, target / LOG
    if drops or (copy / DROPS).exists():
        replace_private(copy / DROPS, drops)
    seals = b"".join(line.line + b"\n" for line in snapshot.index.values())
    replace_private(target / SEALS, seals)
    _grow(log / HASHES, copy / HASHES, HASH_BYTES * hashes_before(snapshot.checkpoint.size))
    _grow(log / RUNS, copy / RUNS, sum(len(run.line) for run in snapshot.runs))
    if witnessed is not None:
        replace_private(copy / WITNESSED, witnessed.content)
    replace_private(copy / CHECKPOINT, snapshot.note)


def _grow(source: Path, copy: Path, size: int) -> None:
    """Bring a copy of a file that only grows to `size` bytes, durably.

    From the first piece on that differs: of a copy that broke off, the end may never have come to
    the disk.
    """
    reading = regular_descriptor(source, os.O_RDONLY)
    writing = regular_descriptor(copy, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW)
    try:
        for start in range(0, size, _PIECE_BYTES):
            length = min(_PIECE_BYTES, size - start)
            try:
                content = os.pread(reading, length, start)
            except OSError as error:
                raise LedgerDamaged(
                    f"log, {source.name}: cannot be read: {error.strerror}"
                ) from None
            if len(content) != length:
                raise LedgerDamaged(f"log, {source.name}: shorter than the checkpoint says")
            if not _holds(writing, content, start):
                _write(writing, content, start)
        os.ftruncate(writing, size)
        os.fsync(writing)
    finally:
        os.close(reading)
        os.close(writing)
    sync_directory(copy.parent)


def _holds(descriptor: int, content: bytes, start: int) -> bool:
    with suppress(OSError):  # what the disk does not give is written anew
        return os.pread(descriptor, len(content), start) == content
    return False


def _write(descriptor: int, content: bytes, start: int) -> None:
    while content:
        written = os.pwrite(descriptor, content, start)
        content, start = content[written:], start + written
