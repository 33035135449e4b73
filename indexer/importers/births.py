"""When people were born: who is not of age today is a victim, whatever else is said.

It stands in columns, and in texts behind a word: `born 2012`.
"""

import re
from datetime import date, timedelta
from itertools import permutations
from typing import Final

from indexer.importers.folding import folded, folded_words

# fmt: off
_OF_BIRTHS: Final = folded_words(
    within=(
        "birth", "geburt", "naissance", "nacimient", "nascimento", "nascita", "geboorte", "födelse",
        "fødsel", "syntymä", "urodzeni", "narozen", "narodeni", "születés", "naștere", "рожден",
        "народж", "роден", "γέννησ", "doğum", "ميلاد", "تولد", "לידה", "जन्म", "kelahiran",
        "tanggal lahir", "ngày sinh", "năm sinh", "วันเกิด", "出生", "生日", "生年", "생년", "출생",
    ),
    begin=("geboren", "jahrgang", "urodzon", "родил", "geb datum", "gebdat", "f nac", "fec nac",
           "fecha nac"),
    whole=("dob", "d o b", "yob", "born", "born on", "born in", "geb", "né le", "née le", "né e le",
           "né en", "née en", "nacido", "nacida", "nascido", "nascida", "nato il", "nata il",
           "nato a il", "nato nel", "nata nel", "född", "født", "jg"),
)
# fmt: on
_DATE: Final = (
    r"(?:\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})|(?:19|20)\d\d[./-]\d{1,2}[./-]\d{1,2}"
    r"|(?:\d{1,2}\W{0,2}[^\W\d_]{3,12}\W{1,2}|[^\W\d_]{3,12}\W{1,2}\d{1,2}\W{1,3})?(?:19|20)\d\d)"
    r"(?!\d)"
)
_IN_TEXT: Final = re.compile(
    rf"(?:(?:{_OF_BIRTHS.pattern})[^\W\d_]{{0,12}}\W{{0,3}}(?:[^\W\d_]{{1,15}}[ .]{{1,2}}){{0,3}}"
    r"|(?<![^\W_])b\. ?|(?<![^\W_])nee? |\(\* ?|[^\W\d_] \*)"
    rf"(?P<day>{_DATE})"
    r"|(?P<year>(?<!\d)(?:19|20)\d\d)\W{0,2}"
    r"(?:\u0433\.? ?\u0440(?![^\W_])|год[^\W\d_]? рожд|geboren)"
)
"""`born on 3 March 2012`, `b. 2012`, `(*2012)`, `2012 geboren`; in folded text, Russian too."""
_YEAR: Final = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_SHORT_YEAR: Final = re.compile(r"(?<!\d)\d{1,2}[./-]\d{1,2}[./-](\d\d)(?!\d)")
_COMPACT: Final = re.compile(r"(?<!\d)((?:19|20)\d\d)(\d\d)(\d\d)(?!\d)")
"""`20120403`."""
_SERIAL: Final = re.compile(r"[1-5]\d{4}(?:\.0+)?")
_FIRST_DAY: Final = date(1899, 12, 30)
"""From which spreadsheets count days."""
_LAST_NUMBER: Final = re.compile(r"(?<!\d)(\d{2})(?!\d)(?!.*\d)", re.DOTALL)
"""`12-Mar-12`, `Mar '12`, `12`: what else a year could be."""
_NUMBER: Final = re.compile(r"\d{1,2}")
OF_AGE_YEARS: Final = 18
"""Palermo Protocol, article 3 d."""


def is_of_births(heading: str) -> bool:
    """Tell whether days or years of birth stand under a heading."""
    return _OF_BIRTHS.search(folded(heading)) is not None


def is_under_age(cell: str, today: date) -> bool:
    """Tell whether somebody born on a day, or in a year, may not be of age `today`.

    Of what can be read in two ways, or tells no more than the year, the later day counts: a minor
    who is missed would be listed.
    """
    born = _find_latest_birth(cell, today)
    if born is None:
        return False
    had_birthday = (today.month, today.day) >= (born.month, born.day)
    return today.year - born.year - (not had_birthday) < OF_AGE_YEARS


def tells_birth_of_minor(text: str, today: date) -> bool:
    """Tell whether a text says of somebody a birth by which they may not be of age `today`."""
    if not _NUMBER.search(text):  # most texts, and what follows is slow
        return False
    found = _IN_TEXT.finditer(folded(text))
    return any(is_under_age(one["day"] or one["year"], today) for one in found)


def _find_latest_birth(cell: str, today: date) -> date | None:
    text = _COMPACT.sub(r"\1-\2-\3", cell.strip())
    year, rest = _find_year(text, today)
    if year is None:
        return None
    months_and_days = permutations(map(int, _NUMBER.findall(rest)[:2]), 2)
    days = [day for month, of_month in months_and_days if (day := _day(year, month, of_month))]
    return max(days, default=date(year, 12, 31))


def _find_year(text: str, today: date) -> tuple[int | None, str]:
    """Return the year that is written in a cell, and what stands beside it."""
    if found := _YEAR.search(text):
        return int(found[0]), text[: found.start()] + text[found.end() :]
    if short := _SHORT_YEAR.search(text):
        return _century(int(short[1]), today), text[: short.start(1)]
    if _SERIAL.fullmatch(text):
        born = _FIRST_DAY + timedelta(days=int(float(text)))
        return born.year, f"{born.month} {born.day}"
    if last := _LAST_NUMBER.search(text):
        return _century(int(last[1]), today), text[: last.start()]
    return None, text


def _century(short: int, today: date) -> int:
    """Return the year that two digits stand for."""
    year = today.year - today.year % 100 + short
    # Nobody is born after today; who could be a child or a hundred years old is a child.
    return year if year <= today.year else year - 100


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
