"""Rows above the header of a table, such as its title: told, since all else would be misread.

Below a title nothing has a name: rows are found to be without anything to screen, and the phones of
a column of victims, found by their looks, would be listed under the role of all.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from screening.vocabulary.column_names import kinds_named
from screening.vocabulary.delimiters import ANY_DELIMITER
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.measures import is_measure
from screening.vocabulary.recognition import (
    has_selector_sign,
    is_number,
    is_one,
    may_hold_selector,
)

_ROWS_ABOVE: Final = 10
_MOST_WORDS_OF_A_NAME: Final = 4

Names = Callable[[str], bool]
"""Tells whether a cell is the name of a column that is known."""


def may_be_name(cell: str) -> bool:
    """Tell whether a cell is as short as a column's name is, and holds no selector."""
    return len(cell.split()) <= _MOST_WORDS_OF_A_NAME and not has_selector_sign(cell)


def names_kind(cell: str) -> bool:
    """Tell whether a cell is the name of a column of selectors, and no sentence."""
    return may_be_name(cell) and bool(kinds_named(cell))


def refuse_title(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    file: str,
    *,
    is_name: Names = names_kind,
) -> None:
    """Raise `OperatorError` where one of the rows below, and above all data, is the header.

    `is_name` knows the columns that the caller reads, those of selectors among them.
    """
    if has_title(header, rows, is_name=is_name):
        raise OperatorError(
            f"the first row of {file} is a title, not the names of its columns; remove what stands "
            "above these"
        )


def has_title(
    header: Sequence[str], rows: Sequence[Sequence[str]], *, is_name: Names = names_kind
) -> bool:
    """Tell whether one of the rows below, and above all data, is the header."""
    return _is_alone(header, rows, is_name) or any(
        _names_selectors(row, header) or _names_columns(row, header, is_name)
        for row in rows_above_data(rows)
    )


def rows_above_data(rows: Sequence[Sequence[str]]) -> Iterator[list[str]]:
    """Yield the filled cells of the first rows, up to the first row with a selector."""
    for row in rows[:_ROWS_ABOVE]:
        filled = [cell for cell in row if cell.strip()]
        # A title may be parted by another mark than the cells below it.
        cells = ANY_DELIMITER.split(filled[0]) if len(filled) == 1 else filled
        if any(has_selector_sign(cell) or is_one(cell) for cell in cells):
            return
        yield cells


def _is_alone(header: Sequence[str], rows: Sequence[Sequence[str]], is_name: Names) -> bool:
    """Tell whether the first row is one cell that names nothing, above rows of several."""
    first = rows[:_ROWS_ABOVE]
    is_one_cell = len(header) == 1 and not is_name(header[0])
    return is_one_cell and bool(first) and all(any(map(str.strip, row[1:])) for row in first)


def _names_selectors(cells: Sequence[str], header: Sequence[str]) -> bool:
    """Tell whether a row names more columns of selectors, has more cells, and holds no value.

    As many cells are enough where the first row has a date or a number among them.
    """
    filled = _filled(header)
    is_wider = len(cells) > filled or (len(cells) == filled and any(map(_is_number, header)))
    more = sum(map(names_kind, cells)) > sum(map(names_kind, header))
    return more and is_wider and not any(map(_may_be_value, cells))


def _names_columns(cells: Sequence[str], header: Sequence[str], is_name: Names) -> bool:
    """Tell whether a row names several columns, and more than the first.

    It has more cells than that, too, unless that names none at all.
    """
    named = sum(map(is_name, header))
    return sum(map(is_name, cells)) > max(1, named) and (not named or len(cells) > _filled(header))


def _filled(cells: Sequence[str]) -> int:
    return sum(map(bool, map(str.strip, cells)))


def _is_number(cell: str) -> bool:
    return is_number(cell) or is_measure(cell) or cell.strip().isdecimal()


def _may_be_value(cell: str) -> bool:
    return _is_number(cell) or may_hold_selector(cell, None, bare=True)
