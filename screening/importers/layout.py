"""Where everything stands in a foreign table."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

from screening.importers.bystander_words import may_name_copies, names_bystander, names_other_beside
from screening.importers.cells_beside import Reader, reader_of
from screening.importers.foreign_rows import Notice
from screening.importers.guest_counts import GuestCounts
from screening.importers.role_words import is_role
from screening.importers.selector_columns import (
    SelectorColumn,
    UnreadColumn,
)
from screening.importers.table_names import masked_name
from screening.importers.victim_words import heads_victim
from screening.vocabulary.column_names import plain_name
from screening.vocabulary.country_columns import (
    CountryColumns,
)
from screening.vocabulary.selector import SelectorKind

_AREA_CODE: Final = re.compile(r"\( ?[0-9]")
_IN_WORDS: Final = ("reason", "source", "list")
"""What is kept of a row and written by people: it may head others, as any remark may."""


@dataclass(frozen=True, slots=True)
class DetectedColumn:
    """A column for a preview: its name, what it is taken as, and how that is known.

    `taken_as` is a kind (two with `or` between), the name of a list's column, or `ignored`; `by` is
    `name`, `content`, or empty where it is ignored. One that `seems_roles` is not taken, and a
    person is to say whether it is the role.
    """

    name: str
    taken_as: str
    by: str
    seems_roles: bool = False


@dataclass(frozen=True)
class Layout:
    """Where everything stands.

    `attributes` are by their names in a list; `kind_and_value` is of a table in a list's shape.
    `today` is the day on which ages are counted; `roles` are columns of which nothing is kept, and
    in which roles stand all the same. What a person took for an attribute is `heard` as if nothing
    were kept of it: who takes ages for a confidence must not list a child. Of the columns that are
    `chosen` a person has said what they hold, or that it is nothing.
    """

    header: tuple[str, ...]
    attributes: Mapping[str, int]
    kind_and_value: tuple[int, int] | None
    countries: CountryColumns
    today: date
    selectors: tuple[SelectorColumn, ...] = ()
    unread: tuple[UnreadColumn, ...] = ()
    roles: frozenset[int] = frozenset()
    heard: frozenset[int] = frozenset()
    chosen: frozenset[int] = frozenset()
    has_role_of_all: bool = False

    @property
    def has_selectors(self) -> bool:
        """Tell whether a column holds selectors; without one the table gives no rows."""
        return bool(self.selectors) or self.kind_and_value is not None

    @cached_property
    def undecided(self) -> frozenset[int]:
        """The columns that seem to be the role, of which nobody has said whether they are.

        A word there that is no role may be one misspelt, and that of a witness: it is not passed
        over for what all are said to be.
        """
        return frozenset() if "role" in self.attributes else self.roles - self.chosen

    def roles_beside(self, cells: Sequence[str]) -> Iterator[tuple[int, str]]:
        """Yield what a row says in columns of roles, each with its place.

        Where a person has set a column aside, or there is no role of all that would be laid upon
        it, only what is a role. An empty cell says nothing.
        """
        for index in sorted(self.roles):
            cell = cells[index]
            is_undecided = self.has_role_of_all and index in self.undecided
            if is_role(cell) or (is_undecided and cell.strip()):
                yield index, cell

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
        """What reads the cells of each column of which nothing is kept, or which is heard so."""
        places = sorted({*self.ignored, *self.heard})
        return tuple((index, self._reader_of(index)) for index in places)

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
                f"{'number is' if one.numbers == 1 else 'numbers are'} left out in column "
                f"{masked_name(self.header[one.index], one.index)!r}; if it holds phones or cards, "
                "name it phone or card",
                one.numbers,
            )
            for one in self.unread
            if one.is_numeric
        )

    @cached_property
    def phones(self) -> tuple[int, ...]:
        """The columns in which phones may stand."""
        places = tuple(one.index for one in self.selectors if SelectorKind.PHONE in one.kinds)
        return (*places, *(self.kind_and_value or ())[1:])

    def lacks_codes(self, sample: Sequence[Sequence[str]]) -> bool:
        """Tell whether a phone in some rows is written without `+`, as far as columns tell it."""
        cells = (row[place].strip() for row in sample for place in self.phones if place < len(row))
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
            DetectedColumn(
                masked_name(name, index),
                *taken.get(index, ("ignored", "")),
                seems_roles=index in self.undecided,
            )
            for index, name in enumerate(self.header)
        )
