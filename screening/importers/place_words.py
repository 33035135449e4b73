"""Columns of places and firms: `Minor Hill`, `12 rue des Innocents`, `Lucky Girl Massage`.

They are called by words that elsewhere are of victims and of the cleared.
"""

import re
from typing import Final

from screening.importers.age_words import BELOW_18, YEARS_ALONE
from screening.importers.clearing_words import clears
from screening.importers.folding import folded, folded_words
from screening.importers.name_words import NO_NAMES, introduces_somebody, is_name_too

# fmt: off
_OF_PLACES: Final = folded_words(
    within=(
        "address", "adresse", "anschrift", "direccion", "dirección", "indirizzo", "endereço",
        "street", "straße", "strasse", "company", "unternehmen", "entreprise", "empresa",
        "société", "business", "employer", "establishment", "arbeitgeber", "wohnort", "restaurant",
        "workplace", "massage", "адрес", "город", "компани", "фирма",
    ),
    begin=(
        "city", "town", "village", "district", "location", "place", "venue", "stadt", "firma",
        "betrieb", "lokal", "hotel", "club", "salon", "brothel", "bordell", "ciudad", "calle",
        "ville", "negocio", "azienda", "città", "cidade", "gemeinde", "organisation",
        "organization", "ortschaft",
    ),
    whole=("bar", "bars", "ort", "shop", "store", "spa", "rue", "plaats", "stad", "miasto", "firm",
           "via", "domicile", "domicilio", "agency", "agentur", "agence", "agencia"),
)
_STREETS: Final = frozenset(
    ("hill", "road", "rd", "street", "lane", "avenue", "ave", "square", "crescent")
)
# fmt: on
_STREETS_UNLESS_SHOUTED: Final = frozenset(("St", "Way", "Drive", "Close", "Court"))
"""`Girl Street in Leeds` is where something is; `Girl Hotel in Leeds` is perhaps of a girl, as is
`GIRL CLOSE IN CAR`: in capitals some of these are other words."""
_STREETS_AND_FIRMS: Final = frozenset((
    *map(str.lower, _STREETS | _STREETS_UNLESS_SHOUTED),
    "park", "gardens", "garden", "terrace", "boulevard", "blvd", "place", "grove", "mews", "row",
    "walk", "gate", "bridge", "quarter", "estate", "str", "strasse", "weg", "platz", "house",
    "haus", "school", "schule", "hospital", "clinic", "corner", "world", "centre", "center",
    "league", "fashion", "drinks", "cafe", "kitchen", "town", "ltd", "limited", "llc", "inc",
    "gmbh", "co", "plc", "srl", "bv", "pub", "church", "parish", "gym", "unit", "bank", "garten",
    "gymnasium", "scouts",
))  # fmt: skip
"""Behind such a word they make the name of a place: `Leeds, Minor Park`, `Girls School`."""
_WORDS: Final = re.compile(r"[^\W\d_]{2,}")
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_MOST_WORDS_OF_A_NAME: Final = 2
_INTRODUCED: Final = re.compile(
    r"\s*(?:[1-9]\s)?(?P<words>(?:[^\W\d_]+(?:\s+|\s?-\s?)['\"\u2018\u201c\u201e]?)+[^\W\d_]+)"
)
"""`Girl Ana`, `1 Girl Ana`, `Girl-Ana`, `Girl 'Ana'`."""
_BEFORE_SOMEBODY: Final = NO_NAMES | {"a", "little", "small", "with"}
_BEHIND_SOMEBODY: Final = frozenset(("at", "from", "in", "with", "near", "named", "called"))
"""`Girl at Club Rosa`: written small, and no part of a name."""
_HOUSE_NUMBER: Final = re.compile(r"[^\W\d_]\s(?:[1-9]|1[89]|[2-9]\d|\d{3,4})\s?[a-z]?\s*\Z")
"""Behind a street: `Ni\u00f1o Perdido 20`; from 10 to 17 it may be somebody's years."""
_PARTS: Final = re.compile(r"\w+|\W+")
_MARKS: Final = re.compile(r"[,;:|/()\[\]\n]|\s[-\u2013\u2014]\s")
_YEARS: Final = re.compile(
    rf"\s(?:1[0-7](?![^\W_])|{BELOW_18}\s?{YEARS_ALONE})"
    r"|\s?[(\[]\s?1[0-7]\s?[)\]]|\s?[:/\u2010-\u2015-]\s?1[0-7](?=\s*(?:$|[,;:/()\[\]\n]))"
)
"""Right behind such a word: `Girl 15`, `Girl (15)`, `Girl-15`. Before it stands the number of a
house: `15 Minor Way`."""


def is_of_places(heading: str) -> bool:
    """Tell whether places, firms or bars stand under a heading."""
    return _OF_PLACES.search(folded(heading)) is not None


def is_street(word: str) -> bool:
    """Tell whether a word is what a street or a hill is called behind its own name."""
    return (word[0].isupper() and word.lower() in _STREETS) or word in _STREETS_UNLESS_SHOUTED


def read_place(cell: str) -> str:
    """Return the name of a place or a firm without what is a word of victims only elsewhere.

    Such a word counts, and with it the whole cell, that is written small (`minor`), that stands
    alone between commas or brackets, or without a name (`Unknown Girl, 15, room 4`), or behind one
    with somebody's name (`Luna, Girl Ana`), or that has somebody's years behind it (`Club Girl
    15`).
    """
    if _has_somebody(cell):
        return cell
    return folded("".join(part for part in _PARTS.findall(cell) if not _is_name(part)))


def _has_somebody(cell: str) -> bool:
    parts = _MARKS.split(cell)
    if any(map(_stands_alone, parts)) or any(map(_is_somebody, parts[1:])):
        return True
    words = (one for one in re.finditer(r"\w+", cell) if _is_name(one[0]) and not clears(one[0]))
    return any(_YEARS.match(folded(cell[one.end() :])) for one in words)


def _stands_alone(part: str) -> bool:
    words = _WORDS.findall(part)
    others = [folded(word) for word in words if not _is_name(word)]
    return len(others) < len(words) and NO_NAMES.issuperset(others)


def _is_somebody(part: str) -> bool:
    """Tell whether a part behind a mark is of a girl or boy and her name, no street, no bar.

    `Girl Ana` in `Flat 12 a, Girl Ana`; the first part is the name of the place itself.
    """
    introduced = _INTRODUCED.match(part)
    if introduced is None or _HOUSE_NUMBER.search(part):
        return False
    words = _LETTERS.findall(introduced["words"])
    while len(words) > 2 and not _is_name(words[0]) and folded(words[0]) in _BEFORE_SOMEBODY:
        words.pop(0)  # `Unknown Girl Ana`
    who, *behind = words
    behind = behind[:_MOST_WORDS_OF_A_NAME]
    if _is_name(who) and behind[0] in _BEHIND_SOMEBODY:
        return True
    is_of_place = not _STREETS_AND_FIRMS.isdisjoint(map(folded, behind))
    is_of_place = is_of_place or is_of_places(" ".join(behind))
    return _is_name(who) and introduces_somebody(who) and not is_of_place


def _is_name(word: str) -> bool:
    return word[0].isupper() and is_name_too(word)
