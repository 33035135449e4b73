"""What a sheet of an ODS is like: how large, and what its reader leaves out.

OpenDocument 1.3 part 3, 9.1 and 14.1.
"""

import re
import zipfile
from typing import Final

from screening.importers.workbook_parts import Attributes, Listener, Pieces, local, parse
from screening.importers.workbook_shown import (
    PAGE_TEXTS,
    TITLES_OF_DOCUMENTS,
    hear_titles,
)
from screening.importers.workbook_survey import SheetSurvey, number

_CELLS: Final = ("table-cell", "covered-table-cell")
_PARAGRAPHS: Final = ("p", "creator", "date")
_TITLES: Final = ("p", "title", "desc")
"""Of a table or a drawing in it: in text boxes, or as what it is called."""
_DRAWN: Final = frozenset(
    (
        *("frame", "custom-shape", "rect", "circle", "ellipse", "line", "polyline", "polygon"),
        *("regular-polygon", "path", "connector", "caption", "measure", "control", "g"),
    )
)
_SHEET_OF_RANGE: Final = re.compile(r"\$?(?:'(?P<quoted>(?:[^']|'')*)'|(?P<bare>[^'.]+))\.")
_RESULTS: Final = frozenset(("value", "boolean-value", "date-value", "time-value"))
"""Where it keeps what is no text; a program that does not calculate leaves it out."""


def survey_ods(archive: zipfile.ZipFile, sheet: str) -> SheetSurvey:
    """Look through a sheet of an ODS; raises `Unsuitable` where it cannot be read."""
    survey = _Sheet(sheet)
    parse(archive, "content.xml", survey)
    hear_titles(archive, "styles.xml", PAGE_TEXTS, survey.found)
    hear_titles(archive, "meta.xml", TITLES_OF_DOCUMENTS, survey.found)
    return survey.found


class _Sheet(Listener):
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
        self._is_in_cell = False
        self._is_read = False
        self._value: str | None = None  # that the reader takes for what the cell shows
        self._drawings = 0  # that have begun
        self._shown = Pieces()
        self._titles = 0  # that have begun
        self._title = Pieces()

    def start(self, name: str, attributes: Attributes) -> None:
        own = {local(key): value for key, value in attributes.items()}
        if name == "table":
            self._inside = own.get("name") == self._sheet
        elif name == "database-range":
            if _sheet_of(own.get("target-range-address", "")) == self._sheet:
                self.found.titled(own.get("name", ""))
        elif not self._inside:
            return
        elif name == "table-row":
            self._row += self._times
            self._times = number(own.get("number-rows-repeated"), 1)
            self._column = 0
        elif name in _CELLS:
            is_error = attributes.get("calcext:value-type") == "error"
            self._start_cell(own, is_error=is_error)
        elif name in _DRAWN:
            self._drawings += 1
        elif name == "annotation":
            self._is_in_remark = True
            self.found.remarks[self._row + self._times].append("")
        elif name in _TITLES:
            self._start_text()

    def text(self, text: str) -> None:
        if self._is_in_remark:
            self.found.noted(self._row + self._times, text)
        elif self._titles:
            self._title.add(text)
        elif self._inside and self._is_in_cell and not self._is_read:
            self._shown.add(text)

    def end(self, name: str) -> None:
        if name in _PARAGRAPHS:
            self.text(" ")
        if name == "annotation":
            self._is_in_remark = False
        elif name in _CELLS:
            self._end_cell()
        elif name in _TITLES and self._titles:
            self._titles -= 1
            self.found.titled(self._title.take())
        elif self._inside and name in _DRAWN:
            self._drawings -= 1

    def _start_cell(self, own: Attributes, *, is_error: bool) -> None:
        holds = "value-type" in own or "formula" in own
        self._first = self._column + 1 if holds else None
        self._merge(own)
        self._column += number(own.get("number-columns-repeated"), 1)
        is_text = own.get("value-type") == "string"
        self._is_error = is_error or (not is_text and _RESULTS.isdisjoint(own))
        self._is_in_cell, self._value = True, own.get("string-value")
        self._is_read = is_text and self._value is None
        self._lacks_text = self._is_read and "formula" in own

    def _start_text(self) -> None:
        if self._is_in_remark:
            return
        if self._drawings or not self._is_in_cell:
            self._titles += 1
        else:
            self._lacks_text = False

    def _end_cell(self) -> None:
        shown = self._shown.take()
        if self._first is not None:
            self._saw(self._first, is_error=self._is_error or self._lacks_text)
            if shown != " ".join((self._value or "").split()):
                for row in range(self._row + 1, self._row + self._times + 1):
                    self.found.showed(row, shown)
        self._first, self._is_in_cell = None, False

    def _merge(self, cell: Attributes) -> None:
        rows = number(cell.get("number-rows-spanned"), 1)
        columns = number(cell.get("number-columns-spanned"), 1)
        if rows > 1 or columns > 1:
            row, column = self._row + 1, self._column + 1
            self.found.merged.add((row, column), (row + rows - 1, column + columns - 1))

    def _saw(self, first: int, *, is_error: bool) -> None:
        self.found.saw(self._row + self._times, self._column, is_error=False)
        if is_error:
            for row in range(self._row + 1, self._row + self._times + 1):
                for column in range(first, self._column + 1):
                    self.found.saw(row, column, is_error=True)


def _sheet_of(address: str) -> str:
    """Return the sheet of a range, as `'My Sheet'.A1:'My Sheet'.B9` or `$Sheet1.A1` name it."""
    match = _SHEET_OF_RANGE.match(address)
    if match is None:
        return ""
    return match["bare"] or match["quoted"].replace("''", "'")
