"""What a sheet of a workbook is like, before it is read: how large, and where formulas failed.

The reader lays out the whole rectangle in memory, down to the last cell: two cells in far corners
are enough to end the process. It gives a cell with an error, or with a formula that was never
calculated, as an empty one, or not at all, no comment on any, and of a number nothing but its
value. So these are found out by a look at the sheet's own XML (`xlsx_survey.py`, `ods_survey.py`).
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

from screening.importers.merged_cells import MergedCells
from screening.importers.workbook_parts import Unsuitable, damaged

MAX_ROWS: Final = 1_048_576
MAX_COLUMNS: Final = 256
_MAX_CELLS: Final = 1 << 25
"""Of the rectangle that the reader lays out: at 32 bytes a cell, 1 GiB."""
_MAX_ERRORS: Final = 100_000
_MAX_REMARK_CHARACTERS: Final = 1 << 24


@dataclass(slots=True)
class SheetSurvey:
    """The last row and column that hold something, from 1, and where errors stand, from (1, 1).

    `remarks` are what people have noted on cells, and what cells show beside their values, by their
    rows: the reader does not give it, nor which cells are `merged`. `titles` are what stands around
    the sheet.
    """

    rows: int = 0
    columns: int = 0
    errors: set[tuple[int, int]] = field(default_factory=set)
    remarks: defaultdict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    remark_characters: int = 0
    titles: list[str] = field(default_factory=list)
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
        self._count(text)

    def showed(self, row: int, text: str) -> None:
        """Take in what a cell shows beside its value, where it says anything; raises so, too."""
        if is_word(text):
            self.remarks[row].append(text)
            self._count(text)

    def titled(self, text: str) -> None:
        """Take in a title, where it says anything; raises as `noted` does."""
        if is_word(text):
            self.titles.append(text)
            self._count(text)

    def _count(self, text: str) -> None:
        self.remark_characters += len(text)
        if self.remark_characters > _MAX_REMARK_CHARACTERS:
            raise Unsuitable(
                "has too many comments on cells, or words in their formats; save it as CSV UTF-8"
            )


def number(text: str | None, otherwise: int) -> int:
    """Return a whole number of an attribute, or `otherwise` where it is left out."""
    if text is None:
        return otherwise
    if not re.fullmatch("[0-9]{1,9}", text, re.ASCII):
        raise damaged()
    return int(text)


def is_word(text: str) -> bool:
    """Tell whether there are letters in a text."""
    return any(map(str.isalpha, text))
