"""Rows above the header of a table, such as its title: told, since all else would be misread.

Below a title nothing has a name: the phones of a `Role` column's disputed people would be found by
their looks, and listed under the role of all.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from indexer.importers.table_names import find_attributes
from screening.vocabulary.column_names import kinds_named, plain_name
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.recognition import has_selector_sign, is_one

_MOST_WORDS_OF_A_NAME: Final = 4
_ROWS_ABOVE: Final = 10
_BETWEEN_CELLS: Final = re.compile(r"[,;\t|]")


def is_name(cell: str) -> bool:
    """Tell whether a cell is a column's name that is known."""
    if len(cell.split()) > _MOST_WORDS_OF_A_NAME or has_selector_sign(cell):
        return False
    return bool(kinds_named(cell) or find_attributes([plain_name(cell)]))


def refuse_title_rows(header: Sequence[str], rows: Sequence[Sequence[str]], file: str) -> None:
    """Raise `OperatorError` where one of the rows below, and above all data, is the header.

    It names more columns, and has more cells than a title, unless the title names none at all.
    """
    named, filled = sum(map(is_name, header)), sum(map(bool, map(str.strip, header)))
    if any(
        sum(map(is_name, cells)) > max(1, named) and (not named or len(cells) > filled)
        for cells in _above_data(rows)
    ):
        raise OperatorError(
            f"the header of {file} must be its first row; take out what stands above the row that "
            "names the columns"
        )


def find_name_below(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether a row above all data names a column, if only one."""
    return any(kinds_named(cell) and is_name(cell) for row in _above_data(rows) for cell in row)


def _above_data(rows: Sequence[Sequence[str]]) -> Iterator[Sequence[str]]:
    for row in rows[:_ROWS_ABOVE]:
        filled = [cell for cell in row if cell.strip()]
        # A title without separators does not tell what parts the cells below it.
        cells = _BETWEEN_CELLS.split(filled[0]) if len(filled) == 1 else filled
        if any(has_selector_sign(cell) or is_one(cell) for cell in cells):
            return
        yield cells
