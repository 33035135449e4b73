"""Columns of area codes that no name tells: each of their cells completes the phone beside it.

`030` beside `23125099`, or beside `+49 23125099`: with it that is a phone of Berlin, and without it
one of somebody in Dortmund. Months, rooms and ids begin with a zero too, but hardly with the code
of an area, and beside whole phones they complete none.
"""

import re
from collections.abc import Callable, Collection, Sequence
from typing import Final, NamedTuple

import phonenumbers

from screening.vocabulary.column_names import words_of
from screening.vocabulary.country_columns import SHARE, cells_of
from screening.vocabulary.dialling_columns import CODE_WORDS, EXTENSION_WORDS
from screening.vocabulary.normalise import is_region
from screening.vocabulary.other_columns import names_other
from screening.vocabulary.plain_text import plain

RegionOf = Callable[[Sequence[str]], str | None]
"""What completes the phones of a row."""

_CODE: Final = re.compile(r"(?:0|\([0-9])[0-9 ()]{1,8}(?:\.0)?[/\-. ]{0,3}")
"""`030`, `0 30`, `(030)`, `(0)30`, `0152/`; one without its zero is told by its brackets."""
_FEWEST_IN_BRACKETS: Final = 3
"""Of a code without a zero: `(12)` may be a count."""
_MOST_DIGITS_OF_CODES: Final = 6
"""The zero included, as in `033205`."""
_NUMBER: Final = re.compile(r"(?:\+|00)?[0-9 ()\-./]+")
_MOST_NATIONAL_DIGITS: Final = 11
"""Of phones in the open plans of Germany and Austria, whose longest lengths are of extensions: a
whole phone has nine or more, with which a code would be longer than that."""
_FEWEST_OF_MOBILES: Final = 9
"""A mobile with so many digits is whole, whatever is beside it."""
_LEAST_COMPLETED: Final = 2 / 3
"""Of the codes beside phones: among `010`, `020`, `030` and `040` are two of areas."""
# fmt: off
_OF_SOMETHING_ELSE: Final = frozenset((
    "cap", "psc", "irsz", "iranyitoszam", "pocztowy", "pin", "pincode", "postinumero",
    "postnummer", "postnr", "postkod", "индекс", "індекс", "邮编", "郵遞區號", "郵便番号",
    "우편번호",
    "room", "rooms", "zimmer", "zimmernr", "chambre", "habitacion", "camera", "quarto", "pokoj",
    "house", "haus", "hausnr", "hausnummer", "apartment", "apt", "unit", "floor", "etage", "stock",
    "seat", "sitz", "gate", "flight", "flug", "flugnr", "vuelo", "vol", "volo", "train", "zug",
    "monat", "monate", "mois", "mese", "miesiac", "hour", "hours", "stunde", "minute", "minutes",
    "week", "woche", "age", "alter", "dept", "department", "from", "until", "start", "end", "begin",
    "eta", "etd", "von", "bis", "pos", "position", "hotel", "store", "filiale", "branch",
    "abteilung", "kostenstelle", "cost", "center", "centre", "status", "type", "typ", "tipo",
    "class", "klasse", "classe", "agent", "fahrer", "driver", "line", "linie", "row", "reihe",
    "table", "tisch", "mesa", "queue", "priority", "trunk", "terminal", "mandant", "vehicle",
    "kabine", "cabin", "campsite", "stellplatz", "kunta", "kommun", "duration", "dauer", "tarif",
    "tariff", "pax", "check", "checkin", "checkout",
))
"""Of places, times and the like, whose numbers begin with zeros and are of no phone."""
# fmt: on


def find_codes_torn_off(
    names: Sequence[str],
    sample: Sequence[Sequence[str]],
    *,
    phones: Collection[int],
    region_of: RegionOf,
) -> int | None:
    """Return which column holds the codes without which the numbers in `phones` are others.

    One called after phones may be that too: `Tel1` and `Tel2`.
    """
    for index, name in enumerate(names):
        others = [phone for phone in phones if phone != index]
        if not others or _says_other(name):
            continue
        filled = cells_of(sample, index)
        codes = sum(_code_in(cell) is not None for cell in filled)
        if codes and codes >= SHARE * len(filled) and _complete(sample, index, others, region_of):
            return index
    return None


def _says_other(name: str) -> bool:
    """Tell whether a column is of something else, as its name says; a code may be one of areas."""
    words = words_of(name)
    if not (EXTENSION_WORDS | _OF_SOMETHING_ELSE).isdisjoint(words):
        return True
    return names_other(" ".join(word for word in words if word not in CODE_WORDS))


def _complete(
    sample: Sequence[Sequence[str]], index: int, phones: Collection[int], region_of: RegionOf
) -> bool:
    """Tell whether most codes of a column complete a phone of their row."""
    beside = completed = 0
    for row in sample:
        code = _code_in(row[index]) if index < len(row) else None
        cells = [row[phone] for phone in phones if phone < len(row)]
        numbers = [read for cell in cells if (read := _local_number(cell, region_of(row)))]
        if code is not None and numbers:
            beside += 1
            completed += any(_completes(code, number) for number in numbers)
    return beside > 0 and completed >= _LEAST_COMPLETED * beside


def _code_in(cell: str) -> str | None:
    """Return the digits of a code, None where a cell holds none."""
    text = plain(cell)
    if not _CODE.fullmatch(text):
        return None
    digits = "".join(filter(str.isdecimal, text.removesuffix(".0")))
    fewest = 2 if digits.startswith("0") else _FEWEST_IN_BRACKETS
    is_code = fewest <= len(digits) <= _MOST_DIGITS_OF_CODES and not digits.startswith("00")
    return digits if is_code else None


class _LocalNumber(NamedTuple):
    """The digits of a phone behind its country's code, if it `has_country`."""

    digits: str
    region: str
    has_country: bool


def _local_number(cell: str, region: str | None) -> _LocalNumber | None:
    """Return a number without the code of its country; None where that is open."""
    text = plain(cell)
    if not _NUMBER.fullmatch(text):
        return None
    digits = "".join(filter(str.isdecimal, text))
    if text.startswith(("+", "00")):
        try:
            country = phonenumbers.parse(f"+{digits.removeprefix('00')}").country_code
        except phonenumbers.NumberParseException:
            return None
        of = phonenumbers.region_code_for_country_code(country or 0)
        return _LocalNumber(digits.removeprefix("00").removeprefix(str(country)), of, True)
    return _LocalNumber(digits, region.upper(), False) if region and is_region(region) else None


def _completes(code: str, local: _LocalNumber) -> bool:
    """Tell whether a number is a phone of its region behind `code`, and this that of its area."""
    number, region, has_country = local
    if number.startswith("0") or (has_country and number.startswith(code.lstrip("0"))):
        return False  # the latter has it: `+49 30 129832`
    try:
        alone = phonenumbers.parse(number, region)
        whole = phonenumbers.parse(code + number, region)
    except phonenumbers.NumberParseException:
        return False
    national = phonenumbers.national_significant_number(whole)
    if _is_whole_mobile(alone, number) or len(national) > _MOST_NATIONAL_DIGITS:
        return False
    if phonenumbers.is_valid_number(alone) and not phonenumbers.is_valid_number(whole):
        return False  # Finland takes almost any length as possible
    area = national[: phonenumbers.length_of_national_destination_code(whole)]
    given = national.removesuffix(number)
    is_area = given == area or (len(area) > 1 and given[:-1] == area)
    # A mobile's code is cut where people do not: `0152` is the beginning of `01522`.
    is_area = is_area or (_is_mobile(whole) and len(given) > 1 and area.startswith(given))
    return is_area and phonenumbers.is_possible_number(whole)


def _is_whole_mobile(number: phonenumbers.PhoneNumber, digits: str) -> bool:
    return len(digits) >= _FEWEST_OF_MOBILES and _is_mobile(number)


def _is_mobile(number: phonenumbers.PhoneNumber) -> bool:
    return phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
