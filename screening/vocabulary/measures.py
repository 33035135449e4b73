"""Dates, amounts, versions and addresses of hosts: digits in groups, as phones are written too.

What may be either is a measure here, and a phone where its country has such a number
(`recognition.may_be_phone`).
"""

import re
from typing import Final

_DAY: Final = r"(?:0?[1-9]|[12][0-9]|3[01])"
_DATE: Final = re.compile(
    rf"(?:19|20)[0-9]{{2}}[./-](?:0?[1-9]|1[0-2])[./-]{_DAY}(?![0-9]).*"
    # Of any calendar, and of what never ends: an eight-digit phone may end in higher ones.
    rf"|{_DAY}[./-]{_DAY}[./-](?:[12][0-9]{{3}}|9999)(?![0-9]).*"
    r"|(?:19|20)[0-9]{2} ?[/\-\u2013] ?(?:19|20)[0-9]{2}"
    r"|[0-9]{1,2}[./][0-9]{1,2}[./][0-9]{2} ?[\-\u2013] ?[0-9]{1,2}[./][0-9]{1,2}[./][0-9]{2}"
    rf"|{_DAY}\.(?:{_DAY}\.)? ?[\-\u2013] ?{_DAY}\.{_DAY}\.(?:(?:[0-9]{{2}}){{1,2}})?",
    re.DOTALL,
)
_FRACTION: Final = re.compile(
    r"-?(?:0|[1-9][0-9]*)[.,][0-9]+|-?[1-9][0-9]{0,2}(?:[., '][0-9]{3})+[.,][0-9]{1,2}"
    r"|-?[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}(?:\.[0-9]{1,2})?"
)
"""With an end of one or two digits, or one dot: `030.23125099` is none, for the zero before it. And
an amount as India parts it, `12,50,000`."""
_GROUPED: Final = re.compile(
    r"[1-9][0-9]{0,2}(?:[., '][0-9]{3})+|(?:0|[1-9][0-9]*)(?:\.[0-9]+){2,3}(?<![0-9]{4})"
    r"|[0-9]{4,5}-[0-9]{3}"
)
"""An amount, a version, or a postcode of Portugal or Brazil."""
_OCTET: Final = r"(?:0|1[0-9]{2}|2[0-4][0-9]|25[0-5]|[1-9][0-9]?)"
_HOST: Final = re.compile(rf"(?![0-9]{{2}}(?:\.[0-9]{{2}}){{3}}$){_OCTET}(?:\.{_OCTET}){{3}}")
"""An IPv4 address, unless all is in pairs, as phones of eight digits are."""
_MONTH: Final = r"(?:0?[1-9]|1[0-2])"
_SHORT_DATE: Final = (
    rf"(?<![0-9+./\-])(?<![0-9] ){_DAY}(?P<sign>[./\-]){_DAY}(?P=sign)[0-9]{{2}}"
    r"(?![./\-]?[0-9])(?! [0-9]{2,}(?![0-9:.h]|\.[0-9]{3}|,[0-9]{2}(?![0-9])))"
)
"""`23.07.26`, unless it goes on in pairs, as phones do."""
_TIME: Final = r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]{1,9})?)?"
_HOUR: Final = r"(?:[01]?[0-9]|2[0-4])\.[0-5][0-9]"
"""Of a day, as `9.00-13.00`; alone it is an amount."""
_UUID: Final = r"[0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}"
_DAY_AND_MONTH: Final = rf"{_DAY}[./]{_DAY}[./]?"
_SPAN: Final = (
    rf"(?<![0-9+./\-]){_DAY_AND_MONTH}(?:[0-9]{{2}})? ?[\-\u2013] ?{_DAY}(?P<span>[./])"
    rf"{_DAY}(?P=span)?(?:[0-9]{{2}}){{0,2}}(?![0-9./\-])"
)
"""`04.05.-07.05.26`, `04/05/26-07/05/26`: of a stay."""
_BEHIND_NUMBER: Final = re.compile(
    rf"(?P<number>(?:^|[^\W\d_][.:,]? ?)[1-9][0-9]{{0,3}} )(?:{_DAY}([./]){_DAY}\2[0-9]{{2}})"
    r"(?![./\-]?[0-9])(?! [0-9]{2,}(?![0-9:.h]|\.[0-9]{3}))"
)
"""`Room 204 05/12/26`: behind digits it would be part of a phone, but for such a number."""
_AMOUNT: Final = r"[1-9][0-9]{0,2}(?:[.,'][0-9]{3}|[0-9]{0,3})[.,][0-9]{2}(?![0-9]|[.,/\-][0-9])"
_AMOUNTS: Final = re.compile(
    rf"(?<![0-9.,/+\-(])(?<![0-9)+] ){_AMOUNT}(?: {_AMOUNT})*"
    rf"(?! ?[0-9])|(?<![0-9.,/+\-(])(?<![0-9)+] ){_AMOUNT}(?= {_DAY}[./\-]{_DAY}[./\-])"
)
_YEAR_AND_NUMBER: Final = r"(?<![0-9+./\-])(?<![0-9] )20[0-9]{2}/0[0-9]{3,7}(?![0-9])"
"""`2026/000123`, as invoices are counted."""
_OF_NO_PHONE: Final = re.compile(
    rf"(?<![0-9+])(?:(?:19|20)[0-9]{{2}}[./-]{_MONTH}[./-]{_DAY}"
    rf"|{_DAY}[./-]{_DAY}[./-](?:19|20)[0-9]{{2}})(?![0-9])"
    rf"|(?<![0-9+]){_TIME}(?![0-9])"
    r"|(?<![0-9+])(?:19|20)[0-9]{6}T[0-9]{4,6}(?:\.[0-9]{1,9})?(?![0-9])"
    r"|(?<![0-9+./\-])(?<![0-9] )(?:19|20)[0-9]{2}[/\-](?:19|20)[0-9]{2}(?![ ./\-]?[0-9])"
    rf"|(?<![0-9+./\-])(?<![0-9] ){_HOUR} ?[\-\u2013] ?{_HOUR}(?![ ./\-]?[0-9])"
    rf"|{_SHORT_DATE}(?: {_AMOUNT})?|(?<![0-9a-zA-Z]){_UUID}(?![0-9a-zA-Z])"
    rf"|{_SPAN}|{_YEAR_AND_NUMBER}"
)
_IBAN: Final = re.compile(
    r"(?<![0-9A-Za-z])[A-Z]{2}[0-9]{2}(?: ?[0-9A-Z]{4}){2,7}(?: ?[0-9A-Z]{1,4})?(?![0-9A-Za-z])"
)
_MAY_HOLD_MEASURE: Final = re.compile(r"[^\W\d_]|[^\w\s][0-9]|[0-9]{32}")
"""In each of those there are letters, a sign right before a digit, or the digits of a UUID."""
_BARE_DATE: Final = re.compile(
    r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
    r"|(?:0[1-9]|[12][0-9]|3[01])(?:0[1-9]|1[0-2])(?:19|20)[0-9]{2}"
)

_BARE_TIME: Final = re.compile(
    r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
    r"(?:[01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]"
)

_OPEN_PART: Final = r"(?:[0-3][0-9]|[0-9]|[0-9?]?\?)"
_OPEN_YEAR: Final = r"(?:(?:19|20)[0-9?]{2}|\?{4}"
_DAY_OF_YEAR: Final = (
    rf"(?:{_OPEN_PART}(?:\.{_OPEN_PART}\.|/{_OPEN_PART}/|-{_OPEN_PART}-){_OPEN_YEAR}|\?\?)"
    rf"|{_OPEN_YEAR})-{_OPEN_PART}-{_OPEN_PART})"
)
_DAY_OF_SHORT_YEAR: Final = rf"{_OPEN_PART}(?:\.{_OPEN_PART}\.|/{_OPEN_PART}/)(?:[0-9]{{2}}|\?\?)"
_BEHIND_DATE: Final = r"[/\-][0-9?]{1,2}(?:[:.][0-9?]{2}(?![0-9?./\-])|\s?[^\W\d_])"
"""A time of day, or how many of something: `-14:30`, `/2 pax`."""
_OPEN_DATE: Final = re.compile(
    r"(?<![0-9?+])(?<![0-9?+][./\-])"
    rf"(?:{_DAY_OF_YEAR}(?:[/\-]{_DAY_OF_YEAR})?"
    rf"|{_DAY_OF_SHORT_YEAR}-{_DAY_OF_SHORT_YEAR})"
    rf"(?![0-9?])(?:(?![./\-][0-9?])|(?={_BEHIND_DATE}))"
)
"""`??.12.2026`, `??.12.2026-14.12.2026`: nothing of it is hidden, but not known yet."""


def without_measures(value: str) -> str:
    """Return a text without what stands in it and is no phone for certain.

    Dates, times of day, amounts with two decimals, UUIDs, and IBANs whose check digits are right.
    """
    if not _MAY_HOLD_MEASURE.search(value):
        return value.strip()
    text = _OF_NO_PHONE.sub(" ", _AMOUNTS.sub(" ", value))
    text = _BEHIND_NUMBER.sub(r"\g<number> ", text)
    return _IBAN.sub(lambda found: " " if _is_iban(found[0]) else found[0], text).strip()


def _is_iban(text: str) -> bool:
    """Tell whether the check digits are those of ISO 13616."""
    characters = text.replace(" ", "")
    return int("".join(str(int(c, 36)) for c in characters[4:] + characters[:4])) % 97 == 1


def undated(text: str) -> str:
    """Return a text without measures, and without dates of which a part is not known yet."""
    return without_measures(without_open_dates(text))


def without_open_dates(text: str) -> str:
    """Return a text without dates of which a part is not known yet: `??.12.2026`."""
    return _OPEN_DATE.sub(" ", text) if "?" in text else text


def is_date(value: str) -> bool:
    """Tell whether `value` begins like a date."""
    return bool(_DATE.fullmatch(value.strip()))


def is_bare_date(value: str) -> bool:
    """Tell whether `value` is of the eight digits of a date: `20240512`. Phones may be, too."""
    return bool(_BARE_DATE.fullmatch(value.strip()))


def is_bare_time(value: str) -> bool:
    """Tell whether `value` is of the fourteen digits of a time to the second: `20261125101500`."""
    return bool(_BARE_TIME.fullmatch(value.strip()))


def is_measure(value: str) -> bool:
    """Tell whether `value` looks like a date, an amount or a version."""
    return is_measure_alone(value) or bool(_GROUPED.fullmatch(value.strip()))


def is_measure_alone(value: str) -> bool:
    """Tell whether `value` looks like a date, a fraction or the address of a host, and no phone."""
    text = value.strip()
    return is_date(text) or bool(_FRACTION.fullmatch(text) or _HOST.fullmatch(text))
