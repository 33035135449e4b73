"""Makes the runs of a log anew from the first damage on: each leaf is one record, by its hash."""

import os
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from msgspec.structs import replace

from screening.ledger.durable import write_durably
from screening.ledger.log.audit import open_hashes
from screening.ledger.log.checkpoint import LOG
from screening.ledger.log.drops import dropped_segments
from screening.ledger.log.notes import Checkpoint
from screening.ledger.log.runs import RUNS, Run, Sequel, read_runs
from screening.ledger.log.tree import Subtrees, leaf_hash, root
from screening.ledger.verify import find_segment, segment_ids
from screening.private_files import regular_descriptor, sync_directory
from screening.vocabulary.errors import LedgerDamaged


def mend_runs(directory: Path, checkpoint: Checkpoint) -> str | None:
    """Cut off what is no true run, with all behind it, and derive what is missing by then.

    Returns what was done, None where nothing was to do; raises `LedgerDamaged` where the records
    that lie here do not tell, and then the file is as it was.
    """
    log = directory / LOG
    written = list(_runs_until_damage(log))
    whole_bytes = sum(len(run.line) for run in written)
    size_bytes = (log / RUNS).stat().st_size if (log / RUNS).exists() else 0
    size = written[-1].end if written else 0
    is_whole = size_bytes == whole_bytes and size >= checkpoint.size
    try:
        with closing(open_hashes(log)) as hashes:
            _require_root(checkpoint, hashes)
            kept = list(_true_runs(directory, written, checkpoint, hashes=hashes))
            derived = list(_derived(directory, kept, checkpoint, hashes=hashes))
            _require_sequel(kept, derived)
    except LedgerDamaged:
        # Of a record that was altered no run is true, nor can one be derived: it is named as that.
        if is_whole and not any(run.leaf < checkpoint.size < run.end for run in written):
            return None
        if size < checkpoint.size or is_whole:
            raise
        kept, derived = written, []  # what is cut off lies behind all that was signed
    if kept == written and not derived and size_bytes == whole_bytes:
        return None
    _write(log, kept, derived)
    return f"log/{RUNS}: {len(derived)} runs are derived from records, and what was none is cut off"


def _require_root(checkpoint: Checkpoint, hashes: Subtrees) -> None:
    if root(checkpoint.size, hashes) != checkpoint.root:
        raise LedgerDamaged("log, runs: not whole, and the hashes are not the checkpoint's")


def leaves_of(directory: Path, segment: str) -> Iterator[bytes]:
    """Yield the hash of each record of a segment; raises `LedgerDamaged`."""
    reader = find_segment(directory, segment)
    if reader is not None:
        yield from map(leaf_hash, reader.record_lines())


def _write(log: Path, kept: list[Run], derived: list[Run]) -> None:
    kept_bytes = sum(len(run.line) for run in kept)
    descriptor = regular_descriptor(log / RUNS, os.O_RDWR | os.O_CREAT)
    try:
        os.ftruncate(descriptor, kept_bytes)
        write_durably(descriptor, b"".join(run.line for run in derived), at_byte=kept_bytes)
    finally:
        os.close(descriptor)
    sync_directory(log)


def _runs_until_damage(log: Path) -> Iterator[Run]:
    with suppress(LedgerDamaged):
        yield from read_runs(log)


def _true_runs(
    directory: Path, runs: list[Run], checkpoint: Checkpoint, *, hashes: Subtrees
) -> Iterator[Run]:
    """Yield the runs up to the first whose records are not its leaves, or that passes the end.

    Those of dropped segments, of which no record lies here, and those behind the checkpoint, which
    whoever merges checks, are taken as they are.
    """
    dropped = dropped_segments(directory)
    last = {run.segment: run.leaf for run in runs}
    open_segments: dict[str, Iterator[bytes]] = {}
    for run in runs:
        if run.leaf < checkpoint.size and run.segment not in dropped:
            records = open_segments.setdefault(run.segment, leaves_of(directory, run.segment))
            if run.end > checkpoint.size or not _is_true(run, records, hashes):
                return
            if run.leaf == last[run.segment]:  # there may be more than a process may open
                del open_segments[run.segment]
        yield run


def _is_true(run: Run, records: Iterator[bytes], hashes: Subtrees) -> bool:
    try:
        return all(
            next(records, None) == hashes.subtree(0, leaf) for leaf in range(run.leaf, run.end)
        )
    except LedgerDamaged:
        return False


def _derived(
    directory: Path, runs: list[Run], checkpoint: Checkpoint, *, hashes: Subtrees
) -> Iterator[Run]:
    size = runs[-1].end if runs else 0
    if size >= checkpoint.size:
        return
    places = _places(directory, runs)
    current: Run | None = None
    for index in range(size, checkpoint.size):
        place = places.get(hashes.subtree(0, index))
        if place is None:
            raise LedgerDamaged(f"log, runs: no record here is leaf {index}")
        if current and (current.segment, current.record + current.count) == place:
            current = replace(current, count=current.count + 1)
            continue
        if current:
            yield current
        current = Run(index, *place, 1)
    if current:
        yield current


def _require_sequel(kept: list[Run], derived: list[Run]) -> None:
    try:
        Sequel([*kept, *derived])
    except LedgerDamaged:  # of a dropped segment, of which no record tells
        raise LedgerDamaged("log, runs: what lies here does not tell which are missing") from None


def _places(directory: Path, runs: list[Run]) -> dict[bytes, tuple[str, int]]:
    """Return segment and number (from 1) of each record that no run has, by its leaf's hash."""
    taken = {run.segment: run.record - 1 + run.count for run in runs}
    places: dict[bytes, tuple[str, int]] = {}
    for segment in segment_ids(directory):
        # What lies behind damage is missed as a leaf, where it is one.
        with suppress(LedgerDamaged):
            for record, leaf in enumerate(leaves_of(directory, segment), 1):
                if record > taken.get(segment, 0):
                    places[leaf] = segment, record
    return places
