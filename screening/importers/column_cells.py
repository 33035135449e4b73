"""What a cell of a foreign table may be, by the column that it stands in.

Amounts, dates and somebody's ids are written as phones are. What counts as one depends on who says
so: the column's name, its country code, or nobody.
"""

import re
from collections.abc import Sequence
from typing import Final

from screening.vocabulary.cells import is_changed_long, read_cell
from screening.vocabulary.measures import is_date, is_measure
from screening.vocabulary.phone_plans import is_valid_phone
from screening.vocabulary.plain_text import plain
from screening.vocabulary.recognition import (
    find_kind,
    has_selector_sign,
    holds_address,
    holds_card,
    holds_international,
    holds_phone,
    looks_like,
)
from screening.vocabulary.selector import Canonical, SelectorKind

_LONG_END: Final = re.compile(r"[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{5,}")
"""`06-12-345678`: a Dutch mobile, and no day of any year."""
_YEAR: Final = re.compile(r"(?:19|20)[0-9]{2}")
_SPELT_AT: Final = re.compile(r"[\[({ ](?:at|à)[\])} ]", re.IGNORECASE)
_ACCOUNT: Final = re.compile(r"[A-Za-z]{2}[0-9]{2} ?[A-Za-z0-9]{4}")
"""An IBAN (ISO 13616): some of its digits pass for a card."""
_WEB: Final = re.compile(r"https?://", re.IGNORECASE)
"""`https://harbour.example/@desk` has the signs of an address, and is none."""
_FEWEST_DIGITS: Final = 4
"""Of what may be left of a phone: `call 0142`."""
_FEWEST_OF_AMOUNTS: Final = 7
_NINE: Final = 9


def is_day(value: str) -> bool:
    """Tell whether a cell is a date."""
    text = plain(value)
    return is_date(text) and not _LONG_END.match(text)


def _is_measured_phone(value: str, region: str | None) -> bool:
    """Tell whether a cell with the look of an amount, a version or a day is a phone all the same.

    `612 345 678` and `02.555.12.12` are, in Spain and in Belgium: their plans have such numbers.
    """
    text = plain(value)
    return is_measure(text) and not is_day(text) and is_valid_phone(text, region)


def fits(kind: SelectorKind, value: str, region: str | None) -> bool:
    """Tell whether a cell under a name that tells `kind` is one, misspelt or damaged perhaps."""
    if kind is SelectorKind.EMAIL or looks_like(kind, value):
        return looks_like(kind, value)
    read = read_cell(kind, value, region)
    if isinstance(read, Canonical):
        return kind is SelectorKind.CARD or _is_measured_phone(value, region)
    return read in ("changed_number", "unclear_country")


def may_be_left_of_one(kinds: Sequence[SelectorKind], value: str) -> bool:
    """Tell whether a cell under a telling name, which does not fit it, must be looked at.

    Not words, days, years and small amounts.
    """
    text = plain(value)
    if has_selector_sign(text) or is_changed_long(text):
        return True
    if kinds == (SelectorKind.EMAIL,):
        return bool(_SPELT_AT.search(text))
    digits = sum(map(str.isdigit, text))
    if is_day(text) or _YEAR.fullmatch(text) or (is_measure(text) and digits < _FEWEST_OF_AMOUNTS):
        return False
    return digits >= _FEWEST_DIGITS or read_cell(kinds[0], text, None) == "changed_number"


def is_stray(value: str, region: str | None, *, is_numeric: bool) -> bool:
    """Tell whether a selector, or what is left of one, stands in a column that is not read.

    Where most cells of the column are numbers, it is one of somebody's ids: only what has a country
    code, or is an address, is something else there.
    """
    text = plain(value)
    if _WEB.match(text):
        return False
    if holds_address(text) or holds_international(text):
        return True
    if is_numeric or _ACCOUNT.match(text):
        return False
    return is_changed_long(text) or holds_card(text) or holds_phone(text, region)


def may_be_number(value: str, region: str | None) -> bool:
    """Tell whether a cell in a column of unknown name may be a phone or a card, or be an id."""
    if looks_like(SelectorKind.PHONE, value):
        return True
    text = plain(value)
    digits = sum(map(str.isdigit, text))
    return not is_day(text) and (digits >= _NINE or is_valid_phone(text, region))


def kind_without_name(value: str, region: str | None) -> SelectorKind | None:
    """Return as which kind a cell counts in a column whose name tells none.

    `region` is given where the name speaks of contacts at least: else a phone needs its `+`, for a
    country's numbers look like the ids of its people.
    """
    kind = find_kind(value)
    if kind is not None or region is None:
        return kind
    is_phone = find_kind(value, region) is SelectorKind.PHONE and is_valid_phone(value, region)
    return SelectorKind.PHONE if is_phone else None
