r"""Physical lines -> CSV records, such that a stray quotation mark costs one line, not the file.

Python's csv module reads an unclosed quote to the end of the file as one cell. Here a line is read
by itself first. Only where its quote stays open are the next lines joined to it, a bounded number,
and only where the caller's `Shape` recognises the whole: else the first line alone is faulty, and
reading goes on with the second.
"""

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from screening.importers.entry import RowCode

_ENDINGS: Final = "\r\n"
_WHITE: Final = " \t\r\n"


@dataclass(frozen=True, slots=True)
class Record:
    """One row: its cells, and the physical line (from 1) where it starts. Shows no cell."""

    line: int
    cells: list[str]

    def __repr__(self) -> str:
        return f"Record(line {self.line}, {len(self.cells)} cells)"


@dataclass(frozen=True, slots=True)
class Fault:
    """One physical line that is no row; `cells` are what delimiters part it into. Shows no cell."""

    line: int
    code: RowCode
    cells: list[str]

    def __repr__(self) -> str:
        return f"Fault(line {self.line}, {self.code})"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a physical line has no text."""

    code: RowCode


class Shape(Protocol):
    """Recognises rows, for the lines that were joined to make one."""

    def is_whole(self, cells: Sequence[str], joined: Sequence[str]) -> bool:
        """Tell whether `cells` are one row, and the `joined` lines after its first are no rows."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one record may span."""

    bytes: int
    lines: int


LIMITS: Final = Limits(bytes=32 * 1024, lines=32)
"""Of curated and of foreign rows alike: one is a few selectors and a remark, far below either."""


class CsvRecords:
    """Iterates over the records of `lines` (number, bytes with ending) that say something."""

    def __init__(
        self,
        lines: Iterator[tuple[int, bytes]],
        shape: Shape,
        limits: Limits,
        *,
        delimiter: str = ",",
    ) -> None:
        self._lines = lines
        self._ahead: deque[tuple[int, bytes]] = deque()
        self._shape = shape
        self._limits = limits
        self._delimiter = delimiter

    def __iter__(self) -> Iterator[Record | Fault]:
        while (numbered := self._next_line()) is not None:
            number, line = numbered
            if not is_blank(line, delimiter=self._delimiter):
                yield self._record(number, line)

    def _record(self, number: int, line: bytes) -> Record | Fault:
        text = read_line(line, max_bytes=self._limits.bytes)
        if isinstance(text, Unreadable):
            return fault(number, line, text.code, delimiter=self._delimiter)
        cells = find_cells(text, delimiter=self._delimiter)
        if cells is None and text.count('"') % 2:
            cells = self._join(text, len(line))
        if cells is None:
            return fault(number, line, "bad_quotes", delimiter=self._delimiter)
        return Record(number, cells)

    def _join(self, text: str, size: int) -> list[str] | None:
        joined: list[str] = []
        while len(joined) + 1 < self._limits.lines:
            line = self._peek(len(joined))
            size += len(line)
            following = read_line(line, max_bytes=self._limits.bytes)
            if not line or size > self._limits.bytes or isinstance(following, Unreadable):
                return None
            joined.append(following)
            # A record's quotes come in pairs: delimiters, and doubled ones inside a cell.
            if following.count('"') % 2:
                cells = find_cells(text + "".join(joined), delimiter=self._delimiter)
                if cells is None or not self._shape.is_whole(cells, joined):
                    return None
                for _ in joined:
                    self._ahead.popleft()
                return cells
        return None

    def _next_line(self) -> tuple[int, bytes] | None:
        return self._ahead.popleft() if self._ahead else next(self._lines, None)

    def _peek(self, index: int) -> bytes:
        if index == len(self._ahead):
            numbered = next(self._lines, None)
            if numbered is None:
                return b""
            self._ahead.append(numbered)
        return self._ahead[index][1]


def fault(number: int, line: bytes, code: RowCode, *, delimiter: str = ",") -> Fault:
    """Return the fault of a physical line, with its cells as well as they can be told."""
    cells = line.decode(errors="replace").split(delimiter)
    return Fault(number, code, [cell.strip().strip('"').strip() for cell in cells])


def is_blank(line: bytes, *, delimiter: str = ",") -> bool:
    """Tell whether a line says nothing: white space, or the delimiters of an empty row."""
    return not line.strip(f"{_WHITE}{delimiter}".encode())


def read_line(line: bytes, *, max_bytes: int) -> str | Unreadable:
    """Return the text of a physical line with its ending, or why there is none."""
    if len(line) > max_bytes:
        return Unreadable("row_too_long")
    try:
        return line.decode()
    except UnicodeDecodeError:
        return Unreadable("bad_utf8")


def find_cells(text: str, *, delimiter: str = ",") -> list[str] | None:
    """Return the cells of one record, None where its quotation marks do not pair (RFC 4180)."""
    text = text.rstrip(_ENDINGS)
    if '"' not in text:
        return text.split(delimiter)
    try:
        reader = csv.reader([text], strict=True, skipinitialspace=True, delimiter=delimiter)
        return next(reader)
    except csv.Error:
        return None
