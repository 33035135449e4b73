"""Foreign CSV: with commas, semicolons, tabs or bars between cells -> rows of cells.

Like curated lists (`csv_records.py`): a quotation mark that is not closed costs one line.
"""

import re
from collections.abc import Iterator, Sequence
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
from indexer.importers.physical_lines import BOM, physical_lines
from indexer.importers.tabular import TableRow
from screening.vocabulary.recognition import is_one

_LIMITS: Final = Limits(bytes=32 * 1024, lines=32)
DELIMITERS: Final = (",", ";", "\t", "|")
_SEPARATOR_LINE: Final = re.compile(r'"?sep=(.)"?')


def delimited_rows(stream: BinaryIO) -> Iterator[TableRow]:
    """Yield the rows of a file, the header first; the line is the physical one, from 1.

    What stands between cells is told by a line `sep=;`, or else by the header: what parts it into
    the most cells.
    """
    lines = _without_bom(physical_lines(stream, max_bytes=_LIMITS.bytes))
    first = next((numbered for numbered in lines if not is_blank(numbered[1])), None)
    if first is None:
        return
    text = read_line(first[1], max_bytes=_LIMITS.bytes)
    if not isinstance(text, str):
        yield TableRow(first[0], (), text.code)
        return
    told = find_told_delimiter(text)
    if told is None:
        lines = chain([first], lines)
    delimiter = told or find_delimiter(text)
    width = len(find_cells(text, delimiter=delimiter) or ())
    for record in CsvRecords(lines, _Shape(width, delimiter), _LIMITS, delimiter=delimiter):
        yield TableRow(
            record.line, record.cells, record.code if isinstance(record, Fault) else None
        )


def find_told_delimiter(line: str) -> str | None:
    """Return what the first line says stands between cells, by which Excel is told."""
    told = _SEPARATOR_LINE.fullmatch(line.strip("\r\n "))
    return told[1] if told is not None and told[1] in DELIMITERS else None


def find_delimiter(header: str) -> str:
    """Return what parts a header into the most cells; a comma where nothing does."""
    return max(DELIMITERS, key=lambda mark: len(find_cells(header, delimiter=mark) or ()))


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
