"""What a cell says in a column of ages: whether anybody in it may be below 18."""

import re
from typing import Final

from screening.importers.age_words import NUMBER_BELOW_18
from screening.importers.births import OF_AGE_YEARS, plain_digits
from screening.importers.guest_counts import without_children
from screening.importers.victim_words import names_victim

UNDER_AGE: Final = "under 18"
"""What an age or a birth is read as, in words that speak of a victim."""
_BELOW: Final = re.compile(
    r"\s*(?:<=?|u|under|below|unter|moins de|menor de)[\s-]*(\d{1,2})\b", re.IGNORECASE
)
"""`<18`, `U16`, `U-18`."""
_FIRST_NUMBER: Final = re.compile(r"\A\D*?0*(\d{1,2})(?!\d)")
"""`15yrs`, `c. 15`, `017`, `8m`: whatever stands first is an age."""
_UNKNOWN: Final = re.compile(r"\s*0+(?:\.0+)?\s*", re.ASCII)
# fmt: off
_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december", "januar", "februar", "märz", "maerz", "mai", "juni", "juli",
    "oktober", "dezember", "janvier", "février", "mars", "avril", "juin", "juillet", "août",
    "septembre", "octobre", "novembre", "décembre", "enero", "febrero", "marzo", "abril", "mayo",
    "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre", "gennaio",
    "febbraio", "aprile", "maggio", "giugno", "luglio", "settembre", "ottobre", "dicembre",
    "janeiro", "fevereiro", "março", "maio", "junho", "julho", "setembro", "outubro", "novembro",
    "dezembro", "januari", "februari", "maart", "mei", "augustus", "stycznia", "lutego", "marca",
    "kwietnia", "maja", "czerwca", "lipca", "sierpnia", "września", "października", "listopada",
    "grudnia", "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа",
    "сентября", "октября", "ноября", "декабря",
    "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "mär",
    "okt", "dez", "janv", "févr", "avr", "juil", "déc", "ene", "abr", "ago", "dic", "gen", "mag",
    "giu", "lug", "set", "ott", "fev", "out", "mrt",
)
# fmt: on
_MONTH: Final = rf"(?:{'|'.join(_MONTHS)})(?![^\W_])"
_YEAR: Final = r"(?:19|20)\d\d(?!\d)"
_DAY: Final = (
    r"(?<!\d)(?:\d{4}([./-])\d{1,2}\1\d{1,2}|\d{1,2}([./-])\d{1,2}\2\d{4}"
    r"|[0-3]?\d([./-])(?:0?[1-9]|1[0-2])\3\d\d|(?:0?[1-9]|1[0-2])([./-])[0-3]?\d\4\d\d)(?!\d)"
    rf"|(?<!\d)\d{{1,2}}(?:\.|st|nd|rd|th)?[\s-](?:de\s)?{_MONTH}\.?,?[\s-](?:de\s)?{_YEAR}"
    rf"|(?<![^\W_]){_MONTH}\.?\s\d{{1,2}}(?:st|nd|rd|th)?,?\s{_YEAR}"
)
"""`12.3.1990`, `12/30/90`, `12 March 1990`; not `19/17/15`, which are three ages."""
_NO_AGES: Final = re.compile(
    rf"{_DAY}|\d{{1,2}}[./]\d{{4}}"  # days and months
    r"|(?<=\d)\.\d+|(?<=\d)[,;]\d(?!\d)|(?<=\d),0\d(?!\d)"  # the decimals of an age
    r"|\[\d\]|\([1-3]\)|(?<!\d)\d+\s?%"  # notes and shares
    r"|(?<!\d)\d\s?(?:ft|feet)(?![^\W_])(?:\s?\d{1,2}(?!\d))?"  # how tall somebody is
    r"|(?:\u00b1|\+\s?/?\s?[-\u2013])\s?\d+"  # how far off it may be
    r"|(?<!\d)[12][.,]\d\d(?!\d)|\d['\u2019\u2032]\s?\d{1,2}"  # how tall somebody is
    r"|(?<!\d)(?:1[01]|\d)\s?m(?:\.|o|os|ths?|onths?|onate?|ois|eses|esi|ies\.?)?(?![^\W_])"
    # a few of something
    r"|(?<!\d)[1-9] (?!years|a\u00f1os|anos|\u00e9ves|perhaps)[^\W\d_]{3,}s(?![^\W_])",
    re.IGNORECASE,
)
"""Numbers behind the first that are none: `34.5`, `45 (2026-03-14)`, `25 +/- 5`, `34 y 2 m`,
`35 (2 kidneys)`."""


def without_other_numbers(cell: str) -> str:
    """Return a cell without dates, decimals, notes and whatever else is no age."""
    return _NO_AGES.sub(" ", plain_digits(cell))


def read_age(cell: str) -> str:
    """Return what a cell says; where any number in it may be an age below 18, that alone.

    The first one is an age, whatever stands beside it; so may be those behind it, as in
    `18 (ID says 16)`.
    """
    text = plain_digits(cell)
    below, first = _BELOW.match(text), _FIRST_NUMBER.search(text)
    if below is not None and int(below[1]) <= OF_AGE_YEARS:
        return UNDER_AGE
    # Of whom the age is not known, a 0 stands in many tables.
    if first is not None and int(first[1]) < OF_AGE_YEARS and not _UNKNOWN.fullmatch(text):
        return UNDER_AGE
    told = without_children(text)
    if NUMBER_BELOW_18.search(_NO_AGES.sub(" ", told)):
        return UNDER_AGE
    # `Kind` and `menor` are a child alone.
    return told if names_victim(told) else f"aged {told}"
