"""The segments of a ledger as a log takes them up: each record once, in its segment's order.

A record is taken once it has settled: it lies on the disk, and was there a look ago. What a failed
write leaves behind for a moment, and its writer cuts off again, is no record and becomes no leaf.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from screening.ledger.lines import SealLine
from screening.ledger.reader import SegmentReader
from screening.ledger.segment import DAMAGED, OPEN
from screening.ledger.verify import find_segment
from screening.vocabulary.errors import LedgerDamaged, OperatorError


class Source:
    """One segment, of which `taken` records have become leaves."""

    def __init__(self, directory: Path, segment: str, taken: int) -> None:
        self.segment = segment
        self.is_done = False
        """Whether it is sealed, and all of its records are taken."""
        self.is_gone = False
        """Whether it was not there at the last look, and nothing was ever taken of it."""
        self._directory = directory
        self._taken = taken
        self._reader: SegmentReader | None = None
        self._seen_bytes = 0

    @property
    def taken(self) -> int:
        """How many records have been taken."""
        return self._taken

    def lines(self, *, at_most: int | None = None) -> Iterator[bytes]:
        """Yield the records that have settled since, as lines without a line feed.

        `at_most` of them, settled or not, where that is set: they were taken once before. Raises
        `LedgerDamaged` at a line that does not follow, `OperatorError` where the segment is not
        there though records were taken of it, which may be brought back, and `OSError`.
        """
        reader = self._open()
        self.is_gone = reader is None and not self._taken  # it was empty: its writer removed it
        if reader is None and self._taken and at_most is None:
            raise OperatorError(f"segment {self.segment}: missing; bring it back as it was")
        if reader is None or not (at_most is not None or self._has_settled(reader)):
            return
        os.fdatasync(reader.fileno())
        self._reader = reader
        try:
            yield from self._read(reader, at_most)
        except LedgerDamaged:
            if reader.path.suffix != DAMAGED:
                raise
            self.is_done = True  # recovery has told of it, when it set the segment aside

    def _read(self, reader: SegmentReader, at_most: int | None) -> Iterator[bytes]:
        skipped = self._taken - reader.end.records
        for _, payload in reader:
            if skipped > 0:
                skipped -= 1
                continue
            self._taken += 1
            yield b"%b %b" % (reader.end.chain, payload)
            if at_most is not None and (at_most := at_most - 1) == 0:
                return
        if skipped > 0 and reader.path.suffix != OPEN:
            raise LedgerDamaged(f"segment {self.segment}, line {reader.line + 1}: missing")
        self.is_done = reader.seal is not None

    def _open(self) -> SegmentReader | None:
        reader = find_segment(self._directory, self.segment)
        if reader is not None and self._reader is not None:
            reader.go_on_after(self._reader)
        return reader

    def _has_settled(self, reader: SegmentReader) -> bool:
        """Tell whether there is something to read, and have it read no further than that."""
        if reader.path.suffix != OPEN:
            return True
        settled_bytes, self._seen_bytes = self._seen_bytes, os.fstat(reader.fileno()).st_size
        reader.until_byte = min(settled_bytes, self._seen_bytes)
        if reader.until_byte > reader.end.size_bytes:
            return True
        reader.close()
        return False


def is_taken(seal: SealLine | None, taken: int) -> bool:
    """Tell whether a segment was sealed with no more records than these."""
    return seal is not None and seal.seal.records == taken
