"""Words of victims, of children and of the innocent that people and places are called too."""

from typing import Final

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
# fmt: on


def is_name_too(word: str) -> bool:
    """Tell whether a word is one of them: `Minor`, `Girl`."""
    return tells_of_young(word) or NAMES_TOO.fullmatch(folded(word)) is not None
