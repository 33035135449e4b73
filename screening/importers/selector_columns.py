"""Columns of selectors in foreign tables: told by their names, or by what stands in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from screening.importers.bystander_words import may_name_copies
from screening.importers.column_cells import (
    fits,
    is_stray,
    kind_without_name,
    may_be_left_of_one,
    may_be_number,
)
from screening.importers.folding import folded, folded_words
from screening.vocabulary.cells import are_rounded
from screening.vocabulary.column_names import (
    NAMED_SHARE,
    NAMELESS_SHARE,
    kinds_named,
    plain_name,
)
from screening.vocabulary.contact_columns import CONTACT_STEMS
from screening.vocabulary.plain_text import plain
from screening.vocabulary.recognition import is_canonical
from screening.vocabulary.selector import SelectorKind

_CONTACT: Final = folded_words(within=CONTACT_STEMS, begin=("reach",))

Values = Sequence[tuple[str, str | None]]
"""The first cells of a column that are filled, each with the region that completes it."""


@dataclass(frozen=True, slots=True)
class SelectorColumn:
    """A column of selectors of one of `kinds`; `index` counts from 0.

    Where it is not `certain`, cells that do not fit its kind are not taken, and only reported if
    they may be left of one. One of cards is `rounded` where a spreadsheet has rounded its first
    values.
    """

    index: int
    kinds: tuple[SelectorKind, ...]
    by: str
    certain: bool = True
    rounded: bool = False

    def kind_of(self, cell: str, region: str | None) -> SelectorKind:
        """Return as which of its kinds a cell is read."""
        if len(self.kinds) == 1:
            return self.kinds[0]
        if SelectorKind.EMAIL in self.kinds and is_canonical(SelectorKind.EMAIL, plain(cell)):
            return SelectorKind.EMAIL  # with as many digits in it as a phone has, perhaps
        return next((kind for kind in self.kinds if fits(kind, cell, region)), self.kinds[0])

    def holds(self, cell: str, region: str | None) -> bool:
        """Tell whether a cell is taken or reported; others say nothing."""
        if not cell.strip():
            return False
        return self.certain or self.fits(cell, region) or may_be_left_of_one(self.kinds, cell)

    def fits(self, cell: str, region: str | None) -> bool:
        """Tell whether a cell is one of its kinds, misspelt perhaps."""
        return any(fits(kind, cell, region) for kind in self.kinds)


@dataclass(frozen=True, slots=True)
class UnreadColumn:
    """A column of which nothing is kept; `index` counts from 0.

    `numbers` of its first cells may be phones or cards, and `is_numeric` tells that most of them
    are; `is_of_contacts` that its name promises phones.
    """

    index: int
    numbers: int = 0
    is_numeric: bool = False
    is_of_contacts: bool = False

    def hides(self, cell: str, region: str | None) -> bool:
        """Tell whether a cell may be a selector, so that it must not vanish in silence."""
        if self.is_of_contacts and may_be_left_of_one((SelectorKind.PHONE,), cell):
            return True
        return is_stray(cell, region, is_numeric=self.is_numeric)


def find_selectors(index: int, name: str, values: Values) -> SelectorColumn | None:
    """Return as what a column is read; None where neither its name nor its cells say it."""
    cells = [cell for cell, _ in values]
    kinds = kinds_named(name)
    holds_cards = any(fits(SelectorKind.CARD, *value) for value in values)
    if may_name_copies(plain_name(name)) and not holds_cards:
        kinds = tuple(kind for kind in kinds if kind is not SelectorKind.CARD)
    if kinds:
        alike = sum(any(fits(kind, *value) for kind in kinds) for value in values)
        certain = alike >= NAMED_SHARE * len(values)  # no values speak against none
        rounded = SelectorKind.CARD in kinds and are_rounded(cells)
        return SelectorColumn(index, kinds, "name", certain, rounded)
    promises = speaks_of_contacts(name)
    read = [kind_without_name(cell, region if promises else None) for cell, region in values]
    for kind in SelectorKind:
        if read and read.count(kind) >= NAMELESS_SHARE * len(read):
            if kind is SelectorKind.CARD and _is_of_ids(name):
                return None
            rounded = kind is SelectorKind.CARD and are_rounded(cells)
            return SelectorColumn(index, (kind,), "content", certain=True, rounded=rounded)
    return None


def unread_column(index: int, name: str, values: Values) -> UnreadColumn:
    """Return what must be known of a column of which nothing is kept."""
    numbers = sum(may_be_number(*value) for value in values)
    is_numeric = bool(values) and numbers >= NAMED_SHARE * len(values)
    return UnreadColumn(index, numbers, is_numeric, speaks_of_contacts(name))


def speaks_of_contacts(name: str) -> bool:
    """Tell whether a column's name speaks of contacts, and not of their ids or dates.

    `Contact reason` and `Contact address` do: it is only asked what is left out, and to be told.
    """
    return _CONTACT.search(folded(name)) is not None and not _is_of_ids(name)


def _is_of_ids(name: str) -> bool:
    """Tell whether a name is of ids, dates and the like: even a phone's name is none with it."""
    return not kinds_named(f"{name} phone")
