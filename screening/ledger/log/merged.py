"""The one process that merges: records of all segments into the log, and a checkpoint over them.

Runs and hashes are made durable first, then the checkpoint is signed. So whatever is killed in
between, all that was ever signed lies in the files, and what lies behind it was never shown to
anybody: it is kept where the segments still say the same, and cut off otherwise.
"""

import errno
import io
import logging
import os
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final, Self

from screening.alarms import Alarms
from screening.file_lock import try_flock
from screening.ledger.durable import write_durably
from screening.ledger.log.checkpoint import LOG, read_checkpoint, sign_checkpoint
from screening.ledger.log.hashes import Hashes
from screening.ledger.log.notes import SignerKey
from screening.ledger.log.runs import RUNS, Run, read_runs
from screening.ledger.log.sources import Source, is_taken
from screening.ledger.log.tree import leaf_hash, root
from screening.ledger.seals import SEALS
from screening.ledger.verify import read_index, segments_among
from screening.private_files import ensure_private_directory, sync_directory
from screening.vocabulary.errors import LedgerDamaged, OperatorError

LOCK: Final = "lock"
MANY_LEAVES: Final = 10_000
"""Are written before more are read: a journal that was never merged may not fit into memory."""

_log = logging.getLogger(__name__)


class MergedLog:
    """Merges the segments in `directory`, and signs; for one thread of one process at a time.

    After any error it must be closed and opened anew.
    """

    def __init__(
        self,
        directory: Path,
        key: SignerKey,
        *,
        alarms: Alarms | None = None,
        many_leaves: int = MANY_LEAVES,
    ) -> None:
        """Take the log, and bring it to where it can go on.

        Raises `OperatorError` where another process has it, `LedgerDamaged` where what was signed
        is not what lies here, or nothing ever was, and `OSError`.
        """
        self._directory, self._key = directory, key
        self._alarms, self._many_leaves = alarms, many_leaves
        self._log = directory / LOG
        if not self._log.exists():
            raise LedgerDamaged("log: missing")
        ensure_private_directory(self._log)
        self._sources: dict[str, Source] = {}
        self._done: set[str] = set()
        self._told: set[str] = set()
        self._taken: dict[str, int] = {}
        self._runs_bytes = 0
        self._looked: tuple[int, int] = (0, 0)
        self.size = 0
        """How many leaves are durable."""
        with ExitStack() as undo:
            self._lock = undo.enter_context(_locked(self._log / LOCK))
            self._hashes = Hashes.open(self._log, for_writing=True)
            undo.callback(self._hashes.close)
            self._runs = os.open(self._log / RUNS, os.O_RDWR | os.O_CREAT, 0o600)
            undo.callback(os.close, self._runs)
            sync_directory(self._log)
            sync_directory(directory)
            _, self.signed = read_checkpoint(self._log, key.verifier)
            """What was signed last."""
            self._go_on()
            self._files = undo.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let another process have the log."""
        self._files.close()

    def merge(self) -> int:
        """Make the records that have settled leaves, durably, and return how many.

        Raises `OSError`, and `LedgerDamaged` where the log lacks what they stand on. A segment that
        is damaged is told as an alarm, and left at that record; so is one that is not there any
        more, or whose mode or kind of file is not what a writer makes, until that is mended.
        """
        if not os.path.samestat(os.fstat(self._lock.fileno()), (self._log / LOCK).stat()):
            raise FileNotFoundError(errno.ENOENT, "another folder has its name", str(self._log))
        self._look()
        before = self.size
        runs: list[Run] = []
        leaves: list[bytes] = []
        for segment, source in sorted(self._sources.items()):
            first = len(leaves)
            try:
                leaves.extend(leaf_hash(line) for line in source.lines())
            except LedgerDamaged as error:
                self._tell(segment, error)
                self._done.add(segment)
            except OperatorError as error:  # it is gone, or no file of ours: which may be mended
                self._tell(segment, error)
            if count := len(leaves) - first:
                runs.append(Run(self.size + first, segment, source.taken - count + 1, count))
            if source.is_done:
                self._done.add(segment)
            if len(leaves) >= self._many_leaves:
                self._append(runs, leaves)
                runs, leaves = [], []
        if leaves:
            self._append(runs, leaves)
        self._forget()
        return self.size - before

    def _forget(self) -> None:
        """Look no more at what is done, nor at what is gone until it is found anew."""
        for segment, source in [*self._sources.items()]:
            if source.is_gone or segment in self._done:
                del self._sources[segment]

    def sign(self) -> None:
        """Sign a checkpoint over all leaves, unless the last one is over as many.

        Raises `LedgerDamaged` where the log no longer begins as that one says, and `OSError`.
        """
        self._require_signed()
        if self.signed.size < self.size:
            size_root = root(self.size, self._hashes)
            self.signed = sign_checkpoint(self._log, self._key, size=self.size, root=size_root)

    def _tell(self, segment: str, error: LedgerDamaged | OperatorError) -> None:
        if segment not in self._told:
            self._told.add(segment)
            _log.error("not merged further: %s", error)
        if self._alarms is not None:
            self._alarms.raised("journal_damaged", segment)

    def _append(self, runs: Sequence[Run], leaves: Sequence[bytes]) -> None:
        # Before anything is written: a log that was cut off takes up nothing more.
        added = self._hashes.completed_by(self.size, leaves)
        # One write of each, however many workers there are: all of them wait for the same disk.
        lines = b"".join(run.line for run in runs)
        write_durably(self._runs, lines, at_byte=self._runs_bytes)
        self._runs_bytes += len(lines)
        self._hashes.append(self.size, added)
        self.size += len(leaves)

    def _look(self) -> None:
        """Find new segments: none while the folder is as it was at the last two looks."""
        changed_ns = self._directory.stat().st_mtime_ns
        if self._looked == (changed_ns, changed_ns):
            return
        self._looked = (self._looked[1], changed_ns)
        for segment in segments_among(self._directory.iterdir()):
            if segment not in self._done and segment not in self._sources:
                taken = self._taken.get(segment, 0)
                self._sources[segment] = Source(self._directory, segment, taken)

    def _go_on(self) -> None:
        """Keep what was signed, and what lies behind it as far as it is true."""
        signed_size = self.signed.size
        self._require_signed()
        try:
            for run in read_runs(self._log):
                if not self._is_firm(run):
                    break
                self._taken[run.segment] = run.record - 1 + run.count
                self._runs_bytes += len(run.line)
                self.size = run.end
        except LedgerDamaged:
            if self.size < signed_size:
                raise
        if self.size < signed_size:
            raise LedgerDamaged(f"log, runs: leaf {self.size} is missing, and was signed")
        os.ftruncate(self._runs, self._runs_bytes)
        os.fdatasync(self._runs)
        self._hashes.cut(self.size)
        self._sources.clear()
        self._pass_over_sealed()

    def _is_firm(self, run: Run) -> bool:
        """Tell whether a run was signed or is true; a checkpoint is over whole runs."""
        size = self.signed.size
        if run.leaf < size < run.end:
            raise LedgerDamaged(f"log, runs: a run passes leaf {size}, where what was signed ends")
        return run.leaf < size or self._is_true(run)

    def _is_true(self, run: Run) -> bool:
        """Tell whether a run that was not signed is what the segments say, hashes included."""
        if run.segment not in self._sources:
            self._sources[run.segment] = Source(self._directory, run.segment, run.record - 1)
        try:
            lines = self._sources[run.segment].lines(at_most=run.count)
            leaves = [leaf_hash(line) for line in lines]
            added = self._hashes.completed_by(run.leaf, leaves)
        except LedgerDamaged:
            return False
        return len(leaves) == run.count and self._hashes.holds(run.leaf, added)

    def _pass_over_sealed(self) -> None:
        """Read no sealed segment again whose records are all taken."""
        try:
            index = read_index(self._directory / SEALS)
        except (LedgerDamaged, OperatorError):  # `audit verify` names it; here it only saves time
            return
        self._done = {
            segment for segment, taken in self._taken.items() if is_taken(index.get(segment), taken)
        }

    def _require_signed(self) -> None:
        """Raise `LedgerDamaged` unless the log begins with what was signed last."""
        signed = self.signed
        if root(signed.size, self._hashes) != signed.root:
            raise LedgerDamaged(
                f"log, hashes: not the {signed.size} leaves that the checkpoint is over"
            )


def _locked(path: Path) -> io.FileIO:
    held = io.FileIO(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
    if not try_flock(held):
        held.close()
        raise OperatorError(f"another process merges this journal ({path}); wait for its end")
    return held
