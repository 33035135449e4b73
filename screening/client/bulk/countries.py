"""Refuses a file in which a column says of what country or area phones are, and nobody asks it.

Completed by `--region` alone, a number of one country would be asked about as one of another, and
without its area's code even a number with a `+` is one that nobody has: their rows would come back
as "no match".
"""

from collections.abc import Sequence

from screening.client.bulk.batches import read_cell_of
from screening.client.bulk.columns import Column
from screening.client.bulk.table import Table
from screening.vocabulary.area_cells import find_codes_torn_off
from screening.vocabulary.cells import says_nothing
from screening.vocabulary.column_names import plain_name, shown_name
from screening.vocabulary.country_columns import (
    find_countries,
    find_other_countries,
    named_countries,
    second_countries,
)
from screening.vocabulary.dialling_columns import find_area_codes, find_dialling_codes, has_codes
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.selector import SelectorKind


def refuse_area_codes(table: Table, columns: Sequence[Column]) -> None:
    """Raise `OperatorError` for a column of codes without which the numbers are others.

    Of dialling codes where another column is named by `--region-column`: else they may be named,
    or a number without its country is not asked about.
    """
    if not any(one.kind is SelectorKind.PHONE or one.of_contacts for one in columns):
        return  # e-mails and cards have no area
    names = [plain_name(cell) for cell in table.header]
    others = [index for index in range(len(names)) if index != table.regions.index]
    index = find_area_codes(names, table.sample, others)
    if index is None:
        phones = [one.index for one in columns if one.kind is SelectorKind.PHONE]
        index = find_codes_torn_off(names, table.sample, phones=phones, region_of=table.regions.of)
    if index is None and table.regions.index is not None:
        index = find_dialling_codes(names, table.sample, others)
    if index is not None:
        raise OperatorError(
            f"{table.path} has a column that looks like area codes, {_shown(table, index)}: put "
            "them before the numbers, or add --no-area-column if they are no part of these"
        )


def refuse_second_countries(table: Table, columns: Sequence[Column]) -> None:
    """Raise `OperatorError` where each of several columns of phones may have its own countries."""
    phones = [one for one in columns if one.kind is SelectorKind.PHONE]
    if table.regions.index is None or len(phones) < 2:
        return
    names = [plain_name(cell) for cell in table.header]
    index = find_other_countries(names, table.sample, range(len(names)), table.regions.index)
    if index is not None:
        raise second_countries(
            str(table.path),
            _shown(table, index),
            "screen the phones of each country column by themselves, with --column NAME=phone and "
            "--region-column",
        )


def refuse_unheard_countries(table: Table) -> None:
    """Raise `OperatorError` for a column of countries or dialling codes, where none is named."""
    if table.regions.default is None:
        return
    index = _find_unheard(table)
    if index is not None:
        shown = _shown(table, index)
        how = "" if has_codes(table.sample, index) else "write codes in it, as FR or +33, and "
        raise OperatorError(
            f"{table.path} has a column that looks like countries, {shown}: {how}add "
            f"--region-column {shown}, or --no-region-column if all phones without a code are of "
            f"{table.regions.default}"
        )


def hint_at_countries(table: Table) -> str:
    """Return what to try for phones that lack their country; empty where no column tells it."""
    index = _find_unheard(table)
    if index is None:
        return ""
    shown = _shown(table, index)
    return f"Column {shown} looks like countries: try --region-column {shown}."


def count_lacking(table: Table, column: Column) -> tuple[int, int]:
    """Return how many of the first values of a column lack nothing but a country, and of how many.

    Their rows are not screened as things stand.
    """
    values = [
        (row[column.index], table.regions.of(row))
        for row in table.sample
        if column.index < len(row) and not says_nothing(row[column.index])
    ]
    lacking = [raw for raw, of in values if read_cell_of(column, raw, of) == "region_required"]
    return len(lacking), len(values)


def _find_unheard(table: Table) -> int | None:
    """Return the column of countries or dialling codes of a table where none is named."""
    if table.regions.index is not None:
        return None
    names = [plain_name(cell) for cell in table.header]
    columns = range(len(names))
    named = named_countries(names, is_list=False)
    # A region may be one within a country: it counts by its values only.
    told = (*named.of_phones, *named.of_somebody)
    index = told[0] if told else find_countries(names, table.sample, columns)
    codes = find_dialling_codes(names, table.sample, columns)
    if codes is not None and not named.of_phones:
        return codes  # it tells more of the phones than the country of somebody
    return index


def _shown(table: Table, index: int) -> str:
    return repr(shown_name(table.header[index], index))
