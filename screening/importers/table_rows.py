"""A row of a foreign table as its reader gives it, and what a spreadsheet has done to its cells."""

from collections.abc import Sequence
from dataclasses import dataclass

from screening.importers.entry import RowCode


class NumberCell(str):
    """A cell that is a number in its sheet: a plus, or zeros before it, would be lost by now."""

    __slots__ = ()


class ErrorCell(str):
    """A cell whose formula has given an error."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: where it stands, and its cells, or why they could not be told. Shows no cell.

    `remarks` are what somebody has noted on its cells; `merged` are the places of cells that are
    shown as one with others, which tells of what they are said.
    """

    line: int
    cells: Sequence[str]
    fault: RowCode | None = None
    remarks: tuple[str, ...] = ()
    merged: frozenset[int] = frozenset()

    def __repr__(self) -> str:
        return f"TableRow(line {self.line}, {len(self.cells)} cells)"
