"""Words of victims, of children and of the innocent that people and places are called too."""

import re
from typing import Final

from indexer.importers.age_words import BELOW_18
from indexer.importers.folding import folded, folded_words
from indexer.importers.plight_words import tells_of_young

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
AGE_BEHIND: Final = re.compile(rf"[^\W\d_]\W{{1,3}}{BELOW_18}(?=\W*$|\s*[,;/)\]])")
"""A pattern of an age behind a name: `Rosa Minor, 15`."""
_BEHIND_MARKS: Final = re.compile(r"[,;|/(\[]([^,;|/()\[\]]*)")


def tells_behind_name(name: str) -> bool:
    """Tell whether such a word is set apart from a name, as none is that is a part of it."""
    parts = _BEHIND_MARKS.findall(name)
    return any(_NO_GIVEN_NAMES.fullmatch(folded(part).strip()) for part in parts)


def is_name_too(word: str) -> bool:
    """Tell whether a word is one that people or places are called, or of a girl or boy."""
    return tells_of_young(word) or NAMES_TOO.fullmatch(folded(word)) is not None
