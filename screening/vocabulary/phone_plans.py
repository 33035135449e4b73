"""What the plans of countries say of a number: whose it may be, and what it may have lost."""

import re
from typing import Final

import phonenumbers

from screening.vocabulary.errors import NotCanonical
from screening.vocabulary.normalise import is_region, normalise
from screening.vocabulary.selector import SelectorKind

_MSISDN: Final = re.compile(r"[1-9][0-9]{9,14}")
BETWEEN_PHONE_DIGITS: Final = re.compile(r"[ ().\-/]")
NATIONAL_PHONE: Final = re.compile(r"[0-9 ().\-/]{7,}")
"""Digits, and what people write between them."""
_ZERO_BEHIND_CODE: Final = re.compile(r"\A(\(?\+ ?[1-9][0-9]{0,2}\)?[ .\-]?)\(0\)")
_LONGER_THAN_PLANS_DIGITS: Final = 11
"""Numbers without a country code have fewer, but for mobiles."""
_OF_MOBILES: Final = frozenset(
    (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
)


def lacks_only_plus(text: str, region: str | None) -> bool:
    """Tell whether bare digits begin with a country code, where `region` would read them otherwise.

    `12025550142` or `4915112345678` in a file from Germany: libphonenumber finds German numbers
    possible there. What is a number of `region` as it stands, and of no other, is one.
    """
    digits = BETWEEN_PHONE_DIGITS.sub("", text)
    digits = digits.removeprefix("00")  # which leads abroad from most countries, not from all
    if region is None or not _MSISDN.fullmatch(digits) or not is_valid_phone(f"+{digits}", None):
        return False
    own = str(phonenumbers.country_code_for_region(region.upper()))
    try:
        read = normalise(SelectorKind.PHONE, text, region=region)
    except NotCanonical:
        return False
    if read == normalise(SelectorKind.PHONE, f"+{digits}"):
        return False
    is_abroad = digits.startswith(own) or not is_valid_phone(text, region)
    return is_abroad or _is_whole_and_fixed(digits, region)


def _is_whole_and_fixed(digits: str, region: str) -> bool:
    """Tell whether `digits` are a long number of no mobile, with nothing dialled before it.

    The German, Austrian and Indonesian plans have a fixed line for almost any of them, and nobody
    writes one without its zero: `442079460958` is of London.
    """
    try:
        number = phonenumbers.parse(digits, region.upper())
    except phonenumbers.NumberParseException:  # digits, and more: `;phone-context=` among them
        return False
    return (
        len(digits) >= _LONGER_THAN_PLANS_DIGITS
        and str(number.national_number) == digits
        and phonenumbers.number_type(number) not in _OF_MOBILES
    )


def has_needless_zero(text: str) -> bool:
    """Tell whether `+48 (0)22 1234567` has a zero that is dialled nowhere behind its code.

    Where a zero is dialled within the country the parser drops it; elsewhere it reads it.
    """
    without = _ZERO_BEHIND_CODE.sub(r"\1", text)
    if without == text:
        return False
    try:
        read = normalise(SelectorKind.PHONE, text).text
    except NotCanonical:
        return False
    return not is_valid_phone(read, None) and is_valid_phone(without, None)


def has_needless_plus(text: str, region: str | None) -> bool:
    """Tell whether `+2025550142` is a phone of `region` with a plus that does not belong there.

    No plan has such a number behind the plus, and that of `region` has it without.
    """
    if region is None or not is_region(region):
        return False
    without = text.lstrip("( ").removeprefix("+")
    return (
        not is_valid_phone(text, None)
        and is_valid_phone(without, region)
        and not _is_whole_and_fixed(BETWEEN_PHONE_DIGITS.sub("", without), region)
    )


def lacks_zero(text: str, region: str | None) -> bool:
    """Tell whether digits are a phone of `region` only with the zero that a spreadsheet took away.

    In Italy or Gabon the zero is part of the number: `612345678` is none of Rome. Elsewhere it is
    dialled before a number, and what is valid with it is valid without.
    """
    return (
        region is not None
        and is_region(region)
        and bool(NATIONAL_PHONE.fullmatch(text))
        and not text.startswith("0")
        and is_valid_phone(f"0{text}", region)
        and not is_valid_phone(text, region)
    )


def is_dialled_abroad(run: str) -> bool:
    """Tell whether a phone is written with `00` and its country's code, and not as an id is."""
    text = run.strip(" ()")
    return text.startswith("00") and not text.isdecimal() and is_valid_phone(f"+{text[2:]}", None)


def is_valid_phone(text: str, region: str | None) -> bool:
    """Tell whether the plan of its country has such a number; fictional ones mostly are of none."""
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(text, region and region.upper()))
    except phonenumbers.NumberParseException:
        return False
