"""Makes anew what of a journal's files can be derived from its records, and never touches a record.

What is derived must lead to the root of the checkpoint that lies there: a journal that was forged
is not made to look whole by it. Nothing is signed.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import BinaryIO, Final

from screening.file_lock import try_flock
from screening.ledger.log.audit import open_hashes
from screening.ledger.log.checkpoint import CHECKPOINT, LOG
from screening.ledger.log.drops import dropped_segments
from screening.ledger.log.hashes import HASHES, Hashes
from screening.ledger.log.inspection import unverified_checkpoint
from screening.ledger.log.mended_runs import leaves_of, mend_runs
from screening.ledger.log.merged import LOCK as MERGING
from screening.ledger.log.notes import Checkpoint
from screening.ledger.log.runs import Run, read_runs
from screening.ledger.log.tree import root
from screening.ledger.recovery import recover_ledger
from screening.private_files import regular_descriptor, sync_directory
from screening.vocabulary.errors import LedgerDamaged, OperatorError

_SERVES: Final = "serve.lock"
_LEAVES_AT_A_TIME: Final = 4_096
_MENDED: Final = ".hashes.mended"


def mend(directory: Path) -> Iterator[str]:
    """Mend, and yield a sentence for each thing that was done or could not be.

    Raises `OperatorError` while a server or a keeper of the log uses the journal, and `OSError`.
    """
    log = directory / LOG
    with ExitStack() as held:
        for path in (directory.parent / _SERVES, log / MERGING):
            if path.exists():
                _hold(path, held)
        if not log.is_dir() or (log / MERGING).exists():
            yield from _recovered(directory)
        # Else it is a copy, in which an open segment is the beginning of one that is elsewhere.
        if not log.is_dir():
            return
        for step in (mend_runs, _mend_hashes):
            yield from _tried(step, directory)


def _recovered(directory: Path) -> Iterator[str]:
    recovery = recover_ledger(directory)
    yield from (
        f"segment {segment}: sealed; what was torn at its end is cut off"
        for segment in recovery.sealed
    )
    yield from (f"segment {segment}: set aside as damaged" for segment in recovery.damaged)
    yield from recovery.left


def _hold(path: Path, held: ExitStack) -> None:
    descriptor = regular_descriptor(path, os.O_RDWR)
    held.callback(os.close, descriptor)
    if not try_flock(descriptor):
        raise OperatorError(f"a server uses this journal ({path}); stop it, and mend then")


def _tried(step: Callable[[Path, Checkpoint], str | None], directory: Path) -> Iterator[str]:
    try:
        checkpoint = unverified_checkpoint(directory / LOG / CHECKPOINT)
        said = step(directory, checkpoint)
    except (LedgerDamaged, OperatorError) as error:
        said = f"not mended: {error}"
    if said is not None:
        yield said


def _mend_hashes(directory: Path, checkpoint: Checkpoint) -> str | None:
    """Compute all hashes from the records; take those of dropped records as they lie there."""
    path, new = directory / LOG / HASHES, directory / LOG / _MENDED
    descriptor = regular_descriptor(new, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    try:
        with closing(Hashes(descriptor)) as hashes:
            size, leaves = 0, list[bytes]()
            for leaf in _leaves(directory, checkpoint):
                leaves.append(leaf)
                if len(leaves) == _LEAVES_AT_A_TIME:
                    hashes.append(size, hashes.completed_by(size, leaves))
                    size, leaves = size + len(leaves), []
            hashes.append(size, hashes.completed_by(size, leaves))
            size += len(leaves)
            if size != checkpoint.size or root(size, hashes) != checkpoint.root:
                raise LedgerDamaged(
                    "log, hashes: the records here are not those that the checkpoint is over"
                )
        if path.exists() and _begins_as(path, new):
            return None
        new.replace(path)
        sync_directory(path.parent)
    finally:
        new.unlink(missing_ok=True)
    return f"log/{HASHES}: computed anew from {size} records, with the root of the checkpoint"


def _begins_as(path: Path, new: Path) -> bool:
    with path.open("rb") as old, new.open("rb") as computed:
        while piece := computed.read(1 << 20):
            if not _goes_on_with(old, piece):
                return False
    return True


def _goes_on_with(file: BinaryIO, piece: bytes) -> bool:
    with suppress(OSError):  # what the disk does not give is written anew
        return file.read(len(piece)) == piece
    return False


def _leaves(directory: Path, checkpoint: Checkpoint) -> Iterator[bytes]:
    """Yield the hash of each leaf under the checkpoint, in the order of the log."""
    dropped = dropped_segments(directory)
    last = {run.segment: run.leaf for run in read_runs(directory / LOG)}
    readers: dict[str, Iterator[bytes]] = {}
    for run in read_runs(directory / LOG):
        if run.leaf >= checkpoint.size:
            return
        if run.segment in dropped:
            with closing(open_hashes(directory / LOG)) as kept:
                yield from (kept.subtree(0, leaf) for leaf in range(run.leaf, run.end))
            continue
        leaves = readers.setdefault(run.segment, leaves_of(directory, run.segment))
        yield from _taken(leaves, run)
        if run.leaf == last[run.segment]:  # there may be more segments than a process may open
            del readers[run.segment]


def _taken(leaves: Iterator[bytes], run: Run) -> Iterator[bytes]:
    for record in range(run.record, run.record + run.count):
        leaf = next(leaves, None)
        if leaf is None:
            raise LedgerDamaged(f"segment {run.segment}, line {record + 1}: missing")
        yield leaf
