"""Matches on record: the console is told of them out of copies of the journals of API hosts.

A record is told where it has sealed matches, or says what became of one, and is a leaf of the
signed log, once; of all others, and of what is not of the form that records have, nothing leaves.
Killed anywhere, the same command goes on behind the last file.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from indexer.deployment import Deployment
from indexer.list.told_segments import ToldSegments
from indexer.spool.exclusions import SafetyLists
from indexer.spool.keys import SpoolKeys
from indexer.spool.up import UpSpool
from screening.ledger.lines import CHAIN_CHARACTERS
from screening.ledger.log.audit import check_hashes, open_hashes
from screening.ledger.log.checkpoint import LOG, read_checkpoint
from screening.ledger.log.leaves import Leaves
from screening.ledger.log.notes import VerifierKey
from screening.ledger.log.runs import read_runs
from screening.ledger.match_records import is_of_a_match
from screening.ledger.verify import find_segment, segment_ids
from screening.spools.match_records import MOST_RECORDS, MatchRecords
from screening.spools.up_file import UpHead

COMMAND: Final = "spool matches"
_FILE_BYTES: Final = 8 << 20
"""Of records in one file, beside the last of them."""


@dataclass(slots=True)
class _Found:
    """What is told with the next file: records, and how far each segment was looked through."""

    payloads: list[bytes] = field(default_factory=list)
    payload_bytes: int = 0
    through: dict[str, int] = field(default_factory=dict)


class Matches:
    """Tells of one copy, whose log `key` has signed."""

    def __init__(
        self, deployment: Deployment, key: VerifierKey, *, file_records: int = MOST_RECORDS
    ) -> None:
        """Raises `OperatorError` where `spool init` has not been run."""
        self._d = deployment
        self._key = key
        keys = SpoolKeys(deployment.settings.home, deployment.keyring)
        keys.console()
        self._up = UpSpool(deployment, keys)
        self._hands = SafetyLists(deployment)
        self._told = ToldSegments(deployment.list_file, key.text)
        self._file_records = file_records

    def tell(self, copy: Path) -> int:
        """Tell of all matches that are new in a copy; return in how many records they are.

        What hands do is told before: by a lift that it does not know of yet, the console would take
        a match of after it for one of whom they have taken off, and forget it.

        Raises `LedgerDamaged`, which names what is not as it was signed: all before it is told.
        Raises `OperatorError` where it is no journal.
        """
        self._hands.tell()
        self._up.lay()
        segments = segment_ids(copy)
        _, checkpoint = read_checkpoint(copy / LOG, self._key)
        told, found = 0, _Found()
        with closing(open_hashes(copy / LOG)) as hashes:
            check_hashes(checkpoint, hashes)
            leaves = Leaves(checkpoint.size, read_runs(copy / LOG), hashes)
            new = [one for one in segments if leaves.count(one) > self._told.records(one)]
            self._d.record(COMMAND, log=self._key.name, leaves=checkpoint.size, segments=len(new))
            with self._d.progress.stage("looking for matches", len(new)) as advance:
                try:
                    for segment in new:
                        for payload, record in self._records(copy, segment, leaves):
                            found.through[segment] = record
                            if is_of_a_match(payload):
                                found.payloads.append(payload)
                                found.payload_bytes += len(payload)
                            if self._is_full(found):
                                told += self._keep(found)
                                found = _Found()
                        advance(1)
                finally:
                    told += self._keep(found)
        return told

    def _records(self, copy: Path, segment: str, leaves: Leaves) -> Iterator[tuple[bytes, int]]:
        """Yield the signed records of a segment that were not looked at, and which one each is."""
        before, signed = self._told.records(segment), leaves.count(segment)
        reader = find_segment(copy, segment)
        if reader is None:
            return
        with closing(reader):
            record = 0
            for line in leaves.true_lines(reader, records=signed):
                if reader.end.records == record:
                    continue  # the header
                record = reader.end.records
                if record > before:
                    yield line[CHAIN_CHARACTERS + 1 :].removesuffix(b"\n"), record

    def _is_full(self, found: _Found) -> bool:
        is_long = found.payload_bytes >= _FILE_BYTES
        return is_long or len(found.payloads) >= self._file_records

    def _keep(self, found: _Found) -> int:
        """Tell what was found, and note how far it was looked for, both or neither."""

        def records(head: UpHead) -> MatchRecords:
            return MatchRecords("screening-records/1", *head, self._key.name, found.payloads)

        with self._d.list_file.transaction():
            if found.payloads:
                self._up.keep(records)
            for segment, count in found.through.items():
                self._told.note(segment, count)
        self._up.lay()
        return len(found.payloads)
