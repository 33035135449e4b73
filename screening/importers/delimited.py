"""Foreign CSV: with commas, semicolons, tabs or bars between cells -> rows of cells.

Like curated lists (`csv_records.py`): a quotation mark that is not closed costs one line.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, takewhile
from typing import BinaryIO, Final

from screening.importers.csv_records import (
    LIMITS,
    CsvRecords,
    Fault,
    Limits,
    find_cells,
    read_line,
)
from screening.importers.entry import RowCode
from screening.importers.physical_lines import physical_lines, without_bom
from screening.importers.table_rows import TableRow
from screening.vocabulary.delimiters import (
    ANY_DELIMITER,
    FIRST_BYTES,
    Fits,
    find_delimiter,
    is_blank_line,
    part_head,
    refuse_one_column,
)
from screening.vocabulary.recognition import is_one

NAMES_OF_TABLES: Final = (".csv", ".tsv", ".tab")
_LONGEST_HEADING_LINES: Final = 32
"""A record of a text may have more: in a header so many are of a mark that is not closed, and what
it swallowed would be heard as the name of a column, and as nothing else."""
_NumberedLine = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class Heading:
    """What the first line that says something tells of those below. Shows no text.

    `line` is its number, from 1; `cells` are none where its `code` says why, or its quotation marks
    do not pair. It is of the physical lines `own`, and those `ahead` were read behind them;
    `texts` are of both.
    """

    line: int
    text: str
    cells: Sequence[str]
    code: RowCode | None
    delimiter: str
    texts: Sequence[str]
    own: Sequence[_NumberedLine]
    ahead: Sequence[_NumberedLine]

    def __repr__(self) -> str:
        return f"Heading(line {self.line})"


def read_heading(
    lines: Iterator[_NumberedLine],
    limits: Limits,
    *,
    file: str,
    fits: Fits = lambda _header: False,
) -> Heading | None:
    """Take the head of a file from `lines`, and return it; None where no line says anything.

    What stands between cells is told by a line `sep=;`, or else by the header, which may be one
    that the caller finds `fits`, and the lines below it. Raises `OperatorError` where it is told,
    and not read.
    """
    ahead = _ahead(lines, limits)
    above, texts, told = part_head([one.text for one in ahead], file)
    ahead = ahead[len(above) :]
    if not ahead:
        return None
    size = _heading_length([one.text for one in takewhile(lambda one: one.code is None, ahead)])
    text = "".join(texts[:size])
    delimiter = told or find_delimiter(texts, fits=fits)
    numbered = [(one.number, one.line) for one in ahead]
    cells = find_cells(text, delimiter=delimiter) if ahead[0].code is None else None
    return Heading(
        line=ahead[0].number,
        text=text,
        cells=cells or (),
        code=ahead[0].code,
        delimiter=delimiter,
        texts=texts,
        own=numbered[:size],
        ahead=numbered[size:],
    )


def delimited_rows(stream: BinaryIO, *, file: str) -> Iterator[TableRow]:
    """Yield the rows of a file, the header first; the line is the physical one, from 1.

    Raises `OperatorError` where its columns are parted by a mark that is not read.
    """
    lines = without_bom(physical_lines(stream, max_bytes=LIMITS.bytes))
    heading = read_heading(lines, LIMITS, file=file)
    if heading is None:
        return
    refuse_one_column(file, heading.cells, heading.texts)
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
    for count, line in enumerate(lines[:_LONGEST_HEADING_LINES], 1):
        marks += line.count('"')
        if count > 1 and any(is_one(cell.strip(' "')) for cell in ANY_DELIMITER.split(line)):
            break
        if marks % 2 == 0:
            return count
    return 1


@dataclass(frozen=True, slots=True)
class _Line:
    """A physical line: its number, bytes and text, and why this is not read. Shows no text."""

    number: int
    line: bytes
    text: str
    code: RowCode | None = None

    def __repr__(self) -> str:
        return f"_Line({self.number})"


def _ahead(lines: Iterator[_NumberedLine], limits: Limits) -> list[_Line]:
    """Take as many lines as tell what parts them, from the first one that says something."""
    found: list[_Line] = []
    size = 0
    for number, line in lines:
        text, read = line.decode(errors="replace"), read_line(line, max_bytes=limits.bytes)
        if found or not is_blank_line(text):
            found.append(_Line(number, line, text, None if isinstance(read, str) else read.code))
            size += len(line)
        if size >= FIRST_BYTES:
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
