"""A copy of a journal and its log in another folder, which an audit finds whole: only what is new.

It has every sealed segment, and of each that is still open the records under the checkpoint. What
is in the folder already stays; whatever a copy that broke off left there is finished or made anew.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from screening.ledger.lines import MAX_LINE_BYTES, SealLine
from screening.ledger.log.checkpoint import CHECKPOINT, LOG, read_checkpoint
from screening.ledger.log.drops import DROPS
from screening.ledger.log.hashes import HASHES, Hashes, hashes_before
from screening.ledger.log.notes import MAX_NOTE_BYTES, Checkpoint, VerifierKey
from screening.ledger.log.runs import RUNS, read_runs
from screening.ledger.log.tree import HASH_BYTES, root
from screening.ledger.log.witnessed import WITNESSED
from screening.ledger.seals import LOCK, SEALS
from screening.ledger.segment import DAMAGED, OPEN, SEALED
from screening.ledger.verify import read_index, segment_ids
from screening.private_files import (
    ensure_private_directory,
    open_private,
    private_file,
    read_private,
    regular_descriptor,
    replace_private,
    sync_directory,
)
from screening.vocabulary.errors import LedgerDamaged, OperatorError

_PIECE_BYTES: Final = 1 << 20


class Snapshot(msgspec.Struct, frozen=True):
    """What is copied: files that only grow, up to where they belong to one checkpoint."""

    checkpoint: bytes
    size: int
    witnessed: bytes | None
    records: dict[str, int]
    """Segment -> how many of its records are under the checkpoint."""
    runs_bytes: int
    index: dict[str, SealLine]


Progress = Callable[[str, int, int], object]
"""Told of each segment: its id, which one it is (from 1), of how many."""


def export_ledger(directory: Path, target: Path, key: VerifierKey, progress: Progress) -> int:
    """Bring the copy in `target` up to date, durably; return how many segments were copied.

    May run beside writers. Raises `LedgerDamaged` where the log in `target` is not the beginning of
    this one, `OperatorError` and `OSError`. Whether the copy is whole an audit of it tells.
    """
    if target.resolve().is_relative_to(directory.resolve()):
        raise OperatorError("the folder to copy to lies in the journal; give another one")
    snapshot = _snapshot(directory, key)
    ensure_private_directory(target / LOG)
    _require_beginning(directory / LOG, target / LOG, key, snapshot.size)
    (target / LOCK).touch(mode=0o600)  # by which a folder is a ledger, and not some other folder
    segments = segment_ids(directory)
    copied = 0
    for number, segment in enumerate(segments, 1):
        progress(segment, number, len(segments))
        copied += _copy_segment(directory, target, segment, snapshot)
    _copy_log(directory, target, snapshot)
    return copied


def _snapshot(directory: Path, key: VerifierKey) -> Snapshot:
    # In this order: what is countersigned is signed, and what is signed lies in segments whose
    # headers name no seal that is announced later.
    log = directory / LOG
    witnessed = log / WITNESSED
    countersigned = None
    if witnessed.exists():
        countersigned = read_private(witnessed, max_bytes=MAX_NOTE_BYTES)
    note, checkpoint = read_checkpoint(log, key)
    records: dict[str, int] = {}
    runs_bytes = 0
    for run in read_runs(log):
        if run.leaf >= checkpoint.size:
            break
        records[run.segment] = run.record - 1 + run.count
        runs_bytes += len(run.line)
    return Snapshot(
        checkpoint=note.encoded(),
        size=checkpoint.size,
        witnessed=countersigned,
        records=records,
        runs_bytes=runs_bytes,
        index=read_index(directory / SEALS),
    )


def _require_beginning(log: Path, copy: Path, key: VerifierKey, size: int) -> None:
    """Raise `LedgerDamaged` unless what was copied before is the beginning of this log."""
    if not (copy / CHECKPOINT).exists():
        return
    older = read_copied_checkpoint(copy, key)
    if older.size > size:
        raise LedgerDamaged(
            f"log: it has {size} leaves, and the copy has {older.size}: the log was rolled back"
        )
    with closing(Hashes.open(log)) as hashes:
        if root(older.size, hashes) != older.root:
            raise LedgerDamaged(f"log: it does not begin with the {older.size} leaves of the copy")


def read_copied_checkpoint(copy: Path, key: VerifierKey) -> Checkpoint:
    """Return the checkpoint in a copy's log; raises `OperatorError`."""
    try:
        return read_checkpoint(copy, key)[1]
    except LedgerDamaged as error:
        raise OperatorError(f"the copy is not one of this log: {error}") from None


def _copy_segment(directory: Path, target: Path, segment: str, snapshot: Snapshot) -> bool:
    """Copy one segment, unless it is there; False where it was, or has nothing to be copied yet."""
    announced = snapshot.index.get(segment)
    for suffix in (OPEN, SEALED, DAMAGED):  # it may be renamed at any moment, and never back
        try:
            source = open_private(directory / f"{segment}{suffix}")
            break
        except FileNotFoundError:
            continue
    else:
        return False
    with source:
        if suffix == DAMAGED or (suffix == SEALED and announced is not None):
            lines = None
        else:
            records = announced.seal.records if announced else snapshot.records.get(segment, 0)
            if not records:
                return False
            suffix, lines = OPEN, 1 + records
        path = target / f"{segment}{suffix}"
        if suffix == SEALED and _ends_with(path, announced):
            return False
        with private_file(path, overwrite=True) as copy:
            for piece in _pieces(source, lines):
                copy.write(piece)
    for other in {OPEN, SEALED, DAMAGED} - {suffix}:
        path.with_suffix(other).unlink(missing_ok=True)
    sync_directory(target)
    return True


def _pieces(source: BinaryIO, lines: int | None) -> Iterator[bytes]:
    while lines is None and (piece := source.read(_PIECE_BYTES)):
        yield piece
    for _ in range(lines or 0):
        yield source.readline(MAX_LINE_BYTES)


def _ends_with(path: Path, announced: SealLine | None) -> bool:
    """Tell whether a copy has the last line that it should have."""
    if announced is None or not path.exists():
        return False
    line = announced.line + b"\n"
    with open_private(path) as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - len(line)))
        return file.read() == line


def _copy_log(directory: Path, target: Path, snapshot: Snapshot) -> None:
    log, copy = directory / LOG, target / LOG
    seals = b"".join(line.line + b"\n" for line in snapshot.index.values())
    replace_private(target / SEALS, seals)
    _grow(log / HASHES, copy / HASHES, HASH_BYTES * hashes_before(snapshot.size))
    _grow(log / RUNS, copy / RUNS, snapshot.runs_bytes)
    if (log / DROPS).exists():
        replace_private(copy / DROPS, read_private(log / DROPS, max_bytes=1 << 30))
    if snapshot.witnessed is not None:
        replace_private(copy / WITNESSED, snapshot.witnessed)
    replace_private(copy / CHECKPOINT, snapshot.checkpoint)


def _grow(source: Path, copy: Path, size: int) -> None:
    """Bring a copy of a file that only grows to `size` bytes, durably.

    From the first piece on that differs: of a copy that broke off, the end may never have come to
    the disk.
    """
    reading = regular_descriptor(source, os.O_RDONLY)
    writing = regular_descriptor(copy, os.O_RDWR | os.O_CREAT)
    try:
        for start in range(0, size, _PIECE_BYTES):
            length = min(_PIECE_BYTES, size - start)
            content = os.pread(reading, length, start)
            if len(content) != length:
                raise LedgerDamaged(f"log, {source.name}: shorter than the checkpoint says")
            if os.pread(writing, length, start) != content:
                _write(writing, content, start)
        os.ftruncate(writing, size)
        os.fsync(writing)
    finally:
        os.close(reading)
        os.close(writing)
    sync_directory(copy.parent)


def _write(descriptor: int, content: bytes, start: int) -> None:
    while content:
        written = os.pwrite(descriptor, content, start)
        content, start = content[written:], start + written
