"""What the columns of a foreign table hold: told by their names, or by what stands in them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from screening.importers.foreign_rows import Defaults
from screening.importers.layout import Layout
from screening.importers.phone_origins import (
    refuse_area_codes,
    refuse_other_countries,
    refuse_unnamed_countries,
)
from screening.importers.role_words import is_certain_role
from screening.importers.selector_columns import SelectorColumn, find_selectors, unread_column
from screening.importers.table_names import ATTRIBUTE_NAMES, find_attributes
from screening.importers.title_rows import has_name_below, refuse_titled
from screening.vocabulary.cells import are_rounded
from screening.vocabulary.column_names import plain_name
from screening.vocabulary.country_columns import CountryColumns, named_countries
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.header_values import refuse_values
from screening.vocabulary.selector import SelectorKind

Chosen = Mapping[int, str]
"""What a person says that columns hold, by their places from 0."""
IGNORED: Final = "ignored"
_KINDS: Final = tuple(kind.value for kind in SelectorKind)
CHOICES: Final = (
    *_KINDS,
    *("kind", "value"),
    *(name for name in ATTRIBUTE_NAMES if name != "region"),
    IGNORED,
)
"""Countries are not among them: where they are told wrongly, phones become somebody else's."""
_SEVERAL: Final = frozenset((*_KINDS, IGNORED))
"""What more than one column may be."""


def find_layout(
    header: Sequence[str],
    sample: Sequence[Sequence[str]],
    *,
    file: str,
    region: str | None,
    told: Defaults,
    today: date,
) -> Layout:
    """Return what the columns hold: as they are told, or else by their names and the first rows.

    A heading is heard whatever its column is taken as: no choice makes a victim's phone another's.

    Raises `OperatorError` where the first row is no header, or nobody will choose what is lacking.
    """
    chosen = told.columns
    _refuse_unclear(chosen, len(header))
    refuse_values(header, region, file)
    refuse_titled(header, sample, file, told.role)
    names = [plain_name(cell) for cell in header]
    # What somebody has said of a column stands; of the others their names are asked.
    asked = ["" if index in chosen else name for index, name in enumerate(names)]
    both = _kind_and_value(asked, chosen)
    countries = named_countries(names, is_list=both is not None)
    taken = {index: as_ for index, as_ in chosen.items() if index not in countries.all}
    attributes = _attributes(asked, taken, countries)
    heard = frozenset(index for index, as_ in taken.items() if as_ in ATTRIBUTE_NAMES)
    layout = Layout(tuple(header), attributes, both, countries, today, heard=heard)
    layout = replace(layout, chosen=frozenset(chosen), has_role_of_all=told.role is not None)
    layout = replace(layout, selectors=_selectors(layout, sample, chosen, region))
    if layout.has_selectors:
        refuse_other_countries(layout, sample, file)
        refuse_area_codes(layout, sample, file=file, region=region)
        refuse_unnamed_countries(layout, names, sample, file=file, region=region)
    else:
        _refuse_without_selectors(sample, file, may_choose=told.chooses)
    passed_over = ((at, header[at], layout.values(at, sample, region)) for at in layout.ignored)
    unread = tuple(unread_column(*one) for one in passed_over)
    return replace(layout, unread=unread, roles=frozenset(_find_roles(layout, sample)))


def _find_roles(layout: Layout, sample: Sequence[Sequence[str]]) -> Iterator[int]:
    for index in layout.ignored:
        if any(is_certain_role(row[index]) for row in sample if index < len(row)):
            yield index


def _refuse_unclear(chosen: Chosen, columns: int) -> None:
    """Raise `OperatorError` for columns that are not there, chosen alike, or one of a pair."""
    if not {*chosen.values()} <= {*CHOICES} or not {*chosen} <= {*range(columns)}:
        raise OperatorError("the columns are no longer those that were chosen for; choose again")
    single = [taken for taken in chosen.values() if taken not in _SEVERAL]
    if len(set(single)) != len(single):
        raise OperatorError("two columns are taken as the same; leave one of them as ignored")
    if ("kind" in single) != ("value" in single):
        raise OperatorError("a column of kinds needs one of values beside it; choose both")


def _attributes(
    asked: Sequence[str], taken: Chosen, countries: CountryColumns
) -> Mapping[str, int]:
    found = find_attributes(asked)
    if countries.all:
        found["region"] = countries.all[0]
    return found | {as_: index for index, as_ in taken.items() if as_ in ATTRIBUTE_NAMES}


def _kind_and_value(names: Sequence[str], chosen: Chosen) -> tuple[int, int] | None:
    places = {taken: index for index, taken in chosen.items() if taken in ("kind", "value")}
    for name in ("kind", "value"):
        if name not in places and name in names:
            places[name] = names.index(name)
    return (places["kind"], places["value"]) if len(places) == 2 else None


def _selectors(
    layout: Layout, sample: Sequence[Sequence[str]], chosen: Chosen, region: str | None
) -> tuple[SelectorColumn, ...]:
    """Return the columns of selectors: beside a list's own, those alone that are chosen."""
    told = {*layout.attributes.values(), *layout.countries.all}
    found = []
    for index, name in enumerate(layout.header):
        values = layout.values(index, sample, region)
        taken = chosen.get(index)
        if index in told:
            continue
        if taken in _KINDS:
            rounded = taken == SelectorKind.CARD and are_rounded([cell for cell, _ in values])
            kinds = (SelectorKind(taken),)
            found.append(SelectorColumn(index, kinds, "choice", rounded=rounded))
        elif taken is None and layout.kind_and_value is None:
            found += filter(None, [find_selectors(index, name, values)])
    return tuple(found)


def _refuse_without_selectors(
    sample: Sequence[Sequence[str]], file: str, *, may_choose: bool
) -> None:
    is_below = has_name_below(sample)
    if may_choose and not is_below:
        return
    first = "its first row must name the columns; " if is_below else ""
    raise OperatorError(
        f"{file} has no column of phones, cards or e-mails; {first}name one phone, card or "
        "email, or name the columns kind and value"
    )
