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
_DATE_AND_TIME: Final = re.compile(
    rf"(?<![0-9+])(?:(?:19|20)[0-9]{{2}}[./-](?:0?[1-9]|1[0-2])[./-]{_DAY}"
    rf"|{_DAY}[./-]{_DAY}[./-](?:19|20)[0-9]{{2}})(?![0-9])"
    r"|(?<![0-9+])(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?(?![0-9])"
)
_BARE_DATE: Final = re.compile(
    r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
    r"|(?:0[1-9]|[12][0-9]|3[01])(?:0[1-9]|1[0-2])(?:19|20)[0-9]{2}"
)


def without_dates(value: str) -> str:
    """Return a text without its dates and times of day, of which phones have nothing."""
    return _DATE_AND_TIME.sub(" ", value).strip()


def is_date(value: str) -> bool:
    """Tell whether `value` begins like a date."""
    return bool(_DATE.fullmatch(value.strip()))


def is_bare_date(value: str) -> bool:
    """Tell whether `value` is of the eight digits of a date: `20240512`. Phones may be, too."""
    return bool(_BARE_DATE.fullmatch(value.strip()))


def is_measure(value: str) -> bool:
    """Tell whether `value` looks like a date, an amount or a version."""
    return is_measure_alone(value) or bool(_GROUPED.fullmatch(value.strip()))


def is_measure_alone(value: str) -> bool:
    """Tell whether `value` looks like a date, a fraction or the address of a host, and no phone."""
    text = value.strip()
    return is_date(text) or bool(_FRACTION.fullmatch(text) or _HOST.fullmatch(text))
