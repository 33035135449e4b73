"""Rows above the header of a table: which cells are names of columns that an import knows.

A title is not read, but heard: told only to remove it, nobody would know of whom the table is.
"""

from collections.abc import Iterator, Sequence

from screening.importers.entry import Role
from screening.importers.table_names import find_attributes
from screening.importers.victim_words import heads_victim
from screening.vocabulary.column_names import plain_name
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.title_lines import (
    has_title,
    may_be_name,
    names_kind,
    refuse_title,
    rows_above_data,
)


def is_name(cell: str) -> bool:
    """Tell whether a cell is a column's name that is known."""
    return names_kind(cell) or (may_be_name(cell) and bool(find_attributes([plain_name(cell)])))


def refuse_titled(
    header: Sequence[str], rows: Sequence[Sequence[str]], file: str, role: Role | None
) -> None:
    """Raise `OperatorError` where a title stands above the header, as `refuse_title` does.

    Where it is of victims it says so, unless `role` says it already of all in the file.
    """
    is_titled = has_title(header, rows, is_name=is_name) or _stands_above_names(header, rows)
    is_of_victims = is_titled and any(map(heads_victim, _titles(header, rows)))
    if is_of_victims and role is not Role.VICTIM:
        raise OperatorError(
            f"{file} has a title of victims, or those under age, above its columns: remove it, and "
            "give --role victim, unless it is of others"
        )
    refuse_title(header, rows, file, is_name=is_name)


def _stands_above_names(header: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether the first row names no selectors and one below it does, however wide both are.

    As wide as the names, a title of victims would be taken for that of one column, and count only
    where a row has something in it.
    """
    return not any(map(names_kind, header)) and has_name_below(rows)


def _titles(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield what the first row says, and each below it, above all data, that names no selectors."""
    yield from header
    for row in rows_above_data(rows):
        if not any(map(names_kind, row)):
            yield from row


def told_by_title(names: Sequence[str]) -> tuple[str, ...]:
    """Return what is said of all rows by a first row that is one cell, of victims, and wider below.

    It stands above one column only, as a title of a table without names does.
    """
    filled = [name for name in names if name.strip()]
    is_title = len(filled) == 1 < len(names)
    return (Role.VICTIM.value,) if is_title and heads_victim(filled[0]) else ()


def has_name_below(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether a row above all data names a column of selectors, if only one."""
    return any(names_kind(cell) for row in rows_above_data(rows) for cell in row)
