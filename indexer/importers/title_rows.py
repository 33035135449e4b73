"""Rows above the header of a table: which cells are names of columns that an import knows."""

from collections.abc import Sequence

from indexer.importers.table_names import find_attributes
from screening.vocabulary.column_names import plain_name
from screening.vocabulary.title_lines import may_be_name, names_kind, rows_above_data


def is_name(cell: str) -> bool:
    """Tell whether a cell is a column's name that is known."""
    return names_kind(cell) or (may_be_name(cell) and bool(find_attributes([plain_name(cell)])))


def has_name_below(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether a row above all data names a column of selectors, if only one."""
    return any(names_kind(cell) for row in rows_above_data(rows) for cell in row)
