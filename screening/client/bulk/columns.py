"""Which columns of a file hold selectors: as told, or found by their names and first values."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import Final

from screening.client.bulk.regions import place_of
from screening.client.bulk.table import Table
from screening.vocabulary.cells import (
    are_rounded,
    find_kind,
    is_canonical,
    may_be,
    read_cell,
)
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.selector import Canonical, SelectorKind

# fmt: off
_WORDS: Final[dict[SelectorKind, frozenset[str]]] = {
    SelectorKind.PHONE: frozenset((
        "tel", "telno", "telnr", "fon", "cell", "cells", "gsm", "contactnumber", "contactno",
        "тел",
    )),
    SelectorKind.EMAIL: frozenset(()),
    SelectorKind.CARD: frozenset(("card", "cards", "cardno", "cc", "ccno", "ccnumber", "pan")),
}
"""Words, and pairs of words, that say what a column holds."""
_STEMS: Final[dict[SelectorKind, tuple[str, ...]]] = {
    SelectorKind.PHONE: (
        "phone", "telef", "telep", "handy", "mobil", "movil", "cellul", "celul", "cellph", "msisdn",
        "whatsapp", "rufn", "телефон", "мобил", "τηλ", "κινητ", "電話", "电话", "手机", "手機",
        "携帯", "전화", "휴대", "هاتف", "جوال", "טלפון", "โทร",
    ),
    SelectorKind.EMAIL: (
        "email", "mail", "correo", "courriel", "почт", "メール", "邮箱", "郵箱", "이메일", "بريد",
    ),
    SelectorKind.CARD: (
        "cardnum", "creditcard", "debitcard", "paymentcard", "kreditkart", "kartennum", "tarjeta",
        "карт", "カード", "卡号", "卡號",
    ),
}
# fmt: on
"""What such words begin with; those in which nothing else is hidden may stand anywhere in one."""
_FREE_STEM_CHARACTERS: Final = 5

_KINDS: Final = tuple(SelectorKind)
_WORD: Final = re.compile(r"[^\W_]+")
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NAMED_SHARE: Final = 0.5
"""A column with a telling name is taken when half of its first values fit."""
_NAMELESS_SHARE: Final = 0.8
"""One without is taken when nearly all of them do: one card number in ten is a mere number."""

_SHOWN_CHARACTERS: Final = 80


class Trust(Enum):
    """How certain it is that a column holds selectors, and which of its cells are screened."""

    CERTAIN = "told, or found by most of its values: every cell"
    NAMED = "its name tells so, and its values do not: cells that look like its kind"
    FOUND = "a value somewhere is a selector: cells that may be selectors"


@dataclass(frozen=True, slots=True)
class Column:
    """One column to screen; `index` counts from 0.

    One of cards is `rounded` where a spreadsheet has rounded its first values.
    """

    index: int
    name: str
    kind: SelectorKind
    trust: Trust = Trust.CERTAIN
    rounded: bool = False


def told_columns(told: Sequence[str], table: Table) -> tuple[Column, ...]:
    """Read `NAME=KIND` arguments; raises `OperatorError` for a name or kind that is not there."""
    _refuse_missing_header(table.header, table.regions.default)
    columns = []
    for argument in told:
        name, _, kind = argument.rpartition("=")
        if kind not in set(SelectorKind) or not name:
            raise OperatorError("write --column as NAME=KIND, with KIND phone, card or email")
        index = place_of(name, table.header)
        values = [row[index] for row in table.sample if index < len(row)]
        columns.append(_column(index, name, SelectorKind(kind), values))
    if len({column.index for column in columns}) != len(columns):
        raise OperatorError("--column names one column twice; give each column one kind")
    return tuple(columns)


def detect_columns(table: Table) -> tuple[Column, ...]:
    """Find the columns that hold selectors; raises `OperatorError` where the header is missing.

    None is left out that holds a selector anywhere: a row whose listed phone stands in it must not
    come back as "no match".
    """
    _refuse_missing_header(table.header, table.regions.default)
    columns = []
    for index, name in enumerate(table.header):
        rows = [row for row in table.sample if index < len(row) and row[index].strip()]
        values = [(row[index], table.regions.of(row)) for row in rows]
        named = _kinds_named(name)
        kind = _best(named, values, _NAMED_SHARE, lambda k, v, r: may_be(v, read_cell(k, v, r)))
        if kind is None and values:
            kind = _best(_KINDS, values, _NAMELESS_SHARE, lambda k, v, _: is_canonical(k, v))
        if kind is not None:
            columns.append(_column(index, name, kind, [value for value, _ in values]))
            continue
        found = table.selectors.get(index)
        if values and not named:  # as numbers of the region, though they may be of anything else
            found = found or _best(_KINDS, values, _NAMELESS_SHARE, _is_read)
        if named or found:
            trust = Trust.NAMED if named else Trust.FOUND
            columns.append(_column(index, name, found or named[0], [], trust=trust))
    return tuple(columns)


def _column(
    index: int,
    name: str,
    kind: SelectorKind,
    values: Sequence[str],
    *,
    trust: Trust = Trust.CERTAIN,
) -> Column:
    rounded = kind is SelectorKind.CARD and are_rounded(values)
    return Column(index, _shown(name) or f"column {index + 1}", kind, trust, rounded)


def _shown(name: str) -> str:
    """Return a name that does nothing to a terminal, and fits a sentence and the cell of a row."""
    plain = "".join(character if character.isprintable() else " " for character in name).strip()
    return plain if len(plain) <= _SHOWN_CHARACTERS else f"{plain[: _SHOWN_CHARACTERS - 1]}…"


def _refuse_missing_header(header: Sequence[str], region: str | None) -> None:
    if any(find_kind(cell, region) for cell in header):
        raise OperatorError("the first line holds a selector; put a header above it")


def _kinds_named(name: str) -> tuple[SelectorKind, ...]:
    plain = unicodedata.normalize("NFKD", name)
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    words = [word.casefold().rstrip("0123456789") for word in _WORD.findall(_CAMEL.sub(" ", plain))]
    said = {*words, *(first + second for first, second in pairwise(words))}
    return tuple(
        kind
        for kind in SelectorKind
        if said & _WORDS[kind] or any(_begins(word, _STEMS[kind]) for word in said)
    )


def _begins(word: str, stems: Sequence[str]) -> bool:
    return word.startswith(tuple(stems)) or any(
        stem in word for stem in stems if len(stem) >= _FREE_STEM_CHARACTERS or not stem.isascii()
    )


def _is_read(kind: SelectorKind, value: str, region: str | None) -> bool:
    return isinstance(read_cell(kind, value, region), Canonical)


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
