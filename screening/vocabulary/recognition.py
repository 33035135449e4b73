"""Tells selectors, and what looks like one, from the other things that stand in tables.

Only to decide what is looked at, and what is told: whether a value is asked about or listed, and as
what, `cells.py` says.
"""

import re
import unicodedata
from typing import Final

from screening.vocabulary.errors import NotCanonical
from screening.vocabulary.normalise import MAX_RAW_CHARACTERS, normalise
from screening.vocabulary.selector import SelectorKind

_FEWEST_DIGITS: Final = 7
"""Of a phone; fewer are an extension, or an area code with a stroke behind it."""
_NATIONAL_PHONE: Final = re.compile(r"[0-9 ().\-/]{7,}")
_WRITTEN_PHONE: Final = re.compile(
    r"0[0-9]{8,14}|(?=.*[ ()\-./])[0-9(](?:[ ().\-/]{0,3}[0-9]){7,14}"
)
"""A national number as people write it: with a zero before it, or something between its digits."""
_UNMISTAKABLE_PHONE: Final = re.compile(
    r"(?=[0(])(?:[ ().\-/]{0,3}[0-9]){10,15}|[0-9]{3}[ .\-][0-9]{3}[ .\-][0-9]{4}"
)
"""One that nothing else looks like, though nobody says of which country."""
_MEASURE: Final = re.compile(
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*|[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{4}.*"  # dates
    r"|[1-9][0-9]{0,2}(?:[., '][0-9]{3})+(?:[.,][0-9]{1,2})?|-?[0-9]+[.,][0-9]+"  # amounts
    r"|[0-9]+(?:\.[0-9]+){2,3}(?<![0-9]{4})"  # versions
)
_INTERNATIONAL: Final = re.compile(r"\(?\+ ?\(?[0-9](?:[ .\-()]{0,3}[0-9]){6}")
_CARD: Final = re.compile(
    r"4(?:[0-9]{15}|[0-9]{18})|5[1-5][0-9]{14}|2[2-7][0-9]{14}|3[47][0-9]{13}|3(?:0|6|8)[0-9]{12}"
    r"|35[0-9]{14}|6[0-9]{15,18}"
)
"""Lengths and beginnings of the schemes' cards: one number in ten has a right check digit."""
_LONG_RUN: Final = re.compile(r"[0-9](?:[ \-]?[0-9]){12,18}")
_BETWEEN_DIGITS: Final = re.compile(r"[\s.\-\u2010-\u2015]+")


def plain(value: str) -> str:
    """Return `value` as the normaliser looks at it: a full-width semicolon is a semicolon.

    Without the apostrophe by which spreadsheets mark a text.
    """
    text = value
    # Of more than any selector has, whatever its spelling, the form takes quadratic time to make.
    if not text.isascii() and len(text) <= 4 * MAX_RAW_CHARACTERS:
        text = unicodedata.normalize("NFKC", text)
    return text.strip().removeprefix("'").lstrip()


def is_canonical(kind: SelectorKind, value: str, region: str | None = None) -> bool:
    """Tell whether `value` is a selector of that kind."""
    try:
        normalise(kind, value, region=region)
    except NotCanonical:
        return False
    return True


def find_kind(value: str, region: str | None = None, *, bare: bool = False) -> SelectorKind | None:
    """Return of which kind `value` is, None where of none.

    A number without a country code is a phone of `region` only as people write phones, unless
    `bare`: digits alone are somebody's id, as a rule.
    """
    text = plain(value)
    if len(text) > MAX_RAW_CHARACTERS:
        return None
    if "@" in text:
        return SelectorKind.EMAIL if is_canonical(SelectorKind.EMAIL, text) else None
    of = region if bare or _is_written_phone(text) else None
    if _digits(text) >= _FEWEST_DIGITS and is_canonical(SelectorKind.PHONE, text, of):
        return SelectorKind.PHONE
    if _CARD.fullmatch(_BETWEEN_DIGITS.sub("", text)) and is_canonical(SelectorKind.CARD, text):
        return SelectorKind.CARD
    return None


def may_be_selector(value: str) -> bool:
    """Tell, at once, whether it is worth while to ask `find_kind`."""
    text = value if value.isascii() else plain(value)
    return "@" in text or _digits(text) >= _FEWEST_DIGITS


def may_be_several(text: str) -> bool:
    """Tell, at once, whether two selectors can be in `text`."""
    return text.count("@") + _digits(text) // _FEWEST_DIGITS > 1


def is_one(part: str, region: str | None = None) -> bool:
    """Tell whether a part of a cell is a selector of any kind, or a phone of a region not said."""
    if "@" in part:
        return is_canonical(SelectorKind.EMAIL, part)
    if _digits(part) < _FEWEST_DIGITS:
        return False
    return (
        bool(_NATIONAL_PHONE.fullmatch(part.strip()))
        or is_canonical(SelectorKind.PHONE, part, region)
        or is_canonical(SelectorKind.CARD, part)
    )


def is_measure(value: str) -> bool:
    """Tell whether `value` looks like a date, an amount or a version."""
    return bool(_MEASURE.fullmatch(value.strip()))


def lacks_only_region(value: str) -> bool:
    """Tell whether `value` is a phone as people write them, of a country that nobody says."""
    return bool(_UNMISTAKABLE_PHONE.fullmatch(plain(value))) and not is_measure(value)


def looks_like(kind: SelectorKind, value: str) -> bool:
    """Tell whether `value` looks like a selector of that kind, misspelt perhaps."""
    text = plain(value)
    if kind is SelectorKind.EMAIL:
        return "@" in text
    return _digits(text) >= _FEWEST_DIGITS and not is_measure(text)


def has_selector_sign(value: str) -> bool:
    """Tell whether there is in `value` what only selectors have, whatever else is in it."""
    text = plain(value)
    if "@" in text or _INTERNATIONAL.search(text):
        return True
    return any(find_kind(run) is SelectorKind.CARD for run in _LONG_RUN.findall(text))


def is_national_phone(value: str) -> bool:
    """Tell whether `value` is of nothing but digits and what people write between them."""
    return bool(_NATIONAL_PHONE.fullmatch(value.strip()))


def _is_written_phone(text: str) -> bool:
    return bool(_WRITTEN_PHONE.fullmatch(text)) and not is_measure(text)


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))
