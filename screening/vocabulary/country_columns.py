"""Columns of countries in foreign tables: what they are called, and those that nobody has named.

A phone without its country code is completed by its row's country. Were that column overlooked, or
another one taken for it, the number of somebody else would be listed, or asked about: IN is India,
and Indiana.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from screening.vocabulary.cells import says_nothing
from screening.vocabulary.column_names import kinds_named, words_of
from screening.vocabulary.country_codes import find_alpha_2
from screening.vocabulary.country_names import is_country
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.normalise import is_region

# fmt: off
_OF_PHONES: Final = (
    "phone country", "phone region", "phone country code", "telephone country", "number country",
)
_OF_SOMEBODY: Final = (
    "country", "country code", "iso country", "nation", "country region", "region country",
    "country or region", "country territory", "country iso",
    "country iso code", "country iso2", "country iso 2", "iso country code", "iso code", "iso2",
    "iso 2", "iso alpha 2", "alpha 2", "alpha 2 code",
    "land", "land region", "ländercode", "laendercode", "länderkürzel", "länderkennung",
    "landeskürzel", "staat", "landcode", "landkode", "landskod",
    "pays", "pays région", "code pays", "pays code",
    "país", "pais", "país región", "país região", "código de país", "codigo de pais",
    "código país", "codigo pais", "código do país", "codigo do pais",
    "nazione", "paese", "codice paese", "țară", "tara", "țara", "kraj", "kod kraju",
    "země", "krajina", "država", "drzava", "ország", "riik", "maa", "maakoodi",
    "valstybė", "šalis", "valsts", "ülke kodu", "χώρα", "страна", "код страны", "країна",
    "код країни", "държава", "מדינה", "ארץ", "البلد", "بلد", "الدولة", "دولة",
    "رمز البلد", "کشور", "देश", "দেশ", "ملک", "negara", "bansa", "quốc gia", "nước", "ประเทศ",
    "国家", "国家 地区", "國家", "国", "国名", "国コード", "국가", "나라", "국가 코드",
)
"""In the larger languages, as `column_names.plain_name` writes them."""
_REGIONS: Final = ("region", "region code")
"""Of a country, or within one: they count for less."""
COUNTRY_NAMES: Final = (*_OF_PHONES, *_OF_SOMEBODY, *_REGIONS)
_COUNTRY_WORDS: Final = frozenset((
    "country", "countries", "countrycode", "countryname", "nation", "land", "landes", "laender",
    "lander", "rechnungsland", "lieferland", "wohnland", "wohnsitzland", "herkunftsland",
    "heimatland", "pays", "pais", "paises", "nazione", "paese", "kraj", "kraju", "zeme", "ulke",
    "страна", "страны", "краіна", "краіни", "държава", "negara", "国", "国家", "國家", "lkz",
    "landerkennzeichen", "woonland", "hemland", "bosattningsland", "bopaelsland", "bopælsland",
    "bostedsland", "asuinmaa", "kotimaa", "maa", "orszag", "tara", "χωρα",
    "panstwo", "государство", "elukohariik", "riik", "salies", "salis", "valsts",
    "국가", "나라", "بلد", "البلد", "दश", "quoc", "drzava", "krajina",
))
_COUNTRY_SIGNS: Final = ("国家", "國家", "居住国", "居住國", "國別", "国別", "国名", "国コード")
"""A name with one of them speaks of a country, whatever else: `Billing Country`, `Land des Gastes`.
"""
_OF_SOMETHING_ELSE: Final = frozenset((
    "language", "languages", "lang", "locale", "sprache", "langue", "idioma", "lingua", "язык",
    "state", "province", "bundesland", "nationality", "citizenship", "staatsangehorigkeit",
    "nationalite", "nacionalidad", "nazionalita", "title", "titel", "titre", "titulo", "salutation",
    "anrede", "civilite", "newsletter", "optin", "consent", "meal", "initials",
))
"""Two letters in them are a country's by chance, or of a person and not of a phone."""
_OF_PEOPLE: Final = frozenset((
    "name", "names", "firstname", "lastname", "fullname", "alias", "aliases", "vorname", "nachname",
    "nom", "prenom", "nombre", "apellido", "apellidos", "nome", "cognome", "owner", "nickname",
))
"""Israel and India are people there."""
# fmt: on
SHARE: Final = 0.75
UK: Final = "UK"
"""No ISO code, and often written for GB: it is a sign of a column of countries all the same."""
MEANT_BY_UK: Final = "GB"
_SCHEMES: Final = frozenset(("VI", "MC", "CA", "AX", "DC", "DS", "DI", "JC", "TP", "UP"))
"""Signs of cards: some are countries too, but a column of nothing else is of cards."""
_OF_BOTH: Final = frozenset(("CA", "MC"))
_ANSWERS: Final = frozenset(("NO", "SI", "MR", "MS"))
"""Norway and three more, but a column of nothing else gives answers, or titles of people."""


@dataclass(frozen=True, slots=True)
class CountryColumns:
    """Which columns say of what country a row's phones are; those `of_phones` say so outright."""

    of_phones: tuple[int, ...] = ()
    of_somebody: tuple[int, ...] = ()
    regions: tuple[int, ...] = ()

    @property
    def all(self) -> tuple[int, ...]:
        """All of them, those first that count for most."""
        return (*self.of_phones, *self.of_somebody, *self.regions)

    def said_by(self, cells: Sequence[str]) -> str | None:
        """Return what a row says, empty where nothing; None where its columns do not agree.

        A region is heard alone only where there is no column of countries: it may be a state.
        """
        for columns in (self.of_phones, () if self.of_somebody else self.regions):
            filled = _filled(cells, columns)
            if filled:
                return filled[0] if len(set(map(_code, filled))) == 1 else None
        countries = _filled(cells, self.of_somebody)
        coded = [cell for cell in countries if _is_coded(cell)]
        told = set(map(_code, coded))
        others = {_code(cell) for cell in _filled(cells, self.regions) if _is_coded(cell)}
        if len(told) > 1 or (self.of_somebody and others - told):
            return None
        return next(chain(coded, countries), "")


def named_countries(names: Sequence[str], *, is_list: bool) -> CountryColumns:
    """Return the columns that are called so; in a list of ours `region` says it outright."""
    of_phones = (*_OF_PHONES, "region") if is_list else _OF_PHONES
    regions = tuple(name for name in _REGIONS if name not in of_phones)
    return CountryColumns(
        *(
            tuple(index for index, name in enumerate(names) if name in known)
            for known in (of_phones, _OF_SOMEBODY, regions)
        )
    )


def find_countries(
    names: Sequence[str], sample: Sequence[Sequence[str]], columns: Collection[int]
) -> int | None:
    """Return which of `columns` speaks of countries by a word, or is mostly of these.

    That is of their codes, names or flags.
    """
    for index in columns:
        words = set(words_of(names[index]))
        is_named = not words.isdisjoint(_COUNTRY_WORDS) or any(
            sign in word for word in words for sign in _COUNTRY_SIGNS
        )
        if is_named and not kinds_named(names[index]):
            return index
        filled = cells_of(sample, index)
        coded = [cell.upper() for cell in filled if _is_coded(cell)]
        is_told = not words.isdisjoint(_OF_SOMETHING_ELSE) or _ANSWERS.issuperset(coded)
        is_told = is_told or (_SCHEMES.issuperset(coded) and not _OF_BOTH.issuperset(coded))
        if not is_told and len(coded) >= SHARE * len(filled):
            return index
        if words.isdisjoint(_OF_SOMETHING_ELSE | _OF_PEOPLE) and _are_countries(filled):
            return index
    return None


def find_other_countries(
    names: Sequence[str], sample: Sequence[Sequence[str]], columns: Collection[int], beside: int
) -> int | None:
    """Return which of `columns` speaks of countries, and in a row of another than `beside` does."""
    left = [index for index in columns if index != beside]
    while (index := find_countries(names, sample, left)) is not None:
        if any(
            _meant(said) not in map(_meant, _filled(row, [beside]))
            for row in sample
            for said in _filled(row, [index])
        ):
            return index
        left.remove(index)
    return None


def second_countries(file: str, shown: str, way_on: str) -> OperatorError:
    """Return the error that each of several columns of phones may have its own countries.

    `shown` is the name of the second column of these, and `way_on` what helps beside its removal.
    """
    return OperatorError(
        f"{file} has several columns of phones, and a second one that looks like countries, "
        f"{shown}: {way_on}, or remove the column"
    )


def said_in(cell: str) -> str:
    """Return what a cell of a column of countries says, empty where nothing; `NA` is Namibia."""
    said = cell.strip()
    return "" if says_nothing(said) and not is_region(said) else said


def _are_countries(filled: Sequence[str]) -> bool:
    countries = [cell for cell in filled if is_country(cell)]
    return bool(countries) and len(countries) >= SHARE * len(filled)


def cells_of(sample: Sequence[Sequence[str]], index: int) -> list[str]:
    """Return what the cells of a column say, without those that say nothing."""
    return [cell for row in sample if index < len(row) and (cell := said_in(row[index]))]


def _filled(cells: Sequence[str], columns: Collection[int]) -> list[str]:
    return [cell for index in columns if index < len(cells) and (cell := said_in(cells[index]))]


def _is_coded(cell: str) -> bool:
    return _code(cell) == MEANT_BY_UK or is_region(cell)


def _code(cell: str) -> str:
    code = cell.strip().upper()
    return MEANT_BY_UK if code == UK else code


def _meant(cell: str) -> str:
    return find_alpha_2(cell) or _code(cell)
