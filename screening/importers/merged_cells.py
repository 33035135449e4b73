"""Cells of a sheet that are shown as one: what stands in the first of them is said of all.

The reader gives the others as empty: of two phones beside one merged "victim" it was the first's.
"""

import heapq
from typing import Final

from screening.importers.workbook_parts import Unsuitable

_MAX_RANGES: Final = 100_000
_OVERLAP: Final = "has merged cells that overlap; part them in a spreadsheet and save it again"


class MergedCells:
    """Ranges of a sheet, of which each row takes what the first cell holds; places are from 1."""

    def __init__(self) -> None:
        self._by_row: dict[int, list[tuple[int, int, int]]] = {}
        self._count = 0
        self._open: list[tuple[str, range, int]] = []

    def add(self, first: tuple[int, int], last: tuple[int, int]) -> None:
        """Take in a range by its first and its last (row, column); `Unsuitable` where too many."""
        self._count += 1
        if self._count > _MAX_RANGES:
            raise Unsuitable("has too many merged cells; save it as CSV UTF-8")
        self._by_row.setdefault(first[0], []).append((last[0], first[1], last[1]))

    def require_apart(self, rows: int, columns: int) -> None:
        """Raise `Unsuitable` where two ranges overlap within so many rows and columns.

        No spreadsheet merges such; and each row would be filled from as many as there are.
        """
        taken = 0  # of the row, a bit for each column
        ends: list[tuple[int, int]] = []
        for row in sorted(first for first in self._by_row if first <= rows):
            while ends and ends[0][0] < row:
                taken ^= heapq.heappop(ends)[1]
            for last, left, right in self._by_row[row]:
                own = max(0, (2 << min(right, columns)) - (1 << min(left, columns + 1)))
                if taken & own:
                    raise Unsuitable(_OVERLAP)
                taken |= own
                heapq.heappush(ends, (last, own))

    def fill(self, row: int, cells: list[str], start: int) -> frozenset[int]:
        """Fill in what is merged in a row, whose `cells` begin with the column `start`.

        Rows are given in their order, and ranges do not overlap. What covers all columns is a
        title, or heads the rows below, and stands once. Returns the places in `cells` that are of
        a merged one.
        """
        self._open = [one for one in self._open if one[2] >= row]
        for last, left, right in self._by_row.pop(row, ()):
            columns = range(max(left, start) - start, min(right - start + 1, len(cells)))
            if columns and len(columns) < len(cells):
                self._open.append((cells[columns.start], columns, last))
        for text, columns, _ in self._open:
            for place in columns:
                cells[place] = cells[place] or text
        return frozenset(place for _, columns, _ in self._open for place in columns)
