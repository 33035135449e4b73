"""Whether a journal goes on from what a copy of it holds, and whether the two are apart at all."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path

import msgspec
from msgspec.structs import replace

from screening.ledger.lines import SealLine
from screening.ledger.log.audit import open_hashes
from screening.ledger.log.checkpoint import CHECKPOINT, LOG, read_checkpoint
from screening.ledger.log.drops import DROPS
from screening.ledger.log.hashes import HASHES
from screening.ledger.log.leaves import Leaves
from screening.ledger.log.notes import Checkpoint, VerifierKey
from screening.ledger.log.runs import RUNS, Run, read_runs
from screening.ledger.log.tree import Subtrees, root
from screening.ledger.log.witnessed import WITNESSED
from screening.ledger.seals import LOCK, SEALS
from screening.ledger.verify import open_segment, read_index, segments_among
from screening.private_files import open_private
from screening.vocabulary.errors import LedgerDamaged, OperatorError


class Copied(msgspec.Struct, frozen=True):
    """What a copy holds of a log: as much as is whole, for the rest is made anew."""

    folder: Path
    checkpoint: Checkpoint | None
    """None where no copy has come to its end there."""
    runs: list[Run]
    """Those before the first damage, and without the one before it, which may have led to it."""
    are_runs_whole: bool
    damage: str | None
    """What is wrong with the checkpoint: that here is the one of its hashes and runs."""
    index: dict[str, SealLine]

    @property
    def size(self) -> int:
        """How many leaves the copy has answered for."""
        return self.checkpoint.size if self.checkpoint else 0

    def require_beginning_of(self, checkpoint: Checkpoint, hashes: Subtrees) -> None:
        """Raise `LedgerDamaged` unless this log begins with the leaves that were copied."""
        if self.size > checkpoint.size and self.damage:
            raise OperatorError(self.damage)
        if self.size > checkpoint.size:
            raise LedgerDamaged(
                f"log: it has {checkpoint.size} leaves, and the copy has {self.size}: the log was "
                "rolled back"
            )
        if self.checkpoint is None:
            return
        if self.damage and root(self.size, hashes) != self.checkpoint.root:
            raise OperatorError(self.damage)
        require_begins(self.checkpoint, hashes)

    def damaged_runs(
        self, runs: Sequence[Run], hashes: Subtrees, *, directory: Path
    ) -> Iterator[str]:
        """Yield a sentence where the copy's runs are damaged, and those here may take their place.

        Raises `LedgerDamaged` where they are others than here, unless records tell by the `hashes`,
        which have been checked, that those of `directory` are true.
        """
        if self.checkpoint is None:
            return
        if self.damage:
            was = "damaged" if (self.folder / LOG / CHECKPOINT).exists() else "missing"
            yield f"log/{CHECKPOINT} of the copy was {was}, and is copied anew"
        size = self.runs[-1].end if self.runs else 0
        ours, theirs = _joined(runs, size), _joined(self.runs, size)
        if ours == theirs and self.are_runs_whole:
            return
        if ours != theirs:
            leaves = Leaves(size, runs, hashes)
            strangers = self._names_strangers({*theirs} - {*ours}, directory)
            for segment in {run.segment for run in {*ours} - {*theirs}}:
                is_sealed = strangers and segment in self.index  # of one dropped no record tells
                folders = directory, self.folder
                if not is_sealed and not any(_tells(one, segment, leaves) for one in folders):
                    raise LedgerDamaged("log, runs: not those that the copy has")
        yield f"log/{RUNS} of the copy was damaged, and is copied anew from the first damage on"

    def _names_strangers(self, runs: Iterable[Run], directory: Path) -> bool:
        """Tell whether runs are of segments that were sealed nowhere, and lie nowhere."""
        names = {run.segment for run in runs}
        lying = [*directory.iterdir(), *self.folder.iterdir()]
        return names.isdisjoint(self.index) and names.isdisjoint(segments_among(lying))


def _tells(folder: Path, segment: str, leaves: Leaves) -> bool:
    """Tell whether the records of a segment in `folder` are its leaves, all of them."""
    try:
        reader = open_segment(folder, segment)
    except (OperatorError, OSError):
        return False
    if reader is None:
        return False
    with closing(reader):
        return leaves.true_end(reader).records >= leaves.count(segment)


def _joined(runs: Iterable[Run], size: int) -> list[Run]:
    """Return the runs of `size` leaves, as one where several follow as one.

    So fsck --mend writes those that it derives.
    """
    joined: list[Run] = []
    for run in runs:
        if run.leaf >= size:
            break
        count = min(run.end, size) - run.leaf
        before = joined[-1] if joined else None
        if before and (before.segment, before.record + before.count) == (run.segment, run.record):
            joined[-1] = replace(before, count=before.count + count)
        else:
            joined.append(replace(run, count=count))
    return joined


def require_begins(copied: Checkpoint, hashes: Subtrees) -> None:
    """Raise `LedgerDamaged` unless the log begins with the leaves of the copy."""
    if root(copied.size, hashes) != copied.root:
        raise LedgerDamaged(f"log: it does not begin with the {copied.size} leaves of the copy")


def read_copied(target: Path, key: VerifierKey) -> Copied:
    """Read what a copy in `target` holds; raises `OperatorError` where it is of another log."""
    log, index, damage = target / LOG, dict[str, SealLine](), None
    checkpoint: Checkpoint | None
    _require_readable(log)
    try:
        checkpoint = read_copied_checkpoint(log, key)
    except OperatorError as error:
        damage, checkpoint = str(error), _checkpoint_of_hashes(log, key)
        if checkpoint is None and (log / CHECKPOINT).exists():
            raise
    runs = list(_runs_under(checkpoint, log)) if checkpoint else []
    are_runs_whole = (runs[-1].end if runs else 0) == (checkpoint.size if checkpoint else 0)
    with suppress(LedgerDamaged):  # what is whole is the beginning, or not; the rest is made anew
        index = read_index(target / SEALS)
    if not are_runs_whole:
        runs = runs[:-1]
    return Copied(target, checkpoint, runs, are_runs_whole, damage, index)


def _require_readable(log: Path) -> None:
    """Raise `OperatorError` for a file that others may read, or nobody: that is no damage of it."""
    for name in (CHECKPOINT, RUNS, DROPS, WITNESSED):
        with suppress(FileNotFoundError):
            open_private(log / name).close()


def _checkpoint_of_hashes(log: Path, key: VerifierKey) -> Checkpoint | None:
    """Return what was signed of a copy by its hashes and runs, where its checkpoint is no more.

    Nobody believes it: it is held against the log that goes on, as the damaged one would have been.
    """
    try:
        size = max((run.end for run in read_runs(log)), default=0)
        with closing(open_hashes(log)) as hashes:
            return Checkpoint(key.name, size, root(size, hashes)) if size else None
    except (LedgerDamaged, OperatorError, OSError):
        return None


def _runs_under(checkpoint: Checkpoint, log: Path) -> Iterator[Run]:
    with suppress(LedgerDamaged, OperatorError):
        for run in read_runs(log):
            if run.end > checkpoint.size:
                break
            yield run


def read_copied_checkpoint(log: Path, key: VerifierKey) -> Checkpoint:
    """Return the checkpoint in a copy's log; raises `OperatorError`."""
    try:
        return read_checkpoint(log, key)[1]
    except LedgerDamaged as error:
        raise OperatorError(f"the copy is not one of this log: {error}") from None


def require_copy_or_empty(target: Path) -> None:
    """Raise `OperatorError` for a folder that holds something, and in which no copy has begun.

    A copy begins with the folder of its log, and until that says more has no other files than its.
    """
    if not target.is_dir() or not any(target.iterdir()):
        return
    if not (target / LOG).is_dir() or not (_has_log(target) or _holds_a_copy_alone(target)):
        raise OperatorError(
            f"{target} holds something that is no copy of a journal; give a new folder, or the one "
            "of its copy"
        )


def _has_log(target: Path) -> bool:
    return any((target / LOG / name).exists() for name in (HASHES, RUNS, CHECKPOINT))


def _holds_a_copy_alone(target: Path) -> bool:
    """Tell whether there is nothing but what a first copy that broke off may leave."""
    of_log = {path.name for path in (target / LOG).iterdir()} - {DROPS, WITNESSED}
    names = {path.name for path in target.iterdir()} - {LOG, LOCK, SEALS}
    return all(name.startswith(".") or segments_among([Path(name)]) for name in names) and all(
        name.startswith(".") for name in of_log
    )


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
