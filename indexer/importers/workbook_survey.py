"""What a sheet of a workbook is like, before it is read: how large, and where formulas failed.

The reader lays out the whole rectangle in memory, down to the last cell: two cells in far corners
are enough to end the process. And it gives a cell with an error, or with a formula that was never
calculated, as an empty one, or not at all. So these are found out here, by a look at the sheet's
own XML (ECMA-376 part 1, 18.2.2 and 18.3.1; OpenDocument 1.3 part 3, 9.1).
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

MAX_ROWS: Final = 1_048_576
MAX_COLUMNS: Final = 256
_MAX_CELLS: Final = 1 << 25
"""Of the rectangle that the reader lays out: at 32 bytes a cell, 1 GiB."""
_MAX_XML_BYTES: Final = 2 << 30
_MAX_ERRORS: Final = 100_000
_CHUNK_BYTES: Final = 1 << 18
_REFERENCE: Final = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")

_XLSX_VALUES: Final = ("v", "is")
_ODS_CELLS: Final = ("table-cell", "covered-table-cell")
_RESULTS: Final = frozenset(("value", "boolean-value", "date-value", "time-value"))
"""Where an ODS keeps what is no text; a program that does not calculate leaves it out."""

Attributes = Mapping[str, str]


class Unsuitable(Exception):
    """A workbook that is not read; its text says why, after the name of the file."""


@dataclass(slots=True)
class SheetSurvey:
    """The last row and column that hold something, from 1, and where errors stand, from (1, 1)."""

    rows: int = 0
    columns: int = 0
    errors: set[tuple[int, int]] = field(default_factory=set)

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


def survey_xlsx(archive: zipfile.ZipFile, sheet: str) -> SheetSurvey:
    """Look through a sheet of an XLSX or XLSM; raises `Unsuitable` where it cannot be read."""
    root = _targets(archive, "_rels/.rels", "")
    book = next((path for kind, path in root.values() if kind == "officeDocument"), "")
    elements = list(_elements(archive, book))
    ids = {
        attributes.get("name"): value
        for name, attributes in elements
        if name == "sheet"
        for key, value in attributes.items()
        if _local(key) == "id"
    }
    folder, file = posixpath.split(book)
    targets = _targets(archive, f"{folder}/_rels/{file}.rels", folder)
    survey = _XlsxSheet(keeps_results=not any(map(_asks_for_calculation, elements)))
    _parse(archive, targets.get(ids.get(sheet, ""), ("", ""))[1], survey)
    return survey.found


def survey_ods(archive: zipfile.ZipFile, sheet: str) -> SheetSurvey:
    """Look through a sheet of an ODS; raises `Unsuitable` where it cannot be read."""
    survey = _OdsSheet(sheet)
    _parse(archive, "content.xml", survey)
    return survey.found


class _Listener:
    """What is told of the elements of a part, by their local names, as they are parsed."""

    def start(self, name: str, attributes: Attributes) -> None:
        """Hear that an element begins."""

    def text(self, text: str) -> None:
        """Hear some of the text within the elements that have begun."""

    def end(self, name: str) -> None:
        """Hear that an element ends."""


class _Elements(_Listener):
    def __init__(self) -> None:
        self.found: list[tuple[str, Attributes]] = []

    def start(self, name: str, attributes: Attributes) -> None:
        self.found.append((name, attributes))


def _asks_for_calculation(element: tuple[str, Attributes]) -> bool:
    """Tell whether what is kept of formulas is no result: some programs write 0 for every one."""
    name, attributes = element
    return name == "calcPr" and attributes.get("fullCalcOnLoad") in ("1", "true")


class _XlsxSheet(_Listener):
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


class _OdsSheet(_Listener):
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
        own = {_local(key): value for key, value in attributes.items()}
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
            self._column += _number(own.get("number-columns-repeated"), 1)
            is_text = own.get("value-type") == "string"
            is_error = attributes.get("calcext:value-type") == "error"
            self._is_error = is_error or (not is_text and _RESULTS.isdisjoint(own))
            self._lacks_text = is_text and "formula" in own and "string-value" not in own
        elif name == "annotation":
            self._is_in_remark = True
        elif name == "p" and not self._is_in_remark:
            self._lacks_text = False

    def end(self, name: str) -> None:
        if name == "annotation":
            self._is_in_remark = False
        elif name in _ODS_CELLS and self._first is not None:
            self._saw(self._first, is_error=self._is_error or self._lacks_text)
            self._first = None

    def _saw(self, first: int, *, is_error: bool) -> None:
        self.found.saw(self._row + self._times, self._column, is_error=False)
        if is_error:
            for row in range(self._row + 1, self._row + self._times + 1):
                for column in range(first, self._column + 1):
                    self.found.saw(row, column, is_error=True)


def _place(reference: str) -> tuple[int, int]:
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise _damaged()
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(match[2]), column


def _number(text: str | None, otherwise: int) -> int:
    if text is None:
        return otherwise
    if not re.fullmatch("[0-9]{1,9}", text, re.ASCII):
        raise _damaged()
    return int(text)


def _targets(archive: zipfile.ZipFile, part: str, folder: str) -> dict[str, tuple[str, str]]:
    """Return the relationships of a part: id -> last word of its type, and path in the archive."""
    return {
        attributes.get("Id", ""): (
            attributes.get("Type", "").rpartition("/")[2],
            posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", "")))[1:],
        )
        for name, attributes in _elements(archive, part)
        if name == "Relationship"
    }


def _elements(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[str, Attributes]]:
    elements = _Elements()
    _parse(archive, part, elements)
    return iter(elements.found)


def _parse(archive: zipfile.ZipFile, part: str, listener: _Listener) -> None:
    def refuse_doctype(*_: object) -> None:
        raise _damaged()

    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: listener.start(_local(name), attributes)
    parser.CharacterDataHandler = listener.text
    parser.EndElementHandler = lambda name: listener.end(_local(name))
    parser.StartDoctypeDeclHandler = refuse_doctype  # no workbook has one; entities need it
    try:
        with archive.open(part) as stream:
            size = 0
            while chunk := stream.read(_CHUNK_BYTES):
                size += len(chunk)
                if size > _MAX_XML_BYTES:
                    raise Unsuitable("is larger inside than any table; save it as CSV UTF-8")
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
    except (expat.ExpatError, KeyError):
        raise _damaged() from None


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _damaged() -> Unsuitable:
    return Unsuitable("is damaged; open it in a spreadsheet and save it again")
