"""Refuses a file whose first line is no header: what stands there would never be screened."""

import re
from collections.abc import Sequence
from typing import Final

from screening.client.bulk.table import Table
from screening.vocabulary.cells import is_changed_long
from screening.vocabulary.column_names import kinds_named
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.measures import is_bare_date, is_measure, without_dates
from screening.vocabulary.plain_text import has_words
from screening.vocabulary.recognition import (
    find_kind,
    has_digits_of_phone,
    holds_address,
    holds_card,
    holds_phone,
    is_number,
    may_hold_selector,
)

_EXAMPLE: Final = re.compile(r"\b(?:e\.g|z\.b|p\. ?ex|format|beispiel)\b", re.IGNORECASE)
_MOST_ROWS_ABOVE: Final = 10
_MOST_WORDS_OF_A_NAME: Final = 4


def refuse_values(header: Sequence[str], region: str | None) -> None:
    """Raise `OperatorError` where a selector stands in the first line."""
    if any(_is_value(cell, region) for cell in header):
        raise OperatorError("the first line holds a selector; put a header above it")


def refuse_title(table: Table) -> None:
    """Raise `OperatorError` where a title stands above the names of the columns.

    Then nothing says what the columns hold, and rows are found to be without anything to screen.
    """
    rows = table.sample[:_MOST_ROWS_ABOVE]
    is_alone = len(table.header) == 1 and not _named(table.header)
    is_narrow = is_alone and bool(rows) and all(len(row) > 1 for row in rows)
    if is_narrow or any(_names_columns(row, table.header) for row in rows):
        raise OperatorError(
            f"the first line of {table.path} is a title, not the names of its columns; remove what "
            "stands above these"
        )


def _names_columns(row: Sequence[str], header: Sequence[str]) -> bool:
    """Tell whether a row below the first names more columns than this, and holds no value."""
    cells = [cell for cell in row if cell.strip()]
    filled = sum(bool(cell.strip()) for cell in header)
    dated = any(map(_is_number, header))
    return (
        _named(cells) > _named(header)
        and (len(cells) > filled or (dated and len(cells) == filled))
        and not any(_is_number(cell) or _is_value(cell, None) for cell in cells)
    )


def _named(cells: Sequence[str]) -> int:
    """Count the cells that are names of columns of selectors, and no sentences."""
    short = (cell for cell in cells if len(cell.split()) <= _MOST_WORDS_OF_A_NAME)
    return sum(bool(kinds_named(cell)) for cell in short)


def _is_number(cell: str) -> bool:
    return is_number(cell) or is_measure(cell) or cell.strip().isdecimal()


def _is_value(cell: str, region: str | None) -> bool:
    """Tell whether a selector stands in a cell of the header, whatever is beside it."""
    if is_measure(cell) or _EXAMPLE.search(cell):
        return False
    if holds_card(cell) or holds_address(cell) or is_changed_long(cell):
        return True
    if has_words(cell):  # "Season 2023/2024" is a name
        return may_hold_selector(cell, None, bare=True)
    is_kind = find_kind(cell, region) is not None or holds_phone(cell, region)
    return is_kind or (has_digits_of_phone(without_dates(cell)) and not is_bare_date(cell))
