"""Drops old segments that lie whole in an export; their hashes stay, and the drop is on record."""

import os
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from screening.file_lock import try_flock
from screening.ledger.lines import SealLine, in_seconds, parse_seconds
from screening.ledger.log.audit import check_hashes, open_hashes
from screening.ledger.log.beginnings import read_copied_checkpoint, require_apart, require_begins
from screening.ledger.log.checkpoint import LOG, read_checkpoint
from screening.ledger.log.drops import DROPS, Drop, read_drops, record_drops
from screening.ledger.log.leaves import Leaves
from screening.ledger.log.notes import SignerKey
from screening.ledger.log.runs import read_runs
from screening.ledger.reader import SegmentReader
from screening.ledger.seals import SEALS
from screening.ledger.segment import DAMAGED, OPEN, SEALED
from screening.ledger.verify import Index, read_index
from screening.private_files import regular_descriptor, sync_directory
from screening.vocabulary.errors import LedgerDamaged, OperatorError


class _Covered(msgspec.Struct, frozen=True):
    """What an export answers for."""

    size: int
    index: Index


class Retention:
    """Drops from the journal in `directory` what `exported` has; signs what it does with `key`."""

    def __init__(self, directory: Path, exported: Path, key: SignerKey) -> None:
        """Raises `OperatorError` where the copy is the journal."""
        self._directory, self._exported, self._key = directory, exported, key
        self._log = directory / LOG
        if not exported.is_dir():
            raise OperatorError("--exported is no folder; see audit export")
        require_apart(directory, exported)

    def retain(self, *, days: int, actor: str, now: datetime) -> list[Drop]:
        """Drop every segment that was sealed `days` days ago or before; return what was dropped.

        One that does not lie whole in the export, or has a record that is not signed, stays, and so
        do all others: `OperatorError` names each. So do they where one is not as it was signed
        here, which is evidence: `LedgerDamaged` names it with the others. Raises `OSError`.
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
        due: list[Drop] = []
        altered: list[str] = []
        kept: list[str] = []
        signed = read_checkpoint(self._log, self._key.verifier)[1]
        with closing(open_hashes(self._log)) as hashes:
            check_hashes(signed, hashes)
            leaves = Leaves(signed.size, read_runs(self._log), hashes)
            copied = read_copied_checkpoint(self._exported / LOG, self._key.verifier)
            require_begins(copied, hashes)
            covered = _Covered(copied.size, self._copied_index())
            for segment, line in read_index(self._directory / SEALS).items():
                is_here = (self._directory / f"{segment}{SEALED}").exists()
                if not is_here or _sealed_at(line) > until:
                    continue
                try:
                    self._require_whole(leaves, covered, line)
                except LedgerDamaged as error:  # and the others are told, too
                    altered += error.sentences
                except OperatorError as error:
                    kept.append(str(error))
                seal = line.seal
                due.append(Drop(segment, seal.records, seal.sealed_at, now, actor, days))
        if altered:
            raise LedgerDamaged(*altered, *kept, "nothing is dropped")
        if kept:
            raise OperatorError("; ".join(kept))
        return due

    def _copied_index(self) -> Index:
        try:
            return read_index(self._exported / SEALS)
        except LedgerDamaged as error:
            raise OperatorError(f"the copy is damaged: {error}") from None

    def _require_whole(self, leaves: Leaves, covered: _Covered, line: SealLine) -> None:
        """Raise unless a segment is as it was signed and sealed, here and, apart, in the copy."""
        segment = line.seal.segment
        sentence = f"segment {segment} does not lie whole in the export, so nothing is dropped"
        with closing(SegmentReader(self._directory / f"{segment}{SEALED}")) as own:
            here = os.fstat(own.fileno())
            leaves.require_true(own, line)  # first: what is damaged here may never be signed
        if leaves.count(segment) < line.seal.records:
            raise OperatorError(f"segment {segment} has records that are not signed yet")
        others = [self._exported / f"{segment}{suffix}" for suffix in (OPEN, DAMAGED)]
        if (
            leaves.end(segment) > covered.size
            or covered.index.get(segment) != line
            or any(path.exists() for path in others)
        ):
            raise OperatorError(f"{sentence}; run: screening audit export")
        try:
            with closing(SegmentReader(self._exported / f"{segment}{SEALED}")) as copied:
                if os.path.samestat(here, os.fstat(copied.fileno())):
                    raise OperatorError(
                        f"segment {segment} in the export is the journal's own file, so nothing is "
                        "dropped; run: screening audit export"
                    )
                leaves.require_true(copied, line)
        except FileNotFoundError:
            raise OperatorError(f"{sentence}; run: screening audit export") from None
        except LedgerDamaged:
            raise OperatorError(f"{sentence}; look at the copy with audit verify") from None


def _sealed_at(line: SealLine) -> datetime:
    try:
        return parse_seconds(line.seal.sealed_at)
    except ValueError:
        raise LedgerDamaged(
            f"seals, line {line.seal.number}: no time at which it was sealed"
        ) from None
