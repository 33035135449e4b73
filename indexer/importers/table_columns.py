"""What the columns of a foreign table hold: told by their names, or by what stands in them."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from indexer.importers.bystander_words import names_bystander
from indexer.importers.country_columns import (
    COUNTRY_NAMES,
    CountryColumns,
    find_countries,
    named_countries,
)
from indexer.importers.role_words import is_certain_role
from indexer.importers.victim_words import names_victim
from screening.vocabulary.cells import are_rounded
from screening.vocabulary.column_names import kinds_named
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.recognition import find_kind, has_selector_sign, looks_like
from screening.vocabulary.selector import SelectorKind

_NAMED_SHARE: Final = 0.5
"""In a column of a telling name every cell counts if half of the first ones look like its kind."""
_NAMELESS_SHARE: Final = 0.8
"""One without is taken when nearly all of them are of one kind, as `gen-screen bulk` does."""
_SHOWN_CHARACTERS: Final = 80
_DIGITS_OF_A_NUMBER: Final = 6
"""With so many in it a column's name may hold a selector, and they are not shown."""
_SEPARATORS: Final = re.compile(r"[\W_]+")
_AREA_CODE: Final = re.compile(r"\( ?[0-9]")
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")

# What is called expiry or expiration may be that of a card: it is left to be named by a person.
ATTRIBUTE_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "role": (
        *("role", "subject role", "person role", "suspect role", "rolle", "rôle", "rol", "ruolo"),
        *("rola", "rooli", "роль", "ρόλος", "角色"),
    ),
    "region": COUNTRY_NAMES,
    "source": ("source", "source reference", "source ref", "source name", "reported by"),
    "reason": (
        *("reason", "reasons", "notes", "note", "comment", "comments", "remark", "remarks"),
        *("description", "details"),
    ),
    "confidence": ("confidence", "confidence score", "confidence level"),
    "expires_at": ("expires at", "expires", "expires on", "valid until", "valid to"),
    "first_seen": ("first seen", "first observed", "first reported", "seen first", "valid from"),
    "last_seen": ("last seen", "last observed", "last reported", "seen last"),
    "review_by": ("review by", "review on", "review date"),
    "jurisdictions": ("jurisdictions", "jurisdiction"),
    "list": ("list", "list name", "watchlist", "watch list"),
}
"""How columns of what is said about a selector are called; the first of several names wins."""


@dataclass(frozen=True, slots=True)
class DetectedColumn:
    """A column for a preview: its name, what it is taken as, and how that is known.

    `taken_as` is a kind (two with `or` between), the name of a list's column, or `ignored`; `by` is
    `name`, `content`, or empty where it is ignored.
    """

    name: str
    taken_as: str
    by: str


@dataclass(frozen=True, slots=True)
class SelectorColumn:
    """A column of selectors of one of `kinds`; `index` counts from 0.

    Where it is not `certain`, cells that do not look like its kind are nothing. One of cards is
    `rounded` where a spreadsheet has rounded its first values.
    """

    index: int
    kinds: tuple[SelectorKind, ...]
    by: str
    certain: bool = True
    rounded: bool = False

    def kind_of(self, cell: str) -> SelectorKind:
        """Return as which of its kinds a cell is read."""
        return next((kind for kind in self.kinds if looks_like(kind, cell)), self.kinds[0])


@dataclass(frozen=True)
class Layout:
    """Where everything stands.

    `attributes` are by their names in a list; `kind_and_value` is of a table in a list's shape.
    `roles` are columns of which nothing is kept, and in which roles stand all the same.
    """

    header: tuple[str, ...]
    attributes: Mapping[str, int]
    kind_and_value: tuple[int, int] | None
    selectors: tuple[SelectorColumn, ...]
    countries: CountryColumns
    roles: frozenset[int] = frozenset()

    @cached_property
    def victims(self) -> Mapping[int, str]:
        """The headings that name a victim, by the places of their columns."""
        return {
            index: heading
            for index, heading in enumerate(self.header)
            if names_victim(plain_name(heading)) and index not in self.attributes.values()
        }

    @cached_property
    def bystanders(self) -> frozenset[int]:
        """The columns of selectors whose headings name a witness, a reporter or an officer."""
        places = (one.index for one in self.selectors)
        return frozenset(i for i in places if names_bystander(plain_name(self.header[i])))

    @cached_property
    def ignored(self) -> tuple[int, ...]:
        """The columns of which nothing is kept."""
        taken = {*self.attributes.values(), *(one.index for one in self.selectors)}
        taken.update(self.kind_and_value or ())
        return tuple(index for index in range(len(self.header)) if index not in taken)

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
            DetectedColumn(_shown(name, index), *taken.get(index, ("ignored", "")))
            for index, name in enumerate(self.header)
        )


def find_layout(
    header: Sequence[str], sample: Sequence[Sequence[str]], *, file: str, region: str | None
) -> Layout:
    """Return what the columns hold, by their names and the first rows.

    Raises `OperatorError` where the first row is no header, or no column holds selectors.
    """
    refuse_missing_header(header, file)
    names = [plain_name(cell) for cell in header]
    attributes = find_attributes(names)
    if "kind" in names and "value" in names:
        both = (names.index("kind"), names.index("value"))
        countries = named_countries(names, is_list=True)
        layout = Layout(tuple(header), attributes, both, (), countries)
    else:
        countries = named_countries(names, is_list=False)
        found = _find_all_selectors(header, sample, attributes, countries, file=file, region=region)
        layout = Layout(tuple(header), attributes, None, found, countries)
    _refuse_other_countries(layout, sample, file)
    _refuse_unnamed_countries(layout, names, sample, file=file, region=region)
    return replace(layout, roles=frozenset(_find_roles(layout, sample)))


def _find_roles(layout: Layout, sample: Sequence[Sequence[str]]) -> Iterator[int]:
    for index in layout.ignored:
        if any(is_certain_role(row[index]) for row in sample if index < len(row)):
            yield index


def _find_all_selectors(
    header: Sequence[str],
    sample: Sequence[Sequence[str]],
    attributes: Mapping[str, int],
    countries: CountryColumns,
    *,
    file: str,
    region: str | None,
) -> tuple[SelectorColumn, ...]:
    selectors = []
    for index, name in enumerate(header):
        if index not in (*attributes.values(), *countries.all):
            values = [row[index] for row in sample if index < len(row) and row[index].strip()]
            selectors.append(_find_selectors(index, name, values, region))
    found = tuple(column for column in selectors if column is not None)
    if not found:
        raise OperatorError(
            f"{file} has no column of phones, cards or e-mails; name one phone, card or email, or "
            "name the columns kind and value"
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
    """Raise `OperatorError` where a column may say of which country numbers are, unheard.

    To take it for that would be a guess too: abbreviations of languages and states look the same.
    """
    if "region" in layout.attributes or (region is None and not layout.lacks_codes(sample)):
        return
    index = find_countries(names, sample, layout.ignored)
    if index is not None:
        shown = _shown(layout.header[index], index)
        raise OperatorError(
            f"column {shown!r} of {file} looks like countries; if its phones are of these, name it "
            "region, and if not, remove it"
        )


def _refuse_other_countries(layout: Layout, sample: Sequence[Sequence[str]], file: str) -> None:
    """Raise `OperatorError` where columns do not agree on the country of a phone that needs one."""
    for row in sample:
        if layout.countries.said_by(row) is None and layout.lacks_codes([row]):
            columns = layout.countries.all
            shown = " and ".join(repr(_shown(layout.header[i], i)) for i in columns)
            raise OperatorError(
                f"columns {shown} of {file} do not agree on the country of some phones; name the "
                "one that is right phone country"
            )


def find_attributes(names: Sequence[str]) -> dict[str, int]:
    """Return where each thing that can be said stands, of the plain names of columns."""
    found = {}
    for attribute, spellings in ATTRIBUTE_NAMES.items():
        known = next((name for name in spellings if name in names), None)
        if known is not None:
            found[attribute] = names.index(known)
    return found


def plain_name(cell: str) -> str:
    """Return a column's name in lower case, with one space between its words."""
    if len(cell) <= _SHOWN_CHARACTERS:  # of long runs of marks the form takes quadratic time
        cell = unicodedata.normalize("NFC", cell)
    return _SEPARATORS.sub(" ", _CAMEL.sub(" ", cell)).strip().lower()


def refuse_missing_header(header: Sequence[str], file: str) -> None:
    """Raise `OperatorError` where a selector stands in what should be a header."""
    if any(has_selector_sign(cell) or find_kind(cell) for cell in header):
        raise OperatorError(f"the first row of {file} holds a selector; put a header above it")


def _find_selectors(
    index: int, name: str, values: Sequence[str], region: str | None
) -> SelectorColumn | None:
    kinds = kinds_named(name)
    if kinds:
        alike = sum(any(looks_like(kind, value) for kind in kinds) for value in values)
        certain = alike >= _NAMED_SHARE * len(values)  # no values speak against none
        rounded = SelectorKind.CARD in kinds and are_rounded(values)
        return SelectorColumn(index, kinds, "name", certain, rounded)
    read = [find_kind(value, region) for value in values]
    for kind in SelectorKind:
        if read and read.count(kind) >= _NAMELESS_SHARE * len(read):
            rounded = kind is SelectorKind.CARD and are_rounded(values)
            return SelectorColumn(index, (kind,), "content", certain=True, rounded=rounded)
    return None


def _shown(name: str, index: int) -> str:
    """Return a name that does nothing to a terminal, fits a line, and shows no number."""
    if sum(map(str.isdigit, name)) >= _DIGITS_OF_A_NUMBER:
        name = "".join("#" if c.isdigit() else c for c in name)
    plain = "".join(c if c.isprintable() else " " for c in name).strip()
    if not plain:
        return f"column {index + 1}"
    return plain if len(plain) <= _SHOWN_CHARACTERS else f"{plain[: _SHOWN_CHARACTERS - 1]}…"
