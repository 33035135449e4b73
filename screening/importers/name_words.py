"""Words of victims, of children and of the innocent that people and places are called too."""

import re
from typing import Final

from screening.importers.age_words import BELOW_18, YEARS_OF_AGE
from screening.importers.folding import folded, folded_words
from screening.importers.plight_words import tells_of_young

# fmt: off
NAMES_TOO: Final = folded_words(
    whole=(
        "minor", "minors", "child", "children", "mineur", "kurban", "kurbana", "قربانی", "قرباني",
        "kind", "kinder", "enfant", "bambino", "bambina", "chica", "niña", "niño",
        "boy", "teen", "innocent", "innocents", "innocente", "innocenti", "inocente", "inocentes",
        "innocenzo", "masum", "kid", "kids", "baby", "babies", "infant", "minori", "copil", "anak",
        "menino", "çocuk",
    ),
)
"""Words of victims, and of the innocent, that people are called too: Rosa Minor, Lee Child."""
NO_NAMES: Final = frozenset(
    (
        *("unknown", "unnamed", "unidentified", "anonymous", "missing", "rescued", "male"),
        *("female", "girl", "boy", "young", "the", "an", "other", "another", "name", "nn"),
        *("one", "two", "three", "four", "five", "six"),
    )
)
"""Words beside which one of those is no surname."""
_NO_GIVEN_NAMES: Final = folded_words(
    whole=(
        "minor", "minors", "child", "children", "mineur", "kind", "kinder", "enfant", "bambino",
        "bambina", "niña", "niño", "teen", "infant", "minori", "copil", "menino", "çocuk",
    ),
)
"""Of those the words that nobody has as a first name: `Okafor, Innocent` is one."""
# fmt: on
_ABOUT_SOMEBODY: Final = frozenset(
    (
        "unaccompanied",
        "possibly",
        "possible",
        "poss",
        "probably",
        "probable",
        "likely",
        "maybe",
        "suspected",
        "alleged",
        "apparent",
        "apparently",
        "female",
        "male",
        "a",
        "the",
        "is",
    )
)  # fmt: skip
"""What stands beside one of them that is said of somebody."""
_BETWEEN_NAMES: Final = frozenset(("of", "and", "with", "daughter", "son"))
_WORDS: Final = re.compile(r"[^\W\d_]+")
AGE_BEHIND: Final = re.compile(
    rf"[^\W\d_]\W{{1,3}}(?:{BELOW_18}(?:\s?{YEARS_OF_AGE})?|20[012]\d)(?=\W*$|\s*[,;/)\]])",
    re.IGNORECASE,
)
"""A pattern of an age behind a name, or of a year: `Rosa Minor, 15`."""
_SET_APART: Final = re.compile(
    r"(?=(?:[,;|/(\[{<\u2022\xb7=+]|\s[-\u2013\u2014]\s?|[\"*\u201c\u201e\xab](?=\w)"
    r"|(?<![^\W_])['\u2018\u2019\u201a\u2039`\xb4]\s?(?=\w))"
    r"([^,;|/()\[\]{}<>\"'*\u2019\u201c\u201d\xbb]{0,60}?)"
    r"(?=$|[,;|/()\[\]{}<>\"'*\u2019\u201c\u201d\xbb]|\s[-\u2013\u2014]\s))"
)
"""Sought from each mark on anew: in `Rosa, a 'Minor'` one ends what another has set apart."""
_BEFORE_NAME: Final = re.compile(r"([^,;|/()\[\]{}<>\"*]+?)\s*(?:[;|/(\[{<\"]|\s[-\u2013\u2014]\s)")
"""Behind a comma stands the first name: `Minor, Rosa`."""


def tells_behind_name(name: str) -> bool:
    """Tell whether such a word is set apart from a name, as none is that is a part of it."""
    name = " ".join(name.split())
    before = _BEFORE_NAME.match(name)
    parts = [*_SET_APART.findall(name), *([before[1]] if before else [])]
    words = [folded(word) for word in _WORDS.findall(name)]
    is_of_two = any(map(_NO_GIVEN_NAMES.fullmatch, words)) and not _BETWEEN_NAMES.isdisjoint(words)
    return is_of_two or any(map(_is_of_somebody, parts))


def _is_of_somebody(part: str) -> bool:
    words = [folded(word) for word in _WORDS.findall(part)]
    others = [word for word in words if not _NO_GIVEN_NAMES.fullmatch(word)]
    return len(others) < len(words) and _ABOUT_SOMEBODY.issuperset(others)


def is_name_too(word: str) -> bool:
    """Tell whether a word is one that people or places are called, or of a girl or boy."""
    return tells_of_young(word) or NAMES_TOO.fullmatch(folded(word)) is not None


def introduces_somebody(word: str) -> bool:
    """Tell whether the name of a person may stand right behind a word: `Girl Ana`, `Minor Rosa`.

    Not behind `Baby` and `Innocent`, which are parts of the names of shops.
    """
    return tells_of_young(word) or _NO_GIVEN_NAMES.fullmatch(folded(word)) is not None
