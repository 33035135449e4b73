"""Whether a journal goes on from what a copy of it holds, and whether the two are apart at all."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import msgspec

from screening.ledger.lines import SealLine
from screening.ledger.log.checkpoint import CHECKPOINT, LOG, read_checkpoint
from screening.ledger.log.hashes import HASHES
from screening.ledger.log.notes import Checkpoint, VerifierKey
from screening.ledger.log.runs import RUNS, Run, read_runs
from screening.ledger.log.tree import Subtrees, root
from screening.ledger.seals import SEALS
from screening.ledger.verify import read_index
from screening.vocabulary.errors import LedgerDamaged, OperatorError


class Copied(msgspec.Struct, frozen=True):
    """What a copy holds of a log: as much as is whole, for the rest is made anew."""

    checkpoint: Checkpoint | None
    """None where no copy has come to its end there."""
    runs: list[Run]
    index: dict[str, SealLine]

    @property
    def size(self) -> int:
        """How many leaves the copy has answered for."""
        return self.checkpoint.size if self.checkpoint else 0

    def require_beginning_of(
        self, checkpoint: Checkpoint, hashes: Subtrees, runs: Iterable[Run]
    ) -> None:
        """Raise `LedgerDamaged` unless what was copied before is the beginning of this log."""
        if self.checkpoint is None:
            return
        if self.size > checkpoint.size:
            raise LedgerDamaged(
                f"log: it has {checkpoint.size} leaves, and the copy has {self.size}: the log was "
                "rolled back"
            )
        require_begins(self.checkpoint, hashes)
        size = self.runs[-1].end if self.runs else 0
        if _joined(runs, size) != _joined(self.runs, size):
            raise LedgerDamaged("log, runs: not those that the copy has")


def _joined(runs: Iterable[Run], size: int) -> list[tuple[str, int, int]]:
    """Return segment, first record and count of the runs of `size` leaves.

    Where several follow as one they are one: so fsck --mend writes those that it derives.
    """
    joined: list[tuple[str, int, int]] = []
    for run in runs:
        if run.leaf >= size:
            break
        count = min(run.end, size) - run.leaf
        segment, record, before = joined[-1] if joined else ("", 0, 0)
        if (segment, record + before) == (run.segment, run.record):
            joined[-1] = (segment, record, before + count)
        else:
            joined.append((run.segment, run.record, count))
    return joined


def require_begins(copied: Checkpoint, hashes: Subtrees) -> None:
    """Raise `LedgerDamaged` unless the log begins with the leaves of the copy."""
    if root(copied.size, hashes) != copied.root:
        raise LedgerDamaged(f"log: it does not begin with the {copied.size} leaves of the copy")


def read_copied(target: Path, key: VerifierKey) -> Copied:
    """Read what a copy in `target` holds; raises `OperatorError` where it is of another log."""
    log, runs, index = target / LOG, list[Run](), dict[str, SealLine]()
    checkpoint = read_copied_checkpoint(log, key) if (log / CHECKPOINT).exists() else None
    with suppress(LedgerDamaged):  # what is whole is the beginning, or not; the rest is made anew
        for run in read_runs(log):
            if checkpoint is None or run.end > checkpoint.size:
                break
            runs.append(run)
    with suppress(LedgerDamaged):
        index = read_index(target / SEALS)
    return Copied(checkpoint, runs, index)


def read_copied_checkpoint(log: Path, key: VerifierKey) -> Checkpoint:
    """Return the checkpoint in a copy's log; raises `OperatorError`."""
    try:
        return read_checkpoint(log, key)[1]
    except LedgerDamaged as error:
        raise OperatorError(f"the copy is not one of this log: {error}") from None


def require_apart(directory: Path, copy: Path) -> None:
    """Raise `OperatorError` where a copy lies in the journal, by whatever way it leads there."""
    real = Path(os.path.realpath(copy))  # a link that leads to itself is no error here, yet
    for folder in (real, *real.parents):
        if folder.exists() and folder.samefile(directory):
            raise OperatorError("the folder of the copy lies in the journal; give another one")
    for name in (HASHES, RUNS, CHECKPOINT):
        own, other = directory / LOG / name, copy / LOG / name
        if own.exists() and other.exists() and own.samefile(other):
            raise OperatorError(f"log/{name} of the copy is the journal's own; give another folder")
