"""Which columns of a file hold selectors: as told, or found by their names and first values."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from screening.client.bulk.doubts import holds_grouped_phones, is_doubtful, may_hold_phones
from screening.client.bulk.regions import place_of
from screening.client.bulk.table import Table
from screening.vocabulary.cells import CellTrouble, are_rounded, read_cell, says_nothing
from screening.vocabulary.column_names import (
    NAMED_SHARE,
    NAMELESS_SHARE,
    kinds_named,
    shown_name,
)
from screening.vocabulary.contact_columns import hints_at_contact
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.header_values import refuse_values
from screening.vocabulary.measures import without_measures
from screening.vocabulary.other_columns import is_of_contacts, names_other
from screening.vocabulary.phone_plans import NATIONAL_PHONE
from screening.vocabulary.plain_text import has_words, plain
from screening.vocabulary.recognition import (
    find_kind,
    holds_card,
    is_canonical,
    looks_like,
    may_be_phone,
)
from screening.vocabulary.selector import Canonical, SelectorKind
from screening.vocabulary.title_lines import refuse_title
from screening.vocabulary.written_phones import lacks_only_region, phone_runs

_KINDS: Final = tuple(SelectorKind)


class Trust(Enum):
    """How certain it is that a column holds selectors, and which of its cells are screened."""

    CERTAIN = "told, or found by most of its values: every cell"
    NAMED = "its name tells so, and its values do not: cells that look like its kind"
    FOUND = "a value somewhere is a selector: cells that may be selectors"
    DOUBTED = "its numbers may be phones, or ids: they are not asked about, and are no no either"


@dataclass(frozen=True, slots=True)
class Column:
    """One column to screen; `index` counts from 0.

    One of cards is `rounded` where a spreadsheet has rounded its first values. In a `doubtful` one
    what may be a phone keeps its row from being a "no match"; in one `of_contacts` so does what may
    be one that nobody reads. In one `of_others` digits alone are ids, dates or amounts, as its name
    tells; `named` are the kinds that its name promises, of which `kind` may be none.
    """

    index: int
    name: str
    kind: SelectorKind
    trust: Trust = Trust.CERTAIN
    rounded: bool = False
    doubtful: bool = False
    of_others: bool = False
    of_contacts: bool = False
    named: tuple[SelectorKind, ...] = ()


def told_columns(told: Sequence[str], table: Table) -> tuple[Column, ...]:
    """Read `NAME=KIND` arguments; raises `OperatorError` for a name or kind that is not there."""
    refuse_values(table.header, table.regions.default, str(table.path))
    columns = []
    for argument in told:
        name, _, kind = argument.rpartition("=")
        if kind not in set(SelectorKind) or not name:
            raise OperatorError("write --column as NAME=KIND, with KIND phone, card or email")
        index = place_of(name, table.header, "--column")
        values = [row[index] for row in table.sample if index < len(row)]
        columns.append(_column(index, table.header[index], SelectorKind(kind), values))
    if len({column.index for column in columns}) != len(columns):
        raise OperatorError(
            "--column names one column twice; give it one kind: what is of another kind in it is "
            "asked about as that"
        )
    return tuple(columns)


def detect_columns(table: Table) -> tuple[Column, ...]:
    """Find the columns that hold selectors; raises `OperatorError` where the header is missing.

    None is left out that holds a selector anywhere: a row whose listed phone stands in it must not
    come back as "no match".
    """
    refuse_values(table.header, table.regions.default, str(table.path))
    refuse_title(table.header, table.sample, str(table.path))
    found = [_detected(table, index) for index in range(len(table.header))]
    beside_phones = any(
        one is not None
        and (one.kind, one.trust) == (SelectorKind.PHONE, Trust.CERTAIN)
        and bool(_values(table, one.index))
        for one in found
    )
    columns = []
    for index, one in enumerate(found):
        is_certain = one is not None and one.trust is not Trust.FOUND
        kept = one if is_certain else _doubted(table, index, one, beside_phones=beside_phones)
        if kept is not None:
            columns.append(kept)
    return tuple(columns)


def recognised_beside(table: Table, told: Sequence[Column]) -> list[Column]:
    """Return the columns that would have been found, and are not among those that were told."""
    named = {column.index for column in told}
    found = (_detected(table, index) for index in range(len(table.header)) if index not in named)
    return [one for one in found if one is not None]


def _detected(table: Table, index: int) -> Column | None:
    """Find what the name of a column or its values say of it."""
    name, values = table.header[index], _values(table, index)
    named = kinds_named(name)
    kind = _best(named, values, NAMED_SHARE, _may_be)
    if kind is None and values:
        kind = _best(_KINDS, values, NAMELESS_SHARE, lambda k, v, _: is_canonical(k, v))
    # Where one is written as nothing but a phone is, digits alone are no ids.
    of_phones = table.selectors.get(index) is SelectorKind.PHONE and not names_other(name)
    fits = _is_read_bare if of_phones else _is_read
    most = None if named or not values else _best(_KINDS, values, NAMELESS_SHARE, fits)
    if kind is None and not names_other(name):
        kind = most
    if kind is not None:
        return _column(index, name, kind, [value for value, _ in values])
    found = most or table.selectors.get(index)
    if not found and not named and holds_grouped_phones(table, index):
        found = SelectorKind.PHONE
    if not named and not found:
        return None
    trust = Trust.NAMED if named else Trust.FOUND
    return _column(index, name, found or named[0], [], trust=trust)


def _doubted(
    table: Table, index: int, found: Column | None, *, beside_phones: bool
) -> Column | None:
    """Return a column of which nothing is certain, if it may hold phones, or what is `found`."""
    name = table.header[index]
    doubtful = is_doubtful(name, beside_phones=beside_phones)
    if found is not None:
        return replace(found, doubtful=doubtful)
    # Beside a column of phones, digits that would need a region are somebody's ids.
    if beside_phones and not names_other(name) and _lack_region_as_written(_values(table, index)):
        trust, doubtful = Trust.FOUND, True
    elif not beside_phones and _lack_region(_values(table, index)):
        trust = Trust.FOUND
    elif doubtful and may_hold_phones(table, index):
        trust = Trust.DOUBTED
    elif index in table.obscured:
        trust = Trust.FOUND
    else:
        return None
    return replace(_column(index, name, SelectorKind.PHONE, [], trust=trust), doubtful=doubtful)


def _values(table: Table, index: int) -> list[tuple[str, str | None]]:
    """Return the first values of a column, each with the region of its row."""
    return [
        (row[index], table.regions.of(row))
        for row in table.sample
        if index < len(row) and not says_nothing(row[index])
    ]


def _column(
    index: int,
    name: str,
    kind: SelectorKind,
    values: Sequence[str],
    *,
    trust: Trust = Trust.CERTAIN,
) -> Column:
    rounded = kind is SelectorKind.CARD and are_rounded(values)
    return Column(
        index,
        shown_name(name, index),
        kind,
        trust,
        rounded,
        of_others=names_other(name),
        of_contacts=is_of_contacts(name),
        named=kinds_named(name),
    )


def may_be(value: str, read: Canonical | CellTrouble) -> bool:
    """Tell whether `value`, read as `read`, is or was a selector, or lacks only its region."""
    match read:
        case (
            Canonical() | "several_values" | "changed_number" | "remark_in_cell" | "unclear_country"
        ):
            return True
        case "region_required":
            return bool(NATIONAL_PHONE.fullmatch(plain(value)))
        case _:
            return False


def left_out(table: Table, columns: Sequence[Column]) -> list[str]:
    """Name the columns that are not screened though they may hold selectors.

    They have long numbers of which nothing says what they are, selectors within a text, or, under
    a name of contacts, some that nobody reads.
    """
    screened = {column.index for column in columns}
    names = []
    for index, name in enumerate(table.header):
        values = _values(table, index)
        alike = sum(_is_like_phone(value) for value, _ in values)
        mostly = bool(values) and alike >= len(values) / 2
        holds = mostly or index in table.within_text | table.obscured
        holds = holds or _holds_doubtful(table, index)
        if index not in screened and holds:
            names.append(_column(index, name, SelectorKind.PHONE, []).name)
    return names


def _is_like_phone(value: str) -> bool:
    """Tell whether a value has as many digits as a phone, unlike `BK-2025-0448`."""
    text = without_measures(plain(value))
    is_named = has_words(text) and next(phone_runs(text), None) is None
    return looks_like(SelectorKind.PHONE, text) and not is_named


def _holds_doubtful(table: Table, index: int) -> bool:
    name = table.header[index]
    doubtful = is_doubtful(name, beside_phones=False) or hints_at_contact(name)
    return doubtful and may_hold_phones(table, index)


def _lack_region(values: Sequence[tuple[str, str | None]]) -> bool:
    lacking = sum(region is None and lacks_only_region(value) for value, region in values)
    return lacking > len(values) / 2


def _lack_region_as_written(values: Sequence[tuple[str, str | None]]) -> bool:
    """Tell whether most values may be phones of no country, and one is written as no id is."""
    alike = [value for value, region in values if region is None and may_be_phone(value, None)]
    written = any(lacks_only_region(value) and not value.strip().isdecimal() for value in alike)
    return written and len(alike) > len(values) / 2


def _may_be(kind: SelectorKind, value: str, region: str | None) -> bool:
    """Tell whether a value speaks for a column of `kind`: a text with one of another does not."""
    read = read_cell(kind, value, region)
    if read == "remark_in_cell" and kind is not SelectorKind.PHONE:
        return is_canonical(kind, plain(value))
    return may_be(value, read) and not (read == "remark_in_cell" and holds_card(value))


def _is_read(kind: SelectorKind, value: str, region: str | None) -> bool:
    """Tell whether a value is one of `kind`, and is not written as somebody's id may be."""
    read = read_cell(kind, value, region)
    if not isinstance(read, Canonical):
        return False
    return find_kind(value, region) is kind or read.text == f"+{value.strip()}"


def _is_read_bare(kind: SelectorKind, value: str, region: str | None) -> bool:
    """Tell so, or whether it is digits that are a phone in the plan of the region."""
    if _is_read(kind, value, region):
        return True
    is_phone = kind is SelectorKind.PHONE and may_be_phone(value, region)
    return is_phone and isinstance(read_cell(kind, value, region), Canonical)


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
