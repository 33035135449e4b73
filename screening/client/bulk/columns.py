"""Which columns of a file hold selectors: as told, or found by their names and first values."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from screening.vocabulary.cells import are_rounded, is_canonical, is_selector, may_be, read_cell
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.selector import SelectorKind

# fmt: off
_NAMES: Final[dict[SelectorKind, frozenset[str]]] = {
    SelectorKind.PHONE: frozenset((
        "phone", "phones", "phonenumber", "telephone", "tel", "telefon", "telefono", "handy",
        "mobile", "mobilenumber", "movil", "cell", "cellphone", "cellular", "msisdn", "whatsapp",
    )),
    SelectorKind.EMAIL: frozenset(("email", "emails", "emailaddress", "mail", "correo")),
    SelectorKind.CARD: frozenset((
        "card", "cards", "cardnumber", "creditcard", "cc", "ccnumber", "pan", "tarjeta",
        "kreditkarte",
    )),
}
# fmt: on
"""Words, and pairs of words, that say what a column holds."""

_WORD: Final = re.compile(r"[^\W_]+")
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NAMED_SHARE: Final = 0.5
"""A column with a telling name is taken when half of its first values fit."""
_NAMELESS_SHARE: Final = 0.8
"""One without is taken when nearly all of them do: one card number in ten is a mere number."""

_SHOWN_CHARACTERS: Final = 80


@dataclass(frozen=True, slots=True)
class Column:
    """One column to screen; `index` counts from 0.

    Of one that is `doubtful`, whose name is telling and whose first values say otherwise, only
    those cells are screened that may be selectors: the others are taken for something else. One
    of cards is `rounded` where a spreadsheet has rounded its first values.
    """

    index: int
    name: str
    kind: SelectorKind
    doubtful: bool = False
    rounded: bool = False


@dataclass(frozen=True, slots=True)
class Regions:
    """Which country completes the phones of a row: that of its own cell, else the one of all."""

    default: str | None
    index: int | None = None

    def of(self, row: Sequence[str]) -> str | None:
        """Return what the row says, which may be no country at all."""
        own = row[self.index].strip() if self.index is not None and self.index < len(row) else ""
        return own or self.default


def told_regions(default: str | None, name: str | None, header: Sequence[str]) -> Regions:
    """Find the column of regions, where one is named; raises `OperatorError` where it is not."""
    return Regions(default, None if name is None else _place(name, header))


def told_columns(
    told: Sequence[str], header: Sequence[str], sample: Sequence[Sequence[str]]
) -> tuple[Column, ...]:
    """Read `NAME=KIND` arguments; raises `OperatorError` for a name or kind that is not there."""
    _refuse_missing_header(header)
    columns = []
    for argument in told:
        name, _, kind = argument.rpartition("=")
        if kind not in set(SelectorKind) or not name:
            raise OperatorError("write --column as NAME=KIND, with KIND phone, card or email")
        index = _place(name, header)
        values = [row[index] for row in sample if index < len(row)]
        columns.append(_column(index, name, SelectorKind(kind), values))
    if len({column.index for column in columns}) != len(columns):
        raise OperatorError("--column names one column twice; give each column one kind")
    return tuple(columns)


def detect_columns(
    header: Sequence[str], sample: Sequence[Sequence[str]], regions: Regions
) -> tuple[Column, ...]:
    """Find the columns that hold selectors; raises `OperatorError` where the header is missing."""
    _refuse_missing_header(header)
    columns = []
    for index, name in enumerate(header):
        rows = [row for row in sample if index < len(row) and row[index].strip()]
        values = [(row[index], regions.of(row)) for row in rows]
        named = _kinds_named(name)
        kind = _best(named, values, _NAMED_SHARE, lambda k, v, r: may_be(v, read_cell(k, v, r)))
        if kind is None and values:
            kind = _best_of_all(values, _NAMELESS_SHARE)
        if kind is not None:
            columns.append(_column(index, name, kind, [value for value, _ in values]))
            continue
        # Not left out: a row whose listed phone stands in it must not come back as "no match".
        perhaps = named[0] if named else None
        if perhaps is None and values:
            perhaps = _best_of_all(values, 1 / len(values))
        if perhaps is not None:
            columns.append(_column(index, name, perhaps, [], doubtful=True))
    return tuple(columns)


def _place(name: str, header: Sequence[str]) -> int:
    places = [index for index, cell in enumerate(header) if cell.strip() == name.strip()]
    if len(places) != 1:
        wrong = "no column" if not places else "more than one column"
        # The columns are not listed: the first line may be of data, and is then somebody's.
        raise OperatorError(f"{wrong} is named {name!r}; see the first line of the file")
    return places[0]


def _column(
    index: int, name: str, kind: SelectorKind, values: Sequence[str], *, doubtful: bool = False
) -> Column:
    rounded = kind is SelectorKind.CARD and are_rounded(values)
    return Column(index, _shown(name) or f"column {index + 1}", kind, doubtful, rounded)


def _shown(name: str) -> str:
    """Return a name that does nothing to a terminal, and fits a sentence and the cell of a row."""
    plain = "".join(character if character.isprintable() else " " for character in name).strip()
    return plain if len(plain) <= _SHOWN_CHARACTERS else f"{plain[: _SHOWN_CHARACTERS - 1]}…"


def _refuse_missing_header(header: Sequence[str]) -> None:
    if any(map(is_selector, header)):
        raise OperatorError("the first line holds a selector; put a header above it")


def _kinds_named(name: str) -> tuple[SelectorKind, ...]:
    plain = unicodedata.normalize("NFKD", name)
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    words = [word.casefold() for word in _WORD.findall(_CAMEL.sub(" ", plain))]
    pairs = [first + second for first, second in pairwise(words)]
    return tuple(kind for kind, names in _NAMES.items() if names & {*words, *pairs})


def _best_of_all(
    values: Sequence[tuple[str, str | None]], least_share: float
) -> SelectorKind | None:
    """Return the kind that most values are, whatever their column is called, if enough are."""
    return _best(tuple(SelectorKind), values, least_share, lambda k, v, _: is_canonical(k, v))


def _best(
    kinds: Sequence[SelectorKind],
    values: Sequence[tuple[str, str | None]],
    least_share: float,
    fits: Callable[[SelectorKind, str, str | None], bool],
) -> SelectorKind | None:
    """Return the kind that most values, each with its region, fit, if enough do.

    No values at all speak against none.
    """
    shares = {
        kind: sum(fits(kind, *value) for value in values) / len(values) if values else 1.0
        for kind in kinds
    }
    best = max(shares, key=lambda kind: shares[kind], default=None)
    return best if best is not None and shares[best] >= least_share else None
