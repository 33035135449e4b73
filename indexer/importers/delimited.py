"""Foreign CSV: with commas, semicolons, tabs or bars between cells -> rows of cells.

Like curated lists (`csv_records.py`): a quotation mark that is not closed costs one line.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO, Final

from indexer.importers.csv_records import (
    CsvRecords,
    Fault,
    Limits,
    find_cells,
    is_blank,
    read_line,
)
from indexer.importers.entry import RowCode
from indexer.importers.physical_lines import physical_lines, without_bom
from indexer.importers.tabular import TableRow
from screening.vocabulary.delimiters import DELIMITERS, find_told_delimiter
from screening.vocabulary.recognition import is_one

NAMES_OF_TABLES: Final = (".csv", ".tsv", ".tab")
LIMITS: Final = Limits(bytes=32 * 1024, lines=32)
_ANY_DELIMITER: Final = re.compile(r"[,;\t|]")


_NumberedLine = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class Heading:
    """What the first line that says something tells of those below. Shows no text.

    `line` is its number, from 1; `cells` are none where its `code` says why, or its quotation marks
    do not pair. It is of the physical lines `own`, and those `ahead` were read behind them.
    """

    line: int
    text: str
    cells: Sequence[str]
    code: RowCode | None
    delimiter: str
    own: Sequence[_NumberedLine]
    ahead: Sequence[_NumberedLine]

    def __repr__(self) -> str:
        return f"Heading(line {self.line})"


def read_heading(
    lines: Iterator[_NumberedLine],
    limits: Limits,
    *,
    fits: Callable[[Sequence[str]], bool] = lambda _cells: False,
) -> Heading | None:
    """Take the head of a file from `lines`, and return it; None where no line says anything.

    What stands between cells is told by a line `sep=;`, or else by the header: what parts it into
    cells that the caller finds `fits`, or into the most.
    """
    told, ahead = None, _ahead(lines, limits)
    if ahead and (told := find_told_delimiter(ahead[0].text)) is not None:
        ahead = _ahead(chain([(one.number, one.line) for one in ahead[1:]], lines), limits)
    if not ahead:
        return None
    size = _heading_length([one.text for one in ahead])
    text = "".join(one.text for one in ahead[:size])
    delimiter = told or _find_delimiter(text, fits)
    numbered = [(one.number, one.line) for one in ahead]
    cells = find_cells(text, delimiter=delimiter) if ahead[0].code is None else None
    return Heading(
        line=ahead[0].number,
        text=text,
        cells=cells or (),
        code=ahead[0].code,
        delimiter=delimiter,
        own=numbered[:size],
        ahead=numbered[size:],
    )


def delimited_rows(stream: BinaryIO) -> Iterator[TableRow]:
    """Yield the rows of a file, the header first; the line is the physical one, from 1."""
    lines = without_bom(physical_lines(stream, max_bytes=LIMITS.bytes))
    heading = read_heading(lines, LIMITS)
    if heading is None:
        return
    if heading.code is not None:
        yield TableRow(heading.line, (), heading.code)
        return
    own = heading.own
    if len(own) > 1 and heading.cells:
        yield TableRow(heading.line, heading.cells)
        own = ()
    shape = _Shape(len(heading.cells), heading.delimiter)
    lines = chain(own, heading.ahead, lines)
    for record in CsvRecords(lines, shape, LIMITS, delimiter=heading.delimiter):
        yield TableRow(
            record.line, record.cells, record.code if isinstance(record, Fault) else None
        )


def _heading_length(lines: Sequence[str]) -> int:
    """Return of how many lines the header is: a name in quotation marks may have line breaks.

    A mark that is not closed swallows no row: a line with a selector is none of the header.
    """
    marks = 0
    for count, line in enumerate(lines[: LIMITS.lines], 1):
        marks += line.count('"')
        if count > 1 and any(is_one(cell.strip(' "')) for cell in _ANY_DELIMITER.split(line)):
            break
        if marks % 2 == 0:
            return count
    return 1


def _find_delimiter(header: str, fits: Callable[[Sequence[str]], bool]) -> str:
    """Return what parts a header as it `fits`, or into the most cells; a comma where nothing does.

    One whose quotation marks do not pair is parted all the same, so that this can be said.
    """
    parted = {mark: find_cells(header, delimiter=mark) or header.split(mark) for mark in DELIMITERS}
    return max(DELIMITERS, key=lambda mark: (fits(parted[mark]), len(parted[mark])))


@dataclass(frozen=True, slots=True)
class _Line:
    """A physical line: its number, its bytes, and its text or why there is none. Shows no text."""

    number: int
    line: bytes
    text: str
    code: RowCode | None = None

    def __repr__(self) -> str:
        return f"_Line({self.number})"


def _ahead(lines: Iterator[_NumberedLine], limits: Limits) -> list[_Line]:
    """Take the first line that says something, and as many as may belong to it."""
    found: list[_Line] = []
    for number, line in lines:
        if not found and is_blank(line):
            continue
        text = read_line(line, max_bytes=limits.bytes)
        code = None if isinstance(text, str) else text.code
        found.append(_Line(number, line, text if isinstance(text, str) else "", code))
        is_open = sum(one.text.count('"') for one in found) % 2
        if code is not None or not is_open or len(found) == limits.lines:
            break
    return found


class _Shape:
    """Recognises a row over several lines: of the right width, with no row or selector within."""

    def __init__(self, width: int, delimiter: str) -> None:
        self._width = width
        self._delimiter = delimiter

    def is_whole(self, cells: Sequence[str], joined: Sequence[str]) -> bool:
        return (self._width in (0, len(cells))) and not any(map(self._is_row, joined))

    def _is_row(self, line: str) -> bool:
        pieces = [piece.strip().strip('"') for piece in line.split(self._delimiter)]
        return len(pieces) >= max(self._width, 2) or any(map(is_one, pieces))
