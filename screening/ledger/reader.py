"""One pass over a segment file, checking every line on the way."""

import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import BinaryIO, Self

from screening.ledger.lines import (
    CHAIN_CHARACTERS,
    MAX_LINE_BYTES,
    End,
    Header,
    Seal,
    find_payload,
    is_seal,
    parse_header,
    parse_seal,
)
from screening.private_files import open_private
from screening.vocabulary.errors import LedgerDamaged


class SegmentReader:
    """Iterates over (line number, payload) of the records of one segment.

    Raises `LedgerDamaged`, which names segment and line, at the first line that is complete and
    wrong, and `OSError` where the disk does not give one. A last line without its line feed is no
    error here: it is kept as `tail`, for the one who knows whether the segment may have one.
    `header`, `seal` and `end` are true of what has been read so far. Lines that end behind
    `until_byte`, where that is set, are left for later.
    """

    until_byte: int | None = None
    broken_off: LedgerDamaged | None = None
    """What ended `all_lines` where the disk did not give the rest."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.segment = path.stem
        self.header: Header | None = None
        self.seal: Seal | None = None
        self.end = End()
        self.tail = b""
        self.line = 0
        self._file = open_private(path)

    def go_on_after(self, before: Self) -> None:
        """Read on where another reader of the segment has stopped, whatever its name was then."""
        self.header, self.seal = before.header, before.seal
        self.end, self.line = before.end, before.line
        self._file.seek(self.end.size_bytes)

    def fileno(self) -> int:
        """Return the descriptor, which is open until the lines have been read."""
        return self._file.fileno()

    def close(self) -> None:
        """Let go of a file that is not read."""
        self._file.close()

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        for _, payload in self._lines():
            if payload is not None:
                yield self.line, payload

    def whole_lines(self) -> Iterator[tuple[bytes, bytes | None]]:
        """Yield each line as it stands but for its line feed; with a record's, its payload.

        What the disk does not give is damage, and named as such: `LedgerDamaged`.
        """
        lines = self._lines()
        while True:
            try:
                line = next(lines, None)
            except OSError as error:
                raise self.unread(error) from None
            if line is None:
                return
            yield line

    def record_lines(self) -> Iterator[bytes]:
        """Yield the line of each record, as it is a leaf; raises as `whole_lines` does."""
        return (line for line, payload in self.whole_lines() if payload is not None)

    def _lines(self) -> Iterator[tuple[bytes, bytes | None]]:
        with self._file as file:
            while line := file.readline(MAX_LINE_BYTES):
                if self.until_byte is not None and file.tell() > self.until_byte:
                    return
                self.line += 1
                if not line.endswith(b"\n"):
                    self._keep_tail(line)
                    return
                yield line[:-1], self._accept(line[:-1])

    def all_lines(self, damage: list[LedgerDamaged]) -> Generator[tuple[bytes, bool]]:
        """Yield the lines of all records, and where one is refused every line from that one on.

        With each, whether it is a record that follows from a line before. What was refused is added
        to `damage`; behind it a line follows by the chain value that the line before states, which
        itself is proven by nothing. What the disk does not give ends it, and is added, too.
        """
        with os.fdopen(os.dup(self.fileno()), "rb") as again:  # whatever its name is by then
            try:
                try:
                    for _, payload in self:
                        yield b"%b %b" % (self.end.chain, payload), True
                except LedgerDamaged as error:
                    damage.append(error)
                    yield from self._lines_past_damage(again)
            except OSError as error:
                self.broken_off = self.unread(error)
                damage.append(self.broken_off)

    def read_through(self) -> None:
        """Check the whole segment; raises as `whole_lines` does."""
        for _ in self.whole_lines():
            pass

    def find_unended_record(self) -> bytes | None:
        """Return the record that `tail` holds whole, so that its line feed alone is missing.

        It may have been acknowledged, had the line feed been altered since. Only for a segment
        whose `header` has been read.
        """
        for line in (self.tail, self.tail[:-1]):
            payload = find_payload(self.end.chain, line)
            if payload is not None and not is_seal(payload):
                return payload
        return None

    def damaged(self, what: str, *, line: int | None = None) -> LedgerDamaged:
        """Return the error that names a line: the one read last unless told."""
        return LedgerDamaged(f"segment {self.segment}, line {line or self.line}: {what}")

    def unread(self, error: OSError) -> LedgerDamaged:
        """Return the error that names the line that the disk does not give."""
        return self.damaged(f"cannot be read: {error.strerror}", line=self.line + 1)

    def _lines_past_damage(self, file: BinaryIO) -> Iterator[tuple[bytes, bool]]:
        file.seek(self.end.size_bytes)
        stated = None  # what was refused follows from nothing
        while line := file.readline(MAX_LINE_BYTES):
            # Of the last good one, where a line was put in between.
            follows = stated is not None and any(
                _is_record(chain, line) for chain in (stated, self.end.chain)
            )
            yield line.removesuffix(b"\n"), follows
            stated = line[:CHAIN_CHARACTERS]

    def _keep_tail(self, line: bytes) -> None:
        if len(line) == MAX_LINE_BYTES:
            raise self.damaged("longer than any line")
        if self.seal is not None:
            raise self.damaged("something follows the seal")
        self.tail = line

    def _accept(self, line: bytes) -> bytes | None:
        """Take one more line into account; returns the payload of a record."""
        if self.seal is not None:
            raise self.damaged("something follows the seal")
        payload = find_payload(self.end.chain, line)
        if payload is None:
            raise self.damaged("does not follow from the line before")
        is_record = self.header is not None and not is_seal(payload)
        if not is_record:
            try:
                self._accept_bound(payload)
            except LedgerDamaged as error:
                raise self.damaged(str(error)) from None
        self.end = End(
            self.end.records + is_record,
            line[:CHAIN_CHARACTERS],
            self.end.size_bytes + len(line) + 1,
        )
        return payload if is_record else None

    def _accept_bound(self, payload: bytes) -> None:
        if self.header is None:
            self.header = parse_header(payload)
            if self.header.segment != self.segment:
                raise LedgerDamaged("the header is another segment's")
        else:
            self.seal = parse_seal(payload)
            if (self.seal.segment, self.seal.records) != (self.segment, self.end.records):
                raise LedgerDamaged("the seal is of another segment or count")


def _is_record(chain: bytes, line: bytes) -> bool:
    """Tell whether a whole line, with its line feed, is a record that follows `chain`."""
    payload = find_payload(chain, line[:-1]) if line.endswith(b"\n") else None
    return payload is not None and not is_seal(payload)
