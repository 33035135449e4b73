"""Columns of dialling codes and of area codes in foreign tables.

What stands in them belongs before the numbers beside: without it these are somebody else's.
"""

import re
from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Final

import phonenumbers

from screening.vocabulary.column_names import kinds_named, words_of
from screening.vocabulary.country_codes import find_alpha_2
from screening.vocabulary.country_columns import MEANT_BY_UK, SHARE, UK, cells_of
from screening.vocabulary.normalise import is_region
from screening.vocabulary.plain_text import plain
from screening.vocabulary.selector import SelectorKind

# fmt: off
_AREA_WORDS: Final = frozenset((
    "areacode", "stdcode", "prefix", "prefijo", "vorw", "ortsnetz", "prefixe",
    "prefisso", "prefixo", "indicatif", "indicativo", "ddd", "kengetal", "onkz",
    "citycode", "phonearea", "areaphone", "alankodu", "kierunkowy", "kierunkowa", "predvolba",
    "riktnummer", "riktnr", "retningsnummer", "suuntanumero", "korzetszam", "кодгорода",
    "кодміста", "mavung", "kodearea", "kodewilayah", "codigoarea", "prefiks",
))
_AREA_STEMS: Final = (
    "vorwahl", "kennzahl", "netnummer", "区号", "區號", "市外局番", "지역번호", "رمزالمنطقة",
)
"""Within a word: `Telefonvorwahl`, `Ortskennzahl`; but `Landesvorwahl` is of dialling codes."""
_PERHAPS_AREA_WORDS: Final = frozenset(("area", "std", "city", "lada", "npa", "vw", "netz"))
"""Of a code where one begins with a zero, or in brackets: an area may be of a room."""
_DIALLING_WORDS: Final = frozenset((
    "dial", "dialling", "dialing", "dialcode", "isd", "idd", "ddi", "landervorwahl", "cc",
    "landesvorwahl", "landerkennzahl", "calling", "callingcode", "phonecode", "telcode",
    "mobilecode", "intl", "int",
    "international", "landsnummer", "landnummer", "maquoc", "ldw", "ulkekodu",
    "codigopais", "codepays", "indicatifpays", "prefissointernazionale", "кодстраны", "кодкраіни",
))
_DIALLING_STEMS: Final = (
    "国番号", "国家代码", "國家代碼", "国家码", "國碼", "国码", "国际区号", "國際區號", "국가번호",
)
CODE_WORDS: Final = frozenset(("code", "codes", "kode", "codigo", "codice", "код"))
_OF_PHONE_WORDS: Final = frozenset((
    "phone", "telephone", "telefon", "telefono", "tel", "mobile", "number",
))
"""A name of nothing but `code`, and of phones perhaps, promises codes of networks less surely."""
EXTENSION_WORDS: Final = frozenset((
    "ext", "exts", "extn", "extension", "extensions", "durchwahl", "nebenstelle", "klappe",
    "interno", "poste", "anexo", "ramal", "dw",
))
"""Of what is dialled behind a number: `20` is not Egypt there."""
_OF_CLOCKS: Final = frozenset(("timezone", "tz", "utc", "gmt", "zeitzone", "offset"))
"""`UTC +1` is no code of a network."""
# fmt: on
_AREA_CODE: Final = re.compile(r"[0-9](?:[ ()]{0,2}[0-9]){0,5}")
"""`030`, and `0)30`, of which `_bare_code` has taken the first bracket."""
_NAMED_CODE: Final = re.compile(r"(?:\+ ?|00? ?)?[1-9][0-9]{0,2}")
_DIALLING_CODE: Final = re.compile(r"(?:\+ ?|00 ?)?([1-9][0-9]{0,2})")
_SIGNED_CODE: Final = re.compile(r"(?:\+ ?|00)[1-9][0-9 ]{0,5}")
_COUNTRY_AND_CODE: Final = re.compile(r"([A-Za-z]{2})\W{0,2}([0-9]{1,3})\W?")
"""`GB (44)`; with a sign before the digits it is told by that."""
_CODE_WITHIN: Final = re.compile(r"(?<!\w)\+ ?[1-9][0-9]{0,2}(?![0-9])")
_MOST_DIGITS_OF_A_CODE: Final = 6
"""As of `_SIGNED_CODE`: `+1 684` is American Samoa's, and what has more is a phone."""


def find_dialling_codes(
    names: Sequence[str], sample: Sequence[Sequence[str]], columns: Collection[int]
) -> int | None:
    """Return which of `columns` holds codes of countries' networks: `+44`, or `44` by its name."""
    for index in columns:
        filled = list(map(_bare_code, cells_of(sample, index)))
        is_told = _tells_of_dialling(_words_and_pairs(names[index]))
        known = _NAMED_CODE if is_told else _SIGNED_CODE
        codes = [cell for cell in filled if known.fullmatch(cell)]
        if codes and len(codes) >= SHARE * len(filled):
            return index
    phones = [index for index, name in enumerate(names) if SelectorKind.PHONE in kinds_named(name)]
    for index in columns:
        is_beside_phones = any(index != other for other in phones)
        filled = cells_of(sample, index)
        if _hints_at_codes(names[index], filled, is_beside_phones=is_beside_phones):
            return index
    return None


def _hints_at_codes(name: str, filled: Sequence[str], *, is_beside_phones: bool) -> bool:
    """Tell whether a column is one of dialling codes though less speaks for it.

    That is a sign in most of its cells, with words beside it: `FR +33`; or cells of which each is a
    country's, under a name that is `code` and nothing else, or of phones beside another one.
    """
    words = set(words_of(name))
    signed = [cell for cell in filled if words.isdisjoint(_OF_CLOCKS) and _holds_code(cell)]
    if filled and len(signed) >= SHARE * len(filled):
        return True
    is_of_codes = not words.isdisjoint(CODE_WORDS) and words <= CODE_WORDS | _OF_PHONE_WORDS
    # `phonecc`, which is no name of ours: but no phone has so few digits, and a count has fewer.
    is_of_phones = (
        is_beside_phones
        and words.isdisjoint(EXTENSION_WORDS)
        and SelectorKind.PHONE in kinds_named(name)
        and any(len(cell) > 1 for cell in filled)
    )
    return (is_of_codes or is_of_phones) and bool(filled) and all(map(find_region, filled))


def _holds_code(cell: str) -> bool:
    both = _COUNTRY_AND_CODE.fullmatch(cell)
    if both is not None and is_region(both[1]):
        return find_region(both[2]) is not None
    code = _CODE_WITHIN.search(cell)
    is_short = sum(map(str.isdecimal, cell)) <= _MOST_DIGITS_OF_A_CODE
    return code is not None and is_short and find_region(code[0]) is not None


def find_area_codes(
    names: Sequence[str], sample: Sequence[Sequence[str]], columns: Collection[int]
) -> int | None:
    """Return which of `columns` holds area codes, without which the numbers beside are others."""
    for index in columns:
        filled = cells_of(sample, index)
        codes = [cell for cell in filled if _AREA_CODE.fullmatch(_bare_code(cell))]
        is_told = _tells_of_areas(names[index], codes)
        if is_told and codes and len(codes) >= SHARE * len(filled):
            return index
    return None


def _tells_of_areas(name: str, codes: Sequence[str]) -> bool:
    words = _words_and_pairs(name)
    if _tells_of_dialling(words):
        return False
    if not words.isdisjoint(_AREA_WORDS) or _any_holds(words, _AREA_STEMS):
        return True
    # A zero alone is a number of something: parking areas, say.
    is_dialled = any(code.startswith("(") or re.match("0[^0]", code) for code in codes)
    return is_dialled and not words.isdisjoint(_PERHAPS_AREA_WORDS)


def _tells_of_dialling(words: Collection[str]) -> bool:
    return not _DIALLING_WORDS.isdisjoint(words) or _any_holds(words, _DIALLING_STEMS)


def _any_holds(words: Collection[str], stems: Collection[str]) -> bool:
    return any(stem in word for stem in stems for word in words)


def _bare_code(cell: str) -> str:
    """Return a code without brackets, dashes and the `.0` of a spreadsheet around it."""
    return plain(cell).removesuffix(".0").strip("()/- ")


def has_codes(sample: Sequence[Sequence[str]], index: int) -> bool:
    """Tell whether the cells of a column are mostly codes of countries, or such as `+44`."""
    filled = cells_of(sample, index)
    codes = [cell for cell in filled if is_region(cell) or find_alpha_2(cell) or find_region(cell)]
    return len(codes) >= SHARE * len(filled)


def find_region(cell: str) -> str | None:
    """Return the region that `+44`, or another dialling code, or `UK` means; None of all else."""
    if cell.strip().upper() == UK:
        return MEANT_BY_UK
    code = _DIALLING_CODE.fullmatch(_bare_code(cell))
    region = phonenumbers.region_code_for_country_code(int(code[1])) if code else ""
    return region if is_region(region) else None


def _words_and_pairs(name: str) -> set[str]:
    words = words_of(name)
    return {*words, *(first + second for first, second in pairwise(words))}
