"""What the columns of a foreign table hold: told by their names, or by what stands in them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from screening.importers.entry import Role
from screening.importers.layout import Layout
from screening.importers.phone_origins import (
    refuse_area_codes,
    refuse_other_countries,
    refuse_unnamed_countries,
)
from screening.importers.role_words import is_certain_role
from screening.importers.selector_columns import SelectorColumn, find_selectors, unread_column
from screening.importers.table_names import find_attributes
from screening.importers.title_rows import has_name_below, refuse_titled
from screening.vocabulary.column_names import plain_name
from screening.vocabulary.country_columns import named_countries
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.header_values import refuse_values


def find_layout(
    header: Sequence[str],
    sample: Sequence[Sequence[str]],
    *,
    file: str,
    region: str | None,
    role: Role | None,
    today: date,
) -> Layout:
    """Return what the columns hold, by their names and the first rows.

    `role` is what all in the file are said to be.

    Raises `OperatorError` where the first row is no header, or no column holds selectors.
    """
    refuse_values(header, region, file)
    refuse_titled(header, sample, file, role)
    names = [plain_name(cell) for cell in header]
    both = (names.index("kind"), names.index("value")) if {"kind", "value"} <= {*names} else None
    countries = named_countries(names, is_list=both is not None)
    attributes = find_attributes(names)
    if countries.all:
        attributes["region"] = countries.all[0]
    layout = Layout(tuple(header), attributes, both, countries, today)
    if both is None:
        found = _find_all_selectors(layout, sample, file=file, region=region)
        layout = replace(layout, selectors=found)
    refuse_other_countries(layout, sample, file)
    refuse_area_codes(layout, sample, file=file, region=region)
    refuse_unnamed_countries(layout, names, sample, file=file, region=region)
    unread = tuple(
        unread_column(index, header[index], layout.values(index, sample, region))
        for index in layout.ignored
    )
    return replace(layout, unread=unread, roles=frozenset(_find_roles(layout, sample)))


def _find_roles(layout: Layout, sample: Sequence[Sequence[str]]) -> Iterator[int]:
    for index in layout.ignored:
        if any(is_certain_role(row[index]) for row in sample if index < len(row)):
            yield index


def _find_all_selectors(
    layout: Layout, sample: Sequence[Sequence[str]], *, file: str, region: str | None
) -> tuple[SelectorColumn, ...]:
    told = {*layout.attributes.values(), *layout.countries.all}
    found = tuple(
        column
        for index, name in enumerate(layout.header)
        if index not in told
        and (column := find_selectors(index, name, layout.values(index, sample, region)))
    )
    if not found:
        first = "its first row must name the columns; " if has_name_below(sample) else ""
        raise OperatorError(
            f"{file} has no column of phones, cards or e-mails; {first}name one phone, card or "
            "email, or name the columns kind and value"
        )
    return found
