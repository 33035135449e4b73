"""A row of a foreign table as its reader gives it, and what a spreadsheet has done to its cells."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from screening.importers.entry import ImportCode, RowCode
from screening.vocabulary.selector import SelectorKind

_EXACT_DIGITS: Final = 15
"""So many decimal digits a spreadsheet's number keeps (IEEE 754, binary64)."""


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


def damage(kind: str, value: str) -> ImportCode | None:
    """Tell what a sheet has done to a cell.

    A phone that is a number there has lost its plus or its zeros, and with them its country: it is
    never taken, whatever region the row names. A card has neither; up to 15 digits are exact.
    """
    if isinstance(value, ErrorCell):
        return "error_cell"
    if not isinstance(value, NumberCell) or kind not in (SelectorKind.PHONE, SelectorKind.CARD):
        return None
    if kind == SelectorKind.PHONE:
        return "stored_as_number"
    if value.isdecimal() and len(value) <= _EXACT_DIGITS:
        return None
    return "changed_number"
