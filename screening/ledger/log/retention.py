"""Drops old segments that lie whole in an export; their hashes stay, and the drop is on record."""

import os
from collections import defaultdict
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from screening.file_lock import try_flock
from screening.ledger.lines import in_seconds
from screening.ledger.log.checkpoint import LOG, read_checkpoint
from screening.ledger.log.drops import DROPS, Drop, read_drops, record_drops
from screening.ledger.log.export import read_copied_checkpoint
from screening.ledger.log.hashes import Hashes
from screening.ledger.log.notes import Checkpoint, SignerKey
from screening.ledger.log.runs import Run, read_runs
from screening.ledger.log.tree import leaf_hash, root
from screening.ledger.reader import SegmentReader
from screening.ledger.seals import SEALS
from screening.ledger.segment import SEALED
from screening.ledger.verify import read_index
from screening.private_files import regular_descriptor, sync_directory
from screening.vocabulary.errors import LedgerDamaged, OperatorError


class Retention:
    """Drops from the journal in `directory` what `exported` has; signs what it does with `key`."""

    def __init__(self, directory: Path, exported: Path, key: SignerKey) -> None:
        """Raises `OperatorError` where the copy is the journal, or of another log."""
        self._directory, self._exported, self._key = directory, exported, key
        self._log = directory / LOG
        if not exported.is_dir() or exported.resolve().is_relative_to(directory.resolve()):
            raise OperatorError("--exported is no folder outside the journal; see audit export")

    def retain(self, *, days: int, actor: str, now: datetime) -> list[Drop]:
        """Drop every segment that was sealed `days` days ago or before; return what was dropped.

        One that does not lie whole in the export, or has a record that is not signed, stays, and so
        do all others. Raises `LedgerDamaged`, which names it, `OperatorError` and `OSError`.
        """
        lock = regular_descriptor(self._log / DROPS, os.O_RDWR | os.O_CREAT)
        try:
            if not try_flock(lock):
                raise OperatorError("another command drops segments; wait for its end")
            drops = self._find_due(now - timedelta(days=days), in_seconds(now), actor, days=days)
            recorded = read_drops(self._log, self._key.verifier)
            new = [drop for drop in drops if drop.segment not in recorded]
            if new:
                record_drops(self._log, self._key, new)
            for drop in drops:  # one on record may have been left by a crash
                (self._directory / f"{drop.segment}{SEALED}").unlink()
            sync_directory(self._directory)
            return drops
        finally:
            os.close(lock)

    def _find_due(self, until: datetime, now: str, actor: str, *, days: int) -> list[Drop]:
        _, signed = read_checkpoint(self._log, self._key.verifier)
        runs: defaultdict[str, list[Run]] = defaultdict(list)
        for run in read_runs(self._log):
            if run.end <= signed.size:
                runs[run.segment].append(run)
        due: list[Drop] = []
        with closing(Hashes.open(self._log)) as hashes:
            if root(signed.size, hashes) != signed.root:
                raise LedgerDamaged("log, hashes: not the leaves that the checkpoint is over")
            covered = self._require_copied(hashes)
            for segment, line in read_index(self._directory / SEALS).items():
                seal = line.seal
                is_here = (self._directory / f"{segment}{SEALED}").exists()
                if not is_here or datetime.fromisoformat(seal.sealed_at) > until:
                    continue
                self._require_whole(runs[segment], hashes, covered, segment=segment)
                if sum(run.count for run in runs[segment]) != seal.records:
                    raise OperatorError(f"segment {segment} has records that are not signed yet")
                due.append(Drop(segment, seal.records, seal.sealed_at, now, actor, days))
        return due

    def _require_copied(self, hashes: Hashes) -> Checkpoint:
        copied = read_copied_checkpoint(self._exported / LOG, self._key.verifier)
        if root(copied.size, hashes) != copied.root:
            raise LedgerDamaged(f"log: it does not begin with the {copied.size} leaves of the copy")
        return copied

    def _require_whole(
        self, runs: list[Run], hashes: Hashes, covered: Checkpoint, *, segment: str
    ) -> None:
        """Raise unless the copy of a segment has all of its leaves, and its seal."""
        sentence = f"segment {segment} does not lie whole in the export, so nothing is dropped"
        try:
            reader = SegmentReader(self._exported / f"{segment}{SEALED}")
        except FileNotFoundError:
            raise OperatorError(f"{sentence}; run: screening audit export") from None
        with closing(reader):
            lines = (reader.end.chain + b" " + payload for _, payload in reader)
            for run in runs:
                for leaf in range(run.leaf, run.end):
                    line = next(lines, b"")
                    if leaf >= covered.size or leaf_hash(line) != hashes.subtree(0, leaf):
                        raise OperatorError(f"{sentence}; look at the copy with audit verify")
            if next(lines, None) is not None or reader.seal is None:
                raise OperatorError(f"{sentence}; look at the copy with audit verify")
