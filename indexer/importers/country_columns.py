"""Columns of countries in foreign tables: what they are called, and those that nobody has named.

A phone without its country code is completed by its row's country. Were that column overlooked,
the region that is given for the whole file would list a number of somebody else.
"""

from collections.abc import Collection, Sequence
from typing import Final

from screening.vocabulary.normalise import is_region

# fmt: off
COUNTRY_NAMES: Final = (
    "region", "country", "country code", "iso country", "region code", "nation",
    "country region", "region country", "country or region", "country territory", "country iso",
    "country iso code", "country iso2", "country iso 2", "iso country code", "iso code", "iso2",
    "iso 2", "iso alpha 2", "alpha 2", "alpha 2 code", "phone country", "phone region",
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
"""In the larger languages, as `plain_name` writes them; the first of several counts."""
_OF_SOMETHING_ELSE: Final = frozenset((
    "language", "languages", "lang", "locale", "sprache", "langue", "idioma", "lingua", "язык",
    "state", "us state", "province", "bundesland", "nationality", "citizenship",
    "staatsangehörigkeit", "nationalité", "nacionalidad", "nazionalità",
))
"""Two letters in them are a country's by chance, or of a person and not of a phone."""
# fmt: on
_SHARE: Final = 0.9
_ALSO: Final = "UK"
"""No ISO code, and often written for GB: it is a sign of a column of countries all the same."""
_ANSWERS: Final = frozenset(("NO",))
"""Norway, but a column of nothing else says no."""


def find_countries(
    names: Sequence[str], sample: Sequence[Sequence[str]], columns: Collection[int]
) -> int | None:
    """Return which of `columns` consists nearly wholly of countries' codes, though not by name."""
    for index in columns:
        cells = [row[index].strip().upper() for row in sample if index < len(row)]
        filled = [cell for cell in cells if cell]
        coded = [cell for cell in filled if cell == _ALSO or is_region(cell)]
        is_told = names[index] in _OF_SOMETHING_ELSE or _ANSWERS.issuperset(coded)
        if not is_told and len(coded) >= _SHARE * len(filled):
            return index
    return None
