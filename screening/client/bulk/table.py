"""Reads a CSV file as it comes from spreadsheets and exports: UTF-8, `,`, `;`, tab or `|` between.

A line `sep=;` above the header, by which Excel is told what stands between cells, is honoured and
kept, and so are blank ones.

What cannot be read as CSV is refused before anything is asked (`records.py`).
"""

import codecs
import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from screening.client.bulk.records import line_of, reading, records
from screening.client.bulk.regions import Regions, told_regions
from screening.vocabulary.cells import is_shortened, says_nothing
from screening.vocabulary.delimiters import (
    FIRST_BYTES,
    find_delimiter,
    part_head,
    refuse_one_column,
)
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.file_starts import WORKBOOK_STARTS
from screening.vocabulary.measures import is_date
from screening.vocabulary.obscured import may_be_contact, may_hide_contact
from screening.vocabulary.other_columns import is_of_contacts, names_other
from screening.vocabulary.plain_text import plain
from screening.vocabulary.recognition import (
    find_kind,
    is_number,
    is_one,
    is_unmistakable,
    may_be_selector,
    may_hold_digits_of_phone,
    may_hold_selector,
)
from screening.vocabulary.selector import SelectorKind

SAMPLE_VALUES: Final = 100
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Table:
    """What a survey found; `rows` counts records below the header, blank lines included.

    `above` are the lines that stand above the header, blank or `sep=;`. `sample` are the rows with
    the first values of each column, and `selectors` the columns in which some value is a selector
    as it stands, with the kind of the first one. In each other column, `numbers` are the first that
    are as long as phones, or were, with the regions of their rows; `within_text` are those of them
    where a selector stands beside other words, or is hidden. `obscured` are the columns of contacts
    in which some value may be a selector that nobody reads.
    """

    path: Path
    sha256: str
    delimiter: str
    above: list[str]
    line_end: str
    has_bom: bool
    header: list[str]
    rows: int
    sample: list[list[str]] = field(repr=False)
    selectors: dict[int, SelectorKind]
    numbers: dict[int, list[tuple[str, str | None]]] = field(repr=False)
    within_text: set[int]
    obscured: set[int]
    regions: Regions
    stamp: tuple[int, int, int]


def survey(path: Path, *, region: str | None = None, region_column: str | None = None) -> Table:
    """Read a file once, to its end; raises `OperatorError` where it is no CSV in UTF-8.

    `region` and the column named `region_column` complete phones, as in `Regions`.
    """
    stamp = _stamp(path)
    sha256 = file_sha256(path)
    start = _start(path)
    _refuse_other_formats(path, start)
    has_bom = start.startswith(codecs.BOM_UTF8)
    above, lines, told = part_head(_lines(start), str(path))
    delimiter = told or find_delimiter(lines)
    rows = _below(above, records(path, delimiter))
    header = next(rows, [])
    if not any(cell.strip() for cell in header):
        raise OperatorError(f"{path} has no header; its first line must name the columns")
    refuse_one_column(str(path), header, lines)
    regions = told_regions(region, region_column, header)
    seen = _Seen(header, delimiter, regions)
    for place, record in enumerate(rows, start=len(above) + 1):
        if seen.is_swallowing(record):
            raise _swallowed_rows(path, line_of(path, delimiter, place))
        seen.add(record)
    return Table(
        path=path,
        sha256=sha256,
        delimiter=delimiter,
        above=above,
        line_end="\r\n" if b"\r\n" in start else "\n",
        has_bom=has_bom,
        header=header,
        rows=seen.rows,
        sample=seen.sample,
        selectors=seen.selectors,
        numbers=seen.numbers,
        within_text=seen.within_text,
        obscured=seen.obscured,
        regions=regions,
        stamp=stamp,
    )


def table_rows(table: Table) -> Iterator[list[str]]:
    """Yield the records below the header; a blank line is an empty record."""
    rows = _below(table.above, records(table.path, table.delimiter))
    next(rows, None)
    return rows


def refuse_changed(table: Table) -> None:
    """Raise `OperatorError` unless all that was read up to now is what was surveyed.

    An answer to a row that was changed meanwhile would otherwise be kept as another row's.
    """
    if _stamp(table.path) != table.stamp:
        raise OperatorError(f"{table.path} changed meanwhile; restore it and run this again")


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with reading(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _stamp(path: Path) -> tuple[int, int, int]:
    with reading(path):
        status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns


def _start(path: Path) -> bytes:
    with reading(path), path.open("rb") as file:
        return file.read(FIRST_BYTES)


def _lines(start: bytes) -> list[str]:
    """Return the lines that a file begins with, whole ones where it has any."""
    lines = list(io.StringIO(start.decode("utf-8-sig", errors="replace"), newline=""))
    return lines[:-1] if len(start) == FIRST_BYTES and len(lines) > 1 else lines


def _below(above: Sequence[str], rows: Iterator[list[str]]) -> Iterator[list[str]]:
    """Return the records below some lines, each of which is a record."""
    for _ in above:
        next(rows, None)
    return rows


def _refuse_other_formats(path: Path, start: bytes) -> None:
    if start.startswith(WORKBOOK_STARTS):
        raise OperatorError(
            f"{path} is an Excel workbook or another archive, not CSV; open it, and save it as "
            "CSV UTF-8"
        )
    line = start.partition(b"\n")[0]
    if start.startswith(_UTF_16) or _alternates(line):
        raise OperatorError(f"{path} is UTF-16 text, not UTF-8; save it as CSV UTF-8")
    if b"\0" in line:
        raise OperatorError(f"{path} is no text file; save what it holds as CSV UTF-8")


def _alternates(line: bytes) -> bool:
    """Tell whether a line is UTF-16 without a mark: a zero byte stands beside most letters."""
    one, other = line[::2], line[1::2]
    zeros = max(one, other, key=lambda half: half.count(0))
    return line.count(0) == zeros.count(0) > len(zeros) // 2


def _swallowed_rows(path: Path, line: int) -> OperatorError:
    return OperatorError(
        f"{path} has, in the row that begins at line {line}, a cell with line breaks in which rows "
        "seem to stand: look for a quotation mark that is not closed or not doubled, or take out "
        "its line breaks"
    )


class _Seen:
    """What a survey has found in the rows so far."""

    def __init__(self, header: list[str], delimiter: str, regions: Regions) -> None:
        self.rows = 0
        self.sample: list[list[str]] = []
        self.selectors: dict[int, SelectorKind] = {}
        self.numbers: dict[int, list[tuple[str, str | None]]] = {}
        self.within_text: set[int] = set()
        self.obscured: set[int] = set()
        self._delimiter = delimiter
        self._regions = regions
        self._wanted = [SAMPLE_VALUES] * len(header)
        self._are_told = [not names_other(name) for name in header]
        self._of_contacts = {i for i, name in enumerate(header) if is_of_contacts(name)}

    def is_swallowing(self, record: list[str]) -> bool:
        """Tell whether a cell holds rows: the quotation mark before it was not meant to open it."""
        for index, cell in enumerate(record):
            if "\n" in cell or "\r" in cell:
                lines = [line.split(self._delimiter) for line in cell.splitlines()]
                if _are_rows(lines, index, len(record) - index - 1, len(self._wanted)):
                    return True
        return False

    def add(self, record: list[str]) -> None:
        """Take in the next row."""
        self.rows += 1
        width = len(self._wanted)
        for index, cell in enumerate(record):
            if index < width and index not in self.selectors and self._is_telling(index, cell):
                self._look_at(index, cell, self._regions.of(record))
        for index in self._of_contacts - self.obscured:
            if index < len(record) and may_be_contact(record[index]):
                self.obscured.add(index)
        filled = [index for index, cell in enumerate(record[:width]) if not says_nothing(cell)]
        if any(self._wanted[index] for index in filled):
            self.sample.append(record)
            for index in filled:
                self._wanted[index] = max(0, self._wanted[index] - 1)

    def _is_telling(self, index: int, cell: str) -> bool:
        return may_be_selector(cell) or (index not in self.within_text and may_hide_contact(cell))

    def _look_at(self, index: int, cell: str, region: str | None) -> None:
        kind = find_kind(cell, region)
        # `332.730.805-13` may be a phone of Brazil, unless the name says that it is none.
        if kind is not None and (self._are_told[index] or is_unmistakable(cell, region)):
            self.selectors[index] = kind
            return
        numbers = self.numbers.setdefault(index, [])
        if len(numbers) < SAMPLE_VALUES and (is_number(cell) or is_shortened(cell)):
            numbers.append((cell, region))
        if index not in self.within_text and (
            is_shortened(cell)
            or may_hide_contact(cell)
            or may_hold_selector(cell, region, bare=self._are_told[index])
            or (self._are_told[index] and may_hold_digits_of_phone(cell, region))
        ):
            self.within_text.add(index)


def _are_rows(lines: list[list[str]], before: int, after: int, width: int) -> bool:
    """Tell whether lines of a cell are rows of `width`, with the cells before and after it or not.

    A note has line breaks and phones too; only in rows do they fall into place.
    """
    rows = [pieces for pieces in lines if len(pieces) == width > 1]
    if len(lines[0]) > 1 and before + len(lines[0]) == width == len(lines[-1]) + after:
        rows += [lines[0], lines[-1]]
    return any(is_one(plain(piece)) and not is_date(piece) for pieces in rows for piece in pieces)
