"""Reads the digits of one number: what number they are, or why they are none."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from phonenumbers import (
    Leniency,
    NumberParseException,
    PhoneNumberFormat,
    PhoneNumberMatcher,
    format_number,
    is_valid_number,
    parse,
)
from stdnum import luhn

from screening.importers.entry import ImportCode
from screening.vocabulary.errors import NotCanonical
from screening.vocabulary.normalise import normalise
from screening.vocabulary.selector import Canonical

# ISO/IEC 7812 issuers of payment cards: Mastercard 2221-2720 and 51-55, 3 to 6 for the others.
_CARD_START: Final = re.compile(r"[3-6]|2[2-7]")


def digit_groups(text: str) -> list[str]:
    """Return the groups of digits in `text`, of whatever script, as ASCII."""
    return ["".join(str(unicodedata.digit(d)) for d in g) for g in re.findall(r"\d+", text)]


def read_international(groups: Sequence[str], *, direct_dial: bool) -> Canonical | ImportCode:
    """Return the number that digits behind a `+` are, or why they are none.

    Its last groups may belong to what follows. With `direct_dial` the very last does not.
    """
    text = "+" + " ".join(groups)
    try:
        canonical = normalise("phone", text)
    except NotCanonical as refused:
        return refused.code
    if not _is_valid(canonical.text):
        return "invalid_number"
    ends = range(len(groups) - (2 if direct_dial else 1), max(0, len(groups) - 3), -1)
    if any(_is_valid("+" + "".join(groups[:end])) for end in ends):
        matched = _matched(text, None, Leniency.STRICT_GROUPING)
        return canonical if matched == canonical.text else "unclear_extent"
    return canonical


def read_national(groups: Sequence[str], region: str, leniency: int) -> Canonical | ImportCode:
    """Return the number that digits without `+` are in `region`, or why they are none.

    All of them must be one number: libphonenumber's matcher also finds a shorter one within. They
    are given in groups, since it takes no heed of brackets beyond refusing unusual ones.
    """
    text = " ".join(groups)
    try:
        canonical = normalise("phone", text, region=region)
    except NotCanonical as refused:
        return refused.code
    # Not merely a match: it must be the number that all the digits make.
    matched = _matched(text, region, leniency)
    return canonical if matched == canonical.text else "invalid_number"


def _matched(text: str, region: str | None, leniency: int) -> str | None:
    """Return the first number that libphonenumber's matcher finds in `text`, as E.164."""
    match = next(iter(PhoneNumberMatcher(text, region, leniency=leniency)), None)
    return None if match is None else format_number(match.number, PhoneNumberFormat.E164)


def _is_valid(international: str) -> bool:
    try:
        return is_valid_number(parse(international, None))
    except NumberParseException:
        return False


def is_card_like(digits: str) -> bool:
    """Tell whether digits could be the number of a payment card.

    One group of digits in ten passes Luhn's check by chance. A card in a text cannot be told from
    those for certain, so cards are reported, and left to a curator's hand.
    """
    return (
        13 <= len(digits) <= 19 and bool(_CARD_START.match(digits)) and bool(luhn.is_valid(digits))
    )
