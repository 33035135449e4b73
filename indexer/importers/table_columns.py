"""What the columns of a foreign table hold: told by their names, or by what stands in them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Final

from indexer.importers.bystander_words import may_name_copies, names_bystander, names_other_beside
from indexer.importers.cells_beside import Reader, reader_of
from indexer.importers.entry import Role
from indexer.importers.foreign_rows import Notice
from indexer.importers.guest_counts import GuestCounts
from indexer.importers.role_words import is_certain_role
from indexer.importers.selector_columns import (
    SelectorColumn,
    UnreadColumn,
    find_selectors,
    unread_column,
)
from indexer.importers.table_names import find_attributes, masked_name
from indexer.importers.title_rows import has_name_below, refuse_titled
from indexer.importers.victim_words import heads_victim
from screening.vocabulary.column_names import plain_name
from screening.vocabulary.country_columns import (
    CountryColumns,
    find_countries,
    find_other_countries,
    named_countries,
    second_countries,
)
from screening.vocabulary.dialling_columns import find_area_codes, find_dialling_codes
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.header_values import refuse_values
from screening.vocabulary.selector import SelectorKind

_AREA_CODE: Final = re.compile(r"\( ?[0-9]")
_IN_WORDS: Final = ("reason", "source", "list")
"""What is kept of a row and written by people: it may head others, as any remark may."""


@dataclass(frozen=True, slots=True)
class DetectedColumn:
    """A column for a preview: its name, what it is taken as, and how that is known.

    `taken_as` is a kind (two with `or` between), the name of a list's column, or `ignored`; `by` is
    `name`, `content`, or empty where it is ignored.
    """

    name: str
    taken_as: str
    by: str


@dataclass(frozen=True)
class Layout:
    """Where everything stands.

    `attributes` are by their names in a list; `kind_and_value` is of a table in a list's shape.
    `today` is the day on which ages are counted; `roles` are columns of which nothing is kept, and
    in which roles stand all the same.
    """

    header: tuple[str, ...]
    attributes: Mapping[str, int]
    kind_and_value: tuple[int, int] | None
    countries: CountryColumns
    today: date
    selectors: tuple[SelectorColumn, ...] = ()
    unread: tuple[UnreadColumn, ...] = ()
    roles: frozenset[int] = frozenset()

    @cached_property
    def victims(self) -> Mapping[int, str]:
        """The headings that name a victim, by the places of their columns."""
        return {i: name for i, name in enumerate(self.header) if heads_victim(plain_name(name))}

    @cached_property
    def guests(self) -> GuestCounts:
        """What tells a count of children, who came with an adult, from a child."""
        return GuestCounts(self.header)

    @cached_property
    def bystanders(self) -> frozenset[int]:
        """The columns of selectors of witnesses, reporters, officers and recipients."""
        return frozenset(
            one.index
            for one in self.selectors
            if names_bystander(name := plain_name(self.header[one.index]))
            or (may_name_copies(name) and one.kinds != (SelectorKind.CARD,))
            or self._is_other_beside(one.index)
        )

    def _is_other_beside(self, index: int) -> bool:
        before, name = map(plain_name, ("", *self.header)[index : index + 2])
        return names_other_beside(name, before)

    @cached_property
    def readers(self) -> tuple[tuple[int, Reader], ...]:
        """What reads the cells of each column of which nothing is kept."""
        return tuple((index, self._reader_of(index)) for index in self.ignored)

    @cached_property
    def left_of_selectors(self) -> tuple[tuple[int, Reader], ...]:
        """What reads the cells of each column left of all selectors, one of which may head rows."""
        first = min((*(one.index for one in self.selectors), *(self.kind_and_value or ())))
        kept = (self.attributes[name] for name in _IN_WORDS if name in self.attributes)
        readers = (*self.readers, *((index, self._reader_of(index)) for index in kept))
        return tuple(one for one in readers if one[0] < first)

    def _reader_of(self, index: int) -> Reader:
        name = plain_name(self.header[index])
        return reader_of(name, has_roles=index in self.roles, today=self.today)

    @cached_property
    def ignored(self) -> tuple[int, ...]:
        """The columns of which nothing is kept."""
        taken = {*self.attributes.values(), *(one.index for one in self.selectors)}
        taken.update(self.kind_and_value or ())
        return tuple(index for index in range(len(self.header)) if index not in taken)

    def values(
        self, index: int, sample: Sequence[Sequence[str]], region: str | None
    ) -> list[tuple[str, str | None]]:
        """Return what is filled of a column in some rows, each with what completes its phone."""
        return [
            (row[index], self.region_of(row, region))
            for row in sample
            if index < len(row) and row[index].strip()
        ]

    def region_of(self, row: Sequence[str], region: str | None) -> str | None:
        """Return what completes a row's phones: what it says itself, or else the given region.

        Where its columns do not agree nothing does, not what holds of all either.
        """
        said = self.countries.said_by(row)
        return None if said is None else said or region

    def left_out(self) -> tuple[Notice, ...]:
        """Say which columns of long numbers are not read, since nothing says what they are."""
        return tuple(
            Notice(
                f"numbers are left out in column {masked_name(self.header[one.index], one.index)!r}"
                "; if it holds phones or cards, name it phone or card",
                one.numbers,
            )
            for one in self.unread
            if one.is_numeric
        )

    def lacks_codes(self, sample: Sequence[Sequence[str]]) -> bool:
        """Tell whether a phone in some rows is written without `+`, as far as columns tell it."""
        places = [one.index for one in self.selectors if SelectorKind.PHONE in one.kinds]
        places += (self.kind_and_value or ())[1:]
        cells = (row[place].strip() for row in sample for place in places if place < len(row))
        return any(cell[:1].isdecimal() or _AREA_CODE.match(cell) for cell in cells)

    def described(self) -> tuple[DetectedColumn, ...]:
        """Return what each column is taken as, in the order of the table."""
        taken = dict.fromkeys(self.countries.all, ("compared with region", "name"))
        taken |= {index: (name, "name") for name, index in self.attributes.items()}
        if self.kind_and_value is not None:
            kind, value = self.kind_and_value
            taken |= {kind: ("kind", "name"), value: ("value", "name")}
        for one in self.selectors:
            kinds = " or ".join(kind.value for kind in one.kinds)
            unsure = "" if one.certain else ", where a cell looks like one"
            taken[one.index] = (kinds + unsure, one.by)
        return tuple(
            DetectedColumn(masked_name(name, index), *taken.get(index, ("ignored", "")))
            for index, name in enumerate(self.header)
        )


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
    _refuse_other_countries(layout, sample, file)
    _refuse_unnamed_countries(layout, names, sample, file=file, region=region)
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


def _refuse_unnamed_countries(
    layout: Layout,
    names: Sequence[str],
    sample: Sequence[Sequence[str]],
    *,
    file: str,
    region: str | None,
) -> None:
    """Raise `OperatorError` where a column may say of which country or area numbers are, unheard.

    To take it for that would be a guess too: abbreviations of languages and states look the same.
    """
    if region is None and not layout.lacks_codes(sample):
        return
    if "region" in layout.attributes:
        _refuse_second_countries(layout, names, sample, file)
        return
    everywhere = range(len(names))  # one called CC may have been taken for one of cards
    codes = find_area_codes(names, sample, everywhere)
    if codes is None:
        codes = find_dialling_codes(names, sample, everywhere)
    if codes is not None:
        shown = masked_name(layout.header[codes], codes)
        raise OperatorError(
            f"column {shown!r} of {file} looks like codes to be dialled before its phones; put "
            "them there, or remove it"
        )
    index = find_countries(names, sample, layout.ignored)
    if index is not None:
        shown = masked_name(layout.header[index], index)
        raise OperatorError(
            f"column {shown!r} of {file} looks like countries; if its phones are of these, name it "
            "region, and if not, remove it"
        )


def _refuse_second_countries(
    layout: Layout, names: Sequence[str], sample: Sequence[Sequence[str]], file: str
) -> None:
    """Raise `OperatorError` where each of several columns of phones may have its own countries."""
    phones = [one for one in layout.selectors if SelectorKind.PHONE in one.kinds]
    first = layout.attributes["region"]
    index = find_other_countries(names, sample, layout.ignored, first) if phones[1:] else None
    if index is not None:
        shown = masked_name(layout.header[index], index)
        raise second_countries(
            file, repr(shown), "import the phones of each country column in a file of their own"
        )


def _refuse_other_countries(layout: Layout, sample: Sequence[Sequence[str]], file: str) -> None:
    """Raise `OperatorError` where columns do not agree on the country of a phone that needs one."""
    for row in sample:
        if layout.countries.said_by(row) is None and layout.lacks_codes([row]):
            columns = layout.countries.all
            shown = " and ".join(repr(masked_name(layout.header[i], i)) for i in columns)
            raise OperatorError(
                f"columns {shown} of {file} do not agree on the country of some phones; name the "
                "one that is right phone country"
            )
