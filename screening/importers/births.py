"""When people were born: who is not of age today is a victim, whatever else is said.

It stands in columns, and in texts behind a word: `born 2012`.
"""

import re
import unicodedata
from datetime import date, timedelta
from itertools import chain, permutations
from typing import Final

from screening.importers.folding import folded, folded_words

# fmt: off
_OF_BIRTHS: Final = folded_words(
    within=(
        "birth", "geburt", "naissance", "nacimient", "nascimento", "nascita", "geboorte", "födelse",
        "fødsel", "syntymä", "urodzeni", "narozen", "narodeni", "születés", "naștere", "рожден",
        "народж", "роден", "γέννησ", "doğum", "ميلاد", "تولد", "לידה", "जन्म", "kelahiran",
        "tanggal lahir", "ngày sinh", "năm sinh", "วันเกิด", "出生", "生日", "生年", "생년", "출생",
        "生于", "生於",
    ),
    begin=("geboren", "jahrgang", "urodz", "nacio en", "nacio el", "rocznik",
            "родил", "geb datum", "gebdat", "f nac", "fec nac",
           "fecha nac"),
    whole=("dob", "d o b", "d.o.b", "d. o. b", "yob",
           "born", "born on", "born in", "geb", "né le", "née le", "né e le",
           "né en", "née en", "nacido", "nacida", "nascido", "nascida", "nato il", "nata il",
           "nato a", "nata a", "nato nel", "nata nel",
           "né à", "née à", "né au", "née au", "född", "født", "jg"),
)
_HEADS_BIRTHS: Final = folded_words(
    within=("date de naiss", "date naiss", "data de nasc", "tgl lahir", "дата рожд", "год рожд",
            "fecha de nac"),
    begin=("data nasc", "dt nasc", "data ur", "rok ur", "gebj", "bday", "b date", "b day"),
    whole=("\u0433 \u0440", "ddn", "fdn"),
)
"""Short for the same in headings."""
_OF_PLACES_OF_BIRTH: Final = folded_words(
    begin=("place", "birthplace", "lieu", "pays", "lugar", "luogo", "miejsc", "kraj", "мест",
           "city", "country", "town", "name", "geburtsort", "geburtsland", "geburtsname", "ville",
           "plaats", "geboorteplaats", "geboorteland", "ciudad", "pais", "paese", "stato"),
)
"""A place or a name of birth: `Marseille (13)` is no year."""
_OF_DAYS: Final = folded_words(
    within=("datum", "burtstag", "burtsjahr"),
    begin=("date", "day", "year", "tag", "jahr", "fecha", "dia", "data", "giorno", "anno",
           "jour", "annee", "dob", "дата", "день", "год", "rok", "dzien"),
)
"""Beside which a place stands in a heading of both: `Date et lieu de naissance`."""
_BEHIND_PLACE: Final = re.compile(
    r"(?<![^\W_])(?:birthday|yob|geb(?: am)?|jg|jahrgang|nee? le)$|name (?:birth|born)$"
)
"""A column may hold a name or a place, and a birth behind it: `Name, geb.`."""
_WORDS: Final = re.compile(r"[^\W_]+")
_IS_ALL_OF_HEADING: Final = "др"
"""All of a heading: beside other words it is something else, as in `и др.`"""
# fmt: on
_DATE: Final = (
    r"(?:\d{1,2}[./-] ?\d{1,2}[./-] ?(?:\d{4}|\d{2})|(?:19|20)\d\d[./-] ?\d{1,2}[./-] ?\d{1,2}"
    r"|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|(?:19|20)\d\d年\d{1,2}月\d{1,2}日?"
    r"|\d{1,2}[-./ ]{0,2}[^\W\d_]{3,12}[-./ ]{0,2}(?:(?:19|20)\d\d|'?\d\d)"
    r"|(?:19|20)\d\d|['\u2019]\d\d)(?!\d)"
)
_NOT_OF_IT: Final = (
    r"[;\n]|issued|expir|valid|since|seen(?![^\W_])|seit(?![^\W_])|depuis|desde|arrest|arriv"
    r"|convict|sentenc|detain|marri(?:ed|age)"
    r"|verhaft|festgenom|verurteil|eingereist|verheirat|interpell|condamn|deteni|condena|zatrzym"
    r"|skazan|aresztow|арест|задерж|осужд|deport|moved|came(?![^\W_])|passport|паспорт"
)
"""What begins something else, that has a day of its own."""
_GAP: Final = rf"[^\W\d_]{{0,12}}\W{{0,3}}(?:(?!{_NOT_OF_IT}).){{0,40}}?(?<!\d)"
"""What may stand between a word and the year: `in Kyiv, Ukraine on 4 March`."""
_ALONE: Final = re.compile(
    r"(?:(?<![^\W_])b\. ?|(?<![^\W_])nee? |\(\* ?|[^\W\d_],? \* ?|(?<![^\s,;(])\*(?=\d{1,2}[./-])"
    r"|(?<![^\W_])b-?day(?: is| was)?(?: on)?\W{1,3}"
    rf"|(?:^|(?<=[\s,;(]))\* ?(?={_DATE}(?: in [^\W\d_]+(?: [^\W\d_]+){{0,3}})?\s*"
    r"(?:$|[,;)\n\u2020]|(?<=\s)(?:\+\d|\(?\d{3})))"
    r"|(?<![^\W_])(?:д\. ?\u0440|\u0440\u043eд)[.:]{1,2} ?"
    r"|(?<![^\W_])ur[.:]{1,2} ?(?:dnia |(?:w [^\W\d_]+ )?w )?)"
    rf"(?P<day>{_DATE})"
    r"|(?P<year>(?<!\d)(?:19|20)\d\d)(?:年\d{1,2}月\d{1,2}日?生|\W{0,2}"
    r"(?:\u0433\.? ?\u0440(?:ожд[^\W\d_]*)?(?![^\W_])|год[^\W\d_]? рожд|geboren))"
)
"""`b. 2012`, `(*2012)`, `*4/3/2012`, `bday 4.3.2012`; `2012 geboren`; Russian too, folded."""
_IN_TEXT: Final = re.compile(rf"(?:{_OF_BIRTHS.pattern}){_GAP}(?P<day>{_DATE})")
"""`born on 3 March 2012`."""
_YEAR: Final = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_SHORT_YEAR: Final = re.compile(r"(?<!\d)\d{1,2}[./-]\d{1,2}[./-](\d\d)(?!\d)")
_COMPACT: Final = re.compile(r"(?<!\d)((?:19|20)\d\d)(\d\d)(\d\d)(?!\d)")
"""`20120403`."""
_SIX_DIGITS: Final = re.compile(r"\d{6}", re.ASCII)
_CENTURIES: Final = (19, 20)
_SERIAL: Final = re.compile(r"[1-5]\d{4}(?:\.0+)?")
_FIRST_DAY: Final = date(1899, 12, 30)
"""From which spreadsheets count days."""
_LAST_NUMBER: Final = re.compile(r"(?<!\d)(\d{2})(?!\d)(?!.*\d)", re.DOTALL)
"""`12-Mar-12`, `Mar '12`, `12`: what else a year could be."""
_NUMBER: Final = re.compile(r"\d{1,2}")
_WHOLE_DAY: Final = re.compile(
    r"(?<!\d)(?:\d{1,2}[./-] ?\d{1,2}[./-] ?(?:\d{4}|\d{2})"
    r"|(?:19|20)\d\d[./-] ?\d{1,2}[./-] ?\d{1,2}"
    r"|\d{1,2}[-./ ]{1,2}[^\W\d_]{3,12}[-./ ]{1,2}(?:19|20)\d\d)(?!\d)"
)
_LOOKS_GROWN_UP_YEARS: Final = 5
"""A later day is that of a check, or until when a document holds."""
OF_AGE_YEARS: Final = 18
"""Palermo Protocol, article 3 d."""


def is_of_births(heading: str) -> bool:
    """Tell whether days or years of birth stand under a heading."""
    text = folded(heading)
    is_of_place = _OF_PLACES_OF_BIRTH.search(text) and not _OF_DAYS.search(text)
    if is_of_place and not _BEHIND_PLACE.search(" ".join(_WORDS.findall(text))):
        return False
    return (
        _OF_BIRTHS.search(text) is not None
        or _HEADS_BIRTHS.search(text) is not None
        or "".join(filter(str.isalpha, text)) == _IS_ALL_OF_HEADING
    )


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


def may_tell_birth_of_child(text: str, today: date) -> bool:
    """Tell whether a whole day in a text on somebody's age may be the birth of a child.

    Of one who could be taken for an adult: a day of the last years is that of something else.
    """
    days = _WHOLE_DAY.findall(plain_digits(folded(text)))
    latest = today.replace(year=today.year - _LOOKS_GROWN_UP_YEARS, day=min(today.day, 28))
    births = (_find_latest_birth(day, today) for day in days if is_under_age(day, today))
    return any(born is not None and born <= latest for born in births)


def tells_birth_of_minor(text: str, today: date) -> bool:
    """Tell whether a text says of somebody a birth by which they may not be of age `today`."""
    if not _NUMBER.search(text):  # most texts, and what follows is slow
        return False
    plain = plain_digits(folded(text))
    found = chain(_IN_TEXT.finditer(plain), _ALONE.finditer(plain))
    return any(is_under_age(day, today) for one in found for day in one.groups() if day)


def plain_digits(text: str) -> str:
    """Return text with the decimal digits of any script as those of ASCII."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(c, c)) for c in text)


def _find_latest_birth(cell: str, today: date) -> date | None:
    text = plain_digits(cell.strip())
    if _SIX_DIGITS.fullmatch(text):
        return _find_latest_of_six(text, today)
    text = _COMPACT.sub(r"\1-\2-\3", text)
    year, rest = _find_year(text, today)
    if year is None:
        return None
    months_and_days = permutations(map(int, _NUMBER.findall(rest)[:2]), 2)
    days = [day for month, of_month in months_and_days if (day := _day(year, month, of_month))]
    return max(days, default=date(year, 12, 31))


def _find_latest_of_six(text: str, today: date) -> date | None:
    """Return the latest day that six digits may stand for: `040312`, `120304`, `201203`."""
    one, two, three = int(text[:2]), int(text[2:4]), int(text[4:])
    days = [
        day
        for short, month, of_month in ((three, two, one), (three, one, two), (one, two, three))
        if (day := _day(_century(short, today), month, of_month))
    ]
    if one in _CENTURIES and (day := _day(int(text[:4]), three, 1)):
        days.append(day)
    return max(days, default=None)


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
