"""Tells selectors, and what looks like one, from the other things that stand in tables.

Only to decide what is looked at, and what is told: whether a value is asked about or listed, and as
what, `cells.py` says.
"""

import re
from collections.abc import Iterator
from typing import Final

from screening.vocabulary.errors import NotCanonical
from screening.vocabulary.measures import (
    is_measure,
    is_measure_alone,
    undated,
    without_measures,
    without_open_dates,
)
from screening.vocabulary.normalise import MAX_RAW_CHARACTERS, is_region, normalise
from screening.vocabulary.obscured import holds_misspelt_international
from screening.vocabulary.phone_plans import (
    BETWEEN_PHONE_DIGITS,
    NATIONAL_PHONE,
    is_dialled_abroad,
    is_valid_phone,
    lacks_zero,
)
from screening.vocabulary.plain_text import count_digits, has_words, plain
from screening.vocabulary.selector import SelectorKind
from screening.vocabulary.written_phones import (
    is_called_id,
    is_labelled,
    lacks_only_region,
    phone_runs,
    words_before,
)

_FEWEST_DIGITS: Final = 7
"""Of a phone; fewer are an extension, or an area code with a stroke behind it."""
_MOST_DIGITS: Final = 15
_LONG_ENOUGH_DIGITS: Final = 9
"""With fewer, and nothing between them, it is hardly a phone where nobody says of which country;
in groups of three it is an amount."""
_FEWEST_CARD_DIGITS: Final = 12
_WRITTEN_PHONE: Final = re.compile(
    r"0[0-9]{8,14}|(?=.*[ ()\-./])[0-9(](?:[ ().\-/]{0,3}[0-9]){7,14}"
)
"""A national number as people write it: with a zero before it, or something between its digits."""
_INTERNATIONAL: Final = re.compile(
    r"\(?\+ ?[(\[]?[0-9](?:[\s.\-()\[\]/_'\u2010-\u2015]{0,5}[0-9]){6}"
)
_SIGNED_FRACTION: Final = re.compile(
    r"\+ ?[0-9]+[.,][0-9]+ ?%"
    r"|\+ ?(?:[0-9]{1,2}[.,][0-9]{1,7}|[0-9]{3}[.,][0-9]{1,6})(?![0-9]|[ .,\-/()][0-9(])"
)
"""A share, or degrees of latitude. Registries of domains write `+1.2025550142`, which is longer."""
_CARD: Final = re.compile(
    r"4(?:[0-9]{15}|[0-9]{18})|5[1-5][0-9]{14}|2[2-7][0-9]{14}|3[47][0-9]{13}|3(?:0|6|8)[0-9]{12}"
    r"|35[0-9]{14}|6[0-9]{15,18}|5[0678][0-9]{14,17}|9792[0-9]{12}"
)
"""Lengths and beginnings of the schemes' cards: one number in ten has a right check digit."""
_LONG_RUN: Final = re.compile(r"[0-9](?:[\s.\-_|\u2010-\u2015]{0,3}[0-9]){12,}")
_MOST_CARD_DIGITS: Final = 19
_ADDRESS: Final = re.compile(r"[^\s@<>(]\s?@\s?[^\s@]+\.[^\s@]")
_CHAT_LINK: Final = re.compile(
    r"(?:wa\.me/|[?&](?:phone|number)=)(?:\+|%2B)?[1-9][0-9]{6,14}", re.IGNORECASE
)
_OF_PASSENGER: Final = re.compile(r"(?<![^\W\d_])CTC[A-Z]?(?![^\W\d_])[^@]{0,20}?[0-9]{7}")
"""How airlines write a passenger's phone: `CTCM BA HK1/442079460958`."""
_MIDDLE_DOTS: Final = re.compile("(?<=[0-9])[\u00b7\u2022\u2219\u30fb](?=[0-9])")
"""Typed between groups of digits; the phone parser does not know them."""
_BARE_RUN: Final = re.compile(
    r"(?<![A-Za-z0-9#_\-/])[+(]{0,2}[0-9](?:[ ().\-]{0,2}[0-9]){6,14}(?![A-Za-z0-9_])"
)
_BETWEEN_DIGITS: Final = re.compile(r"[\s.\-_|\u2010-\u2015]+")


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
    if is_card(text):  # before a phone: long plans have numbers that begin like cards
        return SelectorKind.CARD
    of = region if bare or _is_written_phone(text) else None
    if of is None and "+" not in text:  # at once: ids are many, and none is a phone of no country
        return None
    if count_digits(text) >= _FEWEST_DIGITS and is_canonical(SelectorKind.PHONE, text, of):
        return SelectorKind.PHONE
    return None


def is_card(text: str) -> bool:
    """Tell whether `text` has the length, the beginning and the check digit of a scheme's card."""
    return is_written_card(text) and is_canonical(SelectorKind.CARD, text)


def is_written_card(text: str) -> bool:
    """Tell whether `text` has the length and the beginning of a scheme's card, mistyped or not."""
    return bool(_CARD.fullmatch(_BETWEEN_DIGITS.sub("", text)))


def may_be_selector(value: str) -> bool:
    """Tell, at once, whether it is worth while to ask `find_kind`."""
    text = value if value.isascii() and "%" not in value else plain(value)
    return "@" in text or count_digits(text) >= _FEWEST_DIGITS


def has_digits_of_phone(text: str) -> bool:
    """Tell whether there are as many digits in `text` as a phone has at the least."""
    return count_digits(text) >= _FEWEST_DIGITS


def may_be_several(text: str) -> bool:
    """Tell, at once, whether two selectors can be in `text`."""
    return text.count("@") + count_digits(text) // _FEWEST_DIGITS > 1


def is_one(part: str, region: str | None = None) -> bool:
    """Tell whether a part of a cell is a selector of any kind, or a phone of a region not said."""
    if "@" in part:
        return is_canonical(SelectorKind.EMAIL, part)
    return count_digits(part) >= _FEWEST_DIGITS and (
        bool(NATIONAL_PHONE.fullmatch(part.strip()))
        or is_canonical(SelectorKind.PHONE, part, region)
        or is_canonical(SelectorKind.CARD, part)
    )


def is_unmistakable(value: str, region: str | None) -> bool:
    """Tell whether `value` is a selector that nothing else looks like, whatever its column is."""
    if has_selector_sign(value):
        return True
    return lacks_only_region(value) and (region is None or is_valid_phone(plain(value), region))


def looks_like(kind: SelectorKind, value: str) -> bool:
    """Tell whether `value` looks like a selector of that kind, misspelt perhaps."""
    text = plain(value)
    if kind is SelectorKind.EMAIL:
        return "@" in text
    fewest = _FEWEST_DIGITS if kind is SelectorKind.PHONE else _FEWEST_CARD_DIGITS
    return count_digits(text) >= fewest and not is_measure(text)


def holds_phone(value: str, region: str | None) -> bool:
    """Tell whether a phone stands in `value`, written as nothing else is, whatever is beside it."""
    text = undated(plain(value))
    return any(
        (lacks_only_region(run[0]) and not (run[0].isdecimal() and is_called_id(text, run)))
        or (find_kind(run[0], region) is SelectorKind.PHONE and not is_called_id(text, run))
        for run in phone_runs(text)
        # Told at once of digits alone without a zero before them: they are written as ids are.
        if not run[0].isdecimal() or run[0].startswith("0")
    )


def holds_unmistakable(value: str, region: str | None) -> bool:
    """Tell whether there is in `value` what nothing but a selector looks like, in any column."""
    if is_unmistakable(value, region):
        return True
    return any(
        is_dialled_abroad(run[0])
        or (lacks_only_region(run[0]) and (region is None or is_valid_phone(run[0], region)))
        for run in phone_runs(undated(plain(value)))
    )


def has_selector_sign(value: str) -> bool:
    """Tell whether there is in `value` what only selectors have, whatever else is in it."""
    return "@" in plain(value) or holds_international(plain(value)) or holds_card(value)


def holds_international(text: str) -> bool:
    """Tell whether a phone with its country code stands in `text`, whatever is beside it."""
    signed = _SIGNED_FRACTION.sub(" ", text) if "+" in text else text
    return bool(_INTERNATIONAL.search(signed)) or holds_misspelt_international(text)


def holds_card(value: str) -> bool:
    """Tell whether a card stands in `value`, whatever is beside it."""
    return any(
        is_card(digits)
        for run in _LONG_RUN.findall(undated(plain(value)))
        for digits in _stretches(_BETWEEN_DIGITS.split(run))
    )


def _stretches(groups: list[str]) -> Iterator[str]:
    """Yield the digits of groups that follow each other, of as many as a card has at the most."""
    for first in range(len(groups)):
        digits = ""
        for group in groups[first : first + _MOST_CARD_DIGITS]:
            digits += group
            if len(digits) > _MOST_CARD_DIGITS:
                break
            yield digits


def holds_address(value: str) -> bool:
    """Tell whether an e-mail address stands in `value`, whatever is beside it."""
    return bool(_ADDRESS.search(plain(value)))


def holds_selector(value: str, region: str | None) -> bool:
    """Tell whether a selector stands in `value`, written as nothing else is, whatever is beside."""
    return (
        holds_address(value)
        or holds_international(plain(value))
        or holds_card(value)
        or holds_phone(value, region)
    )


def may_hold_selector(value: str, region: str | None, *, bare: bool) -> bool:
    """Tell whether a selector may stand in `value`, which nobody asks about, so that it is named.

    Whatever marks, dates and words are beside it; digits alone count where there are two numbers
    or words beside them, and only if `bare` or behind the word phone: they are ids, as a rule.
    """
    text = without_measures(_MIDDLE_DOTS.sub(".", plain(value)))
    if is_number(alone := without_open_dates(text)):
        # Where a date was taken away, its brackets may be left, and what it stood beside is no id.
        had_more = alone.strip() != plain(value)
        if had_more and (holds_selector(alone, region) or (bare and may_be_phone(alone, region))):
            return True
        if alone == text:  # else what stood beside the date is read as any text below
            return any(lacks_only_region(run[0]) for run in phone_runs(text))
    if is_measure_alone(text) or not may_be_selector(text):
        return False
    if holds_selector(text, region) or _CHAT_LINK.search(text) or _OF_PASSENGER.search(text):
        return True
    runs = list(_BARE_RUN.finditer(text))
    if has_words(text) and any(
        is_labelled(words_before(text, run)) for run in (*runs, *phone_runs(text))
    ):
        return True
    return bare and any(
        (find_kind(run[0], region, bare=True) or lacks_only_region(run[0]))
        and not is_called_id(text, run)
        for run in runs
    )


def may_hold_digits_of_phone(value: str, region: str | None) -> bool:
    """Tell whether digits that may be a phone stand in a text: `my number is 2025550142`.

    They may as well be an id that no word calls one, so that only a person can tell.
    """
    text = undated(plain(value))
    return not is_number(text) and any(
        may_be_phone(run[0], region) and not is_called_id(text, run)
        for run in _BARE_RUN.finditer(text)
    )


def is_number(value: str) -> bool:
    """Tell whether `value` is of as many digits as a phone, and what people write between them."""
    text = plain(value)
    return (
        bool(NATIONAL_PHONE.fullmatch(text))
        and _FEWEST_DIGITS <= count_digits(text) <= _MOST_DIGITS
        and not is_measure_alone(text)
    )


def may_be_phone(value: str, region: str | None) -> bool:
    """Tell whether `value` may be a phone, though ids and amounts are written so too.

    Where its country is known, the plan of this has such a number, or that of another one has it
    behind a plus. To list such a value as a phone would be a guess.
    """
    text = plain(value)
    if not is_number(text):
        return False
    digits = BETWEEN_PHONE_DIGITS.sub("", text)
    if is_valid_phone(f"+{digits.removeprefix('00')}", None):
        return True
    if region is None or not is_region(region):
        return len(digits) >= _LONG_ENOUGH_DIGITS or (text != digits and not is_measure(text))
    return is_valid_phone(text, region) or lacks_zero(text, region)


def _is_written_phone(text: str) -> bool:
    return bool(_WRITTEN_PHONE.fullmatch(text)) and not is_measure(text)
