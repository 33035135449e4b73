"""What a cell says in a column of ages: whether anybody in it may be below 18."""

import re
from typing import Final

from indexer.importers.age_words import BELOW_18
from indexer.importers.births import OF_AGE_YEARS, plain_digits
from indexer.importers.guest_counts import without_children

UNDER_AGE: Final = "under 18"
"""What an age or a birth is read as, in words that speak of a victim."""
_BELOW: Final = re.compile(
    r"\s*(?:<=?|u|under|below|unter|moins de|menor de)\s*(\d{1,2})\b", re.IGNORECASE
)
"""`<18`, `U16`."""
_FIRST_NUMBER: Final = re.compile(r"\A\D*?0*(\d{1,2})(?!\d)")
"""`15yrs`, `c. 15`, `017`, `8m`: whatever stands first is an age."""
_UNKNOWN: Final = re.compile(r"\s*0+(?:\.0+)?\s*", re.ASCII)
_NO_AGES: Final = re.compile(
    r"\d{1,4}([./-])\d{1,2}\1\d{1,4}|\d{1,2}[./]\d{4}"  # days and months
    r"|(?<=\d)\.\d+|(?<=\d),\d(?!\d)"  # the decimals of an age
    r"|(?:\u00b1|\+\s?/?\s?[-\u2013])\s?\d+"  # how far off it may be
    r"|(?<!\d)[12][.,]\d\d(?!\d)|\d['\u2019\u2032]\s?\d{1,2}"  # how tall somebody is
    r"|(?<!\d)(?:1[01]|\d)\s?m(?:\.|o|os|ths?|onths?|onate?|ois|eses|esi|ies\.?)?(?![^\W_])"
    r"|(?<!\d)[1-9] (?!years|a\u00f1os|anos|perhaps)[^\W\d_]{3,}s(?![^\W_])",  # a few of something
    re.IGNORECASE,
)
"""Numbers behind the first that are none: `34.5`, `45 (2026-03-14)`, `25 +/- 5`, `34 y 2 m`,
`35 (2 kidneys)`."""
_YEARS_BELOW_18: Final = re.compile(rf"(?<!\d)0*{BELOW_18}(?!\d)")


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
    if _YEARS_BELOW_18.search(_NO_AGES.sub(" ", told)):
        return UNDER_AGE
    return f"aged {told}"
