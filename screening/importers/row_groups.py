"""Rows that one cell heads: below it a column is left empty, up to what heads the next.

So people write, and so a merged cell is saved as CSV. Where cells are merged, they tell it.
"""

from collections.abc import Iterable, Sequence

from screening.importers.cells_beside import Reader
from screening.importers.clearing_words import is_clearing
from screening.importers.headings import is_short
from screening.importers.spoken import whom_headed


class RowGroups:
    """Remembers what heads the rows to come, of those who are not to be listed; row after row.

    `columns` are those left of all selectors, with what reads their cells. One may head rows that
    begins with something in its first row.
    """

    def __init__(self, columns: Iterable[tuple[int, Reader]]) -> None:
        self._columns = dict(columns)
        self._heads: dict[int, str] | None = None

    def said_of(self, cells: Sequence[str], merged: frozenset[int] = frozenset()) -> Sequence[str]:
        """Return the cells of the next row, with what heads it in the place of an empty one.

        One that has too few cells, or cannot be told, may head others all the same.
        """
        filled = list(cells)
        told = [(index, cells[index]) for index in self._columns if index < len(cells)]
        if self._heads is None:
            self._heads = {index: "" for index, cell in told if cell.strip()}
        for index, cell in told:
            if index not in self._heads:
                continue
            if cell.strip():
                is_head = index not in merged and self._is_head(index, cell)
                self._heads[index] = cell if is_head else ""
            else:
                filled[index] = self._heads[index] or cell
        return filled

    def _is_head(self, index: int, cell: str) -> bool:
        said = self._columns[index](cell)
        return is_short(cell) and (whom_headed(said) is not None or is_clearing(said))
