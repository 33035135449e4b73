"""Foreign CSV: with commas, semicolons, tabs or bars between cells -> rows of cells.

Like curated lists (`csv_records.py`): a quotation mark that is not closed costs one line.
"""

import re
from collections.abc import Iterator, Sequence
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
from indexer.importers.physical_lines import BOM, physical_lines
from indexer.importers.tabular import TableRow
from screening.vocabulary.delimiters import DELIMITERS, find_told_delimiter
from screening.vocabulary.recognition import is_one

_LIMITS: Final = Limits(bytes=32 * 1024, lines=32)
_ANY_DELIMITER: Final = re.compile(r"[,;\t|]")


def delimited_rows(stream: BinaryIO) -> Iterator[TableRow]:
    """Yield the rows of a file, the header first; the line is the physical one, from 1.

    What stands between cells is told by a line `sep=;`, or else by the header: what parts it into
    the most cells.
    """
    lines = _without_bom(physical_lines(stream, max_bytes=_LIMITS.bytes))
    told, ahead = None, _ahead(lines)
    if ahead and (told := find_told_delimiter(ahead[0].text)) is not None:
        lines = chain([(one.number, one.line) for one in ahead[1:]], lines)
        ahead = _ahead(lines)
    if not ahead:
        return
    if ahead[0].code is not None:
        yield TableRow(ahead[0].number, (), ahead[0].code)
        return
    size = heading_length([one.text for one in ahead])
    heading = "".join(one.text for one in ahead[:size])
    delimiter = told or find_delimiter(heading)
    cells = find_cells(heading, delimiter=delimiter)
    if size > 1 and cells is not None:
        yield TableRow(ahead[0].number, cells)
        del ahead[:size]
    lines = chain([(one.number, one.line) for one in ahead], lines)
    shape = _Shape(len(cells or ()), delimiter)
    for record in CsvRecords(lines, shape, _LIMITS, delimiter=delimiter):
        yield TableRow(
            record.line, record.cells, record.code if isinstance(record, Fault) else None
        )


def heading_length(lines: Sequence[str]) -> int:
    """Return of how many lines the header is: a name in quotation marks may have line breaks.

    A mark that is not closed swallows no row: a line with a selector is none of the header.
    """
    marks = 0
    for count, line in enumerate(lines[: _LIMITS.lines], 1):
        marks += line.count('"')
        if count > 1 and any(is_one(cell.strip(' "')) for cell in _ANY_DELIMITER.split(line)):
            break
        if marks % 2 == 0:
            return count
    return 1


def find_delimiter(header: str) -> str:
    """Return what parts a header into the most cells; a comma where nothing does."""
    # One whose quotation marks do not pair is parted all the same, so that this can be said.
    return max(
        DELIMITERS,
        key=lambda mark: len(find_cells(header, delimiter=mark) or header.split(mark)),
    )


@dataclass(frozen=True, slots=True)
class _Line:
    """A physical line: its number, its bytes, and its text or why there is none. Shows no text."""

    number: int
    line: bytes
    text: str
    code: RowCode | None = None

    def __repr__(self) -> str:
        return f"_Line({self.number})"


def _ahead(lines: Iterator[tuple[int, bytes]]) -> list[_Line]:
    """Take the first line that says something, and as many as may belong to it."""
    found: list[_Line] = []
    for number, line in lines:
        if not found and is_blank(line):
            continue
        text = read_line(line, max_bytes=_LIMITS.bytes)
        code = None if isinstance(text, str) else text.code
        found.append(_Line(number, line, text if isinstance(text, str) else "", code))
        is_open = sum(one.text.count('"') for one in found) % 2
        if code is not None or not is_open or len(found) == _LIMITS.lines:
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


def _without_bom(lines: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    for number, line in lines:
        yield number, line.removeprefix(BOM) if number == 1 else line
