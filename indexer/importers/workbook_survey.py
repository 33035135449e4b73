"""What a sheet of a workbook is like, before it is read: how large, and where formulas failed.

The reader lays out the whole rectangle in memory, down to the last cell: two cells in far corners
are enough to end the process. It gives a cell with an error, or with a formula that was never
calculated, as an empty one, or not at all, and no comment on any. So these are found out here, by a
look at the sheet's own XML (ECMA-376 part 1, 18.2.2, 18.3.1 and 18.7; OpenDocument 1.3 part 3, 9.1
and 14.1).
"""

import posixpath
import re
import zipfile
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

from indexer.importers.merged_cells import MergedCells
from indexer.importers.workbook_parts import (
    Attributes,
    Listener,
    Unsuitable,
    damaged,
    elements_of,
    local,
    parse,
    targets_of,
)

MAX_ROWS: Final = 1_048_576
MAX_COLUMNS: Final = 256
_MAX_CELLS: Final = 1 << 25
"""Of the rectangle that the reader lays out: at 32 bytes a cell, 1 GiB."""
_MAX_ERRORS: Final = 100_000
_MAX_REMARK_CHARACTERS: Final = 1 << 24
_REFERENCE: Final = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")

_REMARKS: Final = ("comments", "threadedComment")
_XLSX_VALUES: Final = ("v", "is")
_ODS_CELLS: Final = ("table-cell", "covered-table-cell")
_ODS_PARAGRAPHS: Final = ("p", "creator", "date")
_RESULTS: Final = frozenset(("value", "boolean-value", "date-value", "time-value"))
"""Where an ODS keeps what is no text; a program that does not calculate leaves it out."""


@dataclass(slots=True)
class SheetSurvey:
    """The last row and column that hold something, from 1, and where errors stand, from (1, 1).

    `remarks` are what people have noted on cells, by their rows: the reader does not give it, nor
    which cells are `merged`.
    """

    rows: int = 0
    columns: int = 0
    errors: set[tuple[int, int]] = field(default_factory=set)
    remarks: defaultdict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    remark_characters: int = 0
    merged: MergedCells = field(default_factory=MergedCells)

    def saw(self, row: int, column: int, *, is_error: bool) -> None:
        """Take in a cell that holds something; raises `Unsuitable` where a bound is passed."""
        self.rows = max(self.rows, row)
        self.columns = max(self.columns, column)
        if self.rows > MAX_ROWS or self.columns > MAX_COLUMNS:
            raise Unsuitable(
                f"has a cell beyond row {MAX_ROWS} or column {MAX_COLUMNS}; take it out, or copy "
                "the table into a new workbook"
            )
        if self.rows * self.columns > _MAX_CELLS:
            raise Unsuitable("has too large a sheet; part it, or save it as CSV UTF-8")
        if is_error:
            self.errors.add((row, column))
            if len(self.errors) > _MAX_ERRORS:
                raise Unsuitable("has errors in most of its cells; correct its formulas")

    def noted(self, row: int, text: str) -> None:
        """Take in more of the last remark in a row; raises `Unsuitable` where there is too much."""
        self.remarks[row][-1] += text
        self.remark_characters += len(text)
        if self.remark_characters > _MAX_REMARK_CHARACTERS:
            raise Unsuitable("has too many comments on its cells; take them out of a copy")


def survey_xlsx(archive: zipfile.ZipFile, sheet: str) -> SheetSurvey:
    """Look through a sheet of an XLSX or XLSM; raises `Unsuitable` where it cannot be read."""
    root = targets_of(archive, "_rels/.rels", "")
    book = next((path for kind, path in root.values() if kind == "officeDocument"), "")
    elements = list(elements_of(archive, book))
    ids = {
        attributes.get("name"): value
        for name, attributes in elements
        if name == "sheet"
        for key, value in attributes.items()
        if local(key) == "id"
    }
    folder, file = posixpath.split(book)
    targets = targets_of(archive, f"{folder}/_rels/{file}.rels", folder)
    survey = _XlsxSheet(keeps_results=not any(map(_asks_for_calculation, elements)))
    part = targets.get(ids.get(sheet, ""), ("", ""))[1]
    parse(archive, part, survey)
    folder, file = posixpath.split(part)
    relations = f"{folder}/_rels/{file}.rels"
    if relations in archive.namelist():
        for kind, path in targets_of(archive, relations, folder).values():
            if kind in _REMARKS:
                parse(archive, path, _XlsxRemarks(survey.found))
    return survey.found


def survey_ods(archive: zipfile.ZipFile, sheet: str) -> SheetSurvey:
    """Look through a sheet of an ODS; raises `Unsuitable` where it cannot be read."""
    survey = _OdsSheet(sheet)
    parse(archive, "content.xml", survey)
    return survey.found


def _asks_for_calculation(element: tuple[str, Attributes]) -> bool:
    """Tell whether what is kept of formulas is no result: some programs write 0 for every one."""
    name, attributes = element
    return name == "calcPr" and attributes.get("fullCalcOnLoad") in ("1", "true")


class _XlsxSheet(Listener):
    def __init__(self, *, keeps_results: bool) -> None:
        self.found = SheetSurvey()
        self._keeps_results = keeps_results
        self._row = 0
        self._column = 0
        self._type: str | None = None
        self._is_formula = False
        self._is_value = False
        self._has_value = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "row":
            self._row = _number(attributes.get("r"), self._row + 1)
            self._column = 0
        elif name == "c":
            self._column += 1
            if "r" in attributes:
                self._row, self._column = _place(attributes["r"])
            self._type = attributes.get("t")
            self._is_formula = self._has_value = False
        elif name == "mergeCell":
            first, _, last = attributes.get("ref", "").partition(":")
            self.found.merged.add(_place(first), _place(last or first))
        elif name == "f":
            self._is_formula = True
        elif name in _XLSX_VALUES:
            self._is_value = True
            self._has_value = self._type == "str"  # the one value that may be empty

    def text(self, text: str) -> None:
        if self._is_value:
            self._has_value = True

    def end(self, name: str) -> None:
        if name in _XLSX_VALUES:
            self._is_value = False
        elif name == "c":
            is_result = self._has_value and self._keeps_results
            is_uncalculated = self._is_formula and not is_result
            is_error = self._type == "e" or is_uncalculated
            self.found.saw(self._row, self._column, is_error=is_error)


class _XlsxRemarks(Listener):
    def __init__(self, found: SheetSurvey) -> None:
        self._found = found
        self._row = 0
        self._is_text = False

    def start(self, name: str, attributes: Attributes) -> None:
        if "ref" in attributes:
            self._row, _ = _place(attributes["ref"])
            self._found.remarks[self._row].append("")
        self._is_text = name in ("t", "text")

    def text(self, text: str) -> None:
        if self._is_text and self._row:
            self._found.noted(self._row, text)

    def end(self, name: str) -> None:
        self._is_text = False


class _OdsSheet(Listener):
    """Rows and cells that are repeated are counted so often; empty ones only before others."""

    def __init__(self, sheet: str) -> None:
        self.found = SheetSurvey()
        self._sheet = sheet
        self._inside = False
        self._row = 0  # the last row before the present one
        self._times = 0
        self._column = 0
        self._first: int | None = None  # of the cell that has begun, where it holds something
        self._is_error = False
        self._lacks_text = False
        self._is_in_remark = False

    def start(self, name: str, attributes: Attributes) -> None:
        own = {local(key): value for key, value in attributes.items()}
        if name == "table":
            self._inside = own.get("name") == self._sheet
        elif not self._inside:
            return
        elif name == "table-row":
            self._row += self._times
            self._times = _number(own.get("number-rows-repeated"), 1)
            self._column = 0
        elif name in _ODS_CELLS:
            holds = "value-type" in own or "formula" in own
            self._first = self._column + 1 if holds else None
            self._merge(own)
            self._column += _number(own.get("number-columns-repeated"), 1)
            is_text = own.get("value-type") == "string"
            is_error = attributes.get("calcext:value-type") == "error"
            self._is_error = is_error or (not is_text and _RESULTS.isdisjoint(own))
            self._lacks_text = is_text and "formula" in own and "string-value" not in own
        elif name == "annotation":
            self._is_in_remark = True
            self.found.remarks[self._row + self._times].append("")
        elif name == "p" and not self._is_in_remark:
            self._lacks_text = False

    def text(self, text: str) -> None:
        if self._is_in_remark:
            self.found.noted(self._row + self._times, text)

    def end(self, name: str) -> None:
        if name in _ODS_PARAGRAPHS:
            self.text(" ")
        if name == "annotation":
            self._is_in_remark = False
        elif name in _ODS_CELLS and self._first is not None:
            self._saw(self._first, is_error=self._is_error or self._lacks_text)
            self._first = None

    def _merge(self, cell: Attributes) -> None:
        rows = _number(cell.get("number-rows-spanned"), 1)
        columns = _number(cell.get("number-columns-spanned"), 1)
        if rows > 1 or columns > 1:
            row, column = self._row + 1, self._column + 1
            self.found.merged.add((row, column), (row + rows - 1, column + columns - 1))

    def _saw(self, first: int, *, is_error: bool) -> None:
        self.found.saw(self._row + self._times, self._column, is_error=False)
        if is_error:
            for row in range(self._row + 1, self._row + self._times + 1):
                for column in range(first, self._column + 1):
                    self.found.saw(row, column, is_error=True)


def _place(reference: str) -> tuple[int, int]:
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise damaged()
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(match[2]), column


def _number(text: str | None, otherwise: int) -> int:
    if text is None:
        return otherwise
    if not re.fullmatch("[0-9]{1,9}", text, re.ASCII):
        raise damaged()
    return int(text)
