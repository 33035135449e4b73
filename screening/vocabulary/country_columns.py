"""Columns of countries in foreign tables: what they are called, and those that nobody has named.

A phone without its country code is completed by its row's country. Were that column overlooked, or
another one taken for it, the number of somebody else would be listed, or asked about: IN is India,
and Indiana.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Final

import phonenumbers

from screening.vocabulary.cells import says_nothing
from screening.vocabulary.column_names import kinds_named, words_of
from screening.vocabulary.country_names import is_country
from screening.vocabulary.normalise import is_region
from screening.vocabulary.selector import SelectorKind

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
    "valstybė", "šalis", "valsts", "ülke", "ülke kodu", "χώρα", "страна", "код страны", "країна",
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
    "landerkennzeichen",
))
"""A name with one of them speaks of a country, whatever else: `Billing Country`, `Land des Gastes`.
"""
_OF_SOMETHING_ELSE: Final = frozenset((
    "language", "languages", "lang", "locale", "sprache", "langue", "idioma", "lingua", "язык",
    "state", "province", "bundesland", "nationality", "citizenship", "staatsangehorigkeit",
    "nationalite", "nacionalidad", "nazionalita", "title", "titel", "titre", "titulo", "salutation",
    "anrede", "civilite", "newsletter", "optin", "consent", "meal", "initials",
))
"""Two letters in them are a country's by chance, or of a person and not of a phone."""
_AREA_WORDS: Final = frozenset((
    "vorwahl", "ortsvorwahl", "netzvorwahl", "areacode", "stdcode", "prefix", "prefijo",
    "prefisso", "prefixo", "indicatif", "indicativo", "ddd", "netnummer", "kengetal", "onkz",
    "citycode", "phonearea", "areaphone",
))
_AREA_STEMS: Final = ("vorwahl", "kennzahl", "netnummer")
"""Within a word: `Telefonvorwahl`, `Ortskennzahl`; but `Landesvorwahl` is of dialling codes."""
_PERHAPS_AREA_WORDS: Final = frozenset(("area", "std", "city", "lada", "npa"))
"""Of a code where one begins with a zero, or in brackets: an area may be of a room."""
_DIALLING_WORDS: Final = frozenset((
    "dial", "dialling", "dialing", "dialcode", "isd", "idd", "ddi", "landervorwahl", "cc",
    "landesvorwahl", "landerkennzahl", "calling", "callingcode", "phonecode", "telcode",
    "mobilecode", "intl", "international",
))
_CODE_WORDS: Final = frozenset(("code", "codes", "kode", "codigo", "codice"))
_OF_PHONE_WORDS: Final = frozenset((
    "phone", "telephone", "telefon", "telefono", "tel", "mobile", "number",
))
"""A name of nothing but `code`, and of phones perhaps, promises codes of networks less surely."""
_OF_PEOPLE: Final = frozenset((
    "name", "names", "firstname", "lastname", "fullname", "alias", "aliases", "vorname", "nachname",
    "nom", "prenom", "nombre", "apellido", "apellidos", "nome", "cognome", "owner", "nickname",
))
"""Israel and India are people there."""
_OF_CLOCKS: Final = frozenset(("timezone", "tz", "utc", "gmt", "zeitzone", "offset"))
"""`UTC +1` is no code of a network."""
# fmt: on
_SHARE: Final = 0.75
_ALSO: Final = "UK"
"""No ISO code, and often written for GB: it is a sign of a column of countries all the same."""
_ALSO_MEANT: Final = "GB"
_ANSWERS: Final = frozenset(("NO", "SI", "MR", "MS"))
"""Norway and three more, but a column of nothing else gives answers, or titles of people."""
_AREA_CODE: Final = re.compile(r"[( ]*[0-9](?:[ ()]{0,2}[0-9]){0,5}[ )/\-]*(?:\.0)?")
"""`030`, `(0)30`, `030/`, and the `30.0` of a spreadsheet."""
_DIALLING_CODE: Final = re.compile(r"(?:\+ ?|00)?([1-9][0-9]{0,2})")
_SIGNED_CODE: Final = re.compile(r"(?:\+ ?|00)[1-9][0-9 ]{0,5}")
_CODE_WITHIN: Final = re.compile(r"(?<!\w)\+ ?[1-9][0-9]{0,2}(?![0-9])")
_MOST_DIGITS_OF_A_CODE: Final = 6
"""As of `_SIGNED_CODE`: `+1 684` is American Samoa's, and what has more is a phone."""


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
        if not words.isdisjoint(_COUNTRY_WORDS) and not kinds_named(names[index]):
            return index
        filled = _cells_of(sample, index)
        coded = [cell.upper() for cell in filled if _is_coded(cell)]
        is_told = not words.isdisjoint(_OF_SOMETHING_ELSE) or _ANSWERS.issuperset(coded)
        if not is_told and len(coded) >= _SHARE * len(filled):
            return index
        if words.isdisjoint(_OF_SOMETHING_ELSE | _OF_PEOPLE) and _are_countries(filled):
            return index
    return None


def find_dialling_codes(
    names: Sequence[str], sample: Sequence[Sequence[str]], columns: Collection[int]
) -> int | None:
    """Return which of `columns` holds codes of countries' networks: `+44`, or `44` by its name."""
    codes = _find_codes(names, sample, columns, _DIALLING_WORDS, _DIALLING_CODE)
    if codes is not None:
        return codes
    return next((i for i in columns if _hints_at_codes(names[i], _cells_of(sample, i))), None)


def _hints_at_codes(name: str, filled: Sequence[str]) -> bool:
    """Tell whether a column is one of dialling codes though less speaks for it.

    That is a sign in most of its cells, with words beside it: `FR +33`; or a name that is `code`
    and nothing else, and cells of which each is a country's.
    """
    words = set(words_of(name))
    signed = [cell for cell in filled if words.isdisjoint(_OF_CLOCKS) and _holds_code(cell)]
    if filled and len(signed) >= _SHARE * len(filled):
        return True
    is_of_codes = not words.isdisjoint(_CODE_WORDS) and words <= _CODE_WORDS | _OF_PHONE_WORDS
    # `phonecc`, which is no name of ours: but no phone has so few digits, and a count has fewer.
    is_of_phones = SelectorKind.PHONE in kinds_named(name) and any(len(c) > 1 for c in filled)
    return (is_of_codes or is_of_phones) and bool(filled) and all(map(find_region, filled))


def _holds_code(cell: str) -> bool:
    code = _CODE_WITHIN.search(cell)
    is_short = sum(map(str.isdecimal, cell)) <= _MOST_DIGITS_OF_A_CODE
    return code is not None and is_short and find_region(code[0]) is not None


def find_area_codes(
    names: Sequence[str], sample: Sequence[Sequence[str]], columns: Collection[int]
) -> int | None:
    """Return which of `columns` holds area codes, without which the numbers beside are others."""
    for index in columns:
        filled = _cells_of(sample, index)
        codes = [cell for cell in filled if _AREA_CODE.fullmatch(cell)]
        is_told = _tells_of_areas(names[index], codes)
        if is_told and codes and len(codes) >= _SHARE * len(filled):
            return index
    return None


def _tells_of_areas(name: str, codes: Sequence[str]) -> bool:
    words = _words_and_pairs(name)
    if not words.isdisjoint(_DIALLING_WORDS):
        return False
    if not words.isdisjoint(_AREA_WORDS) or any(s in word for s in _AREA_STEMS for word in words):
        return True
    is_signed = any(code.startswith(("0", "(")) for code in codes)
    return is_signed and not words.isdisjoint(_PERHAPS_AREA_WORDS)


def has_codes(sample: Sequence[Sequence[str]], index: int) -> bool:
    """Tell whether the cells of a column are mostly codes of countries, or such as `+44`."""
    filled = _cells_of(sample, index)
    codes = [cell for cell in filled if is_region(cell) or find_region(cell)]
    return len(codes) >= _SHARE * len(filled)


def said_in(cell: str) -> str:
    """Return what a cell of a column of countries says, empty where nothing; `NA` is Namibia."""
    said = cell.strip()
    return "" if says_nothing(said) and not is_region(said) else said


def find_region(cell: str) -> str | None:
    """Return the region that `+44`, or another dialling code, or `UK` means; None of all else."""
    if cell.strip().upper() == _ALSO:
        return _ALSO_MEANT
    code = _DIALLING_CODE.fullmatch(cell.strip())
    region = phonenumbers.region_code_for_country_code(int(code[1])) if code else ""
    return region if is_region(region) else None


def _find_codes(
    names: Sequence[str],
    sample: Sequence[Sequence[str]],
    columns: Collection[int],
    telling: Collection[str],
    code: re.Pattern[str],
) -> int | None:
    for index in columns:
        filled = _cells_of(sample, index)
        known = code if not _words_and_pairs(names[index]).isdisjoint(telling) else _SIGNED_CODE
        codes = [cell for cell in filled if known.fullmatch(cell)]
        if codes and len(codes) >= _SHARE * len(filled):
            return index
    return None


def _words_and_pairs(name: str) -> set[str]:
    words = words_of(name)
    return {*words, *(first + second for first, second in pairwise(words))}


def _are_countries(filled: Sequence[str]) -> bool:
    countries = [cell for cell in filled if is_country(cell)]
    return bool(countries) and len(countries) >= _SHARE * len(filled)


def _cells_of(sample: Sequence[Sequence[str]], index: int) -> list[str]:
    return [cell for row in sample if index < len(row) and (cell := said_in(row[index]))]


def _filled(cells: Sequence[str], columns: Collection[int]) -> list[str]:
    return [cell for index in columns if index < len(cells) and (cell := said_in(cells[index]))]


def _is_coded(cell: str) -> bool:
    return _code(cell) == _ALSO_MEANT or is_region(cell)


def _code(cell: str) -> str:
    code = cell.strip().upper()
    return _ALSO_MEANT if code == _ALSO else code
