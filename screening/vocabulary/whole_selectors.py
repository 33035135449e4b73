"""Tells whether a whole selector stands within a longer text, whichever kind its column is of."""

import re
from typing import Final

from screening.vocabulary.plain_text import has_words
from screening.vocabulary.recognition import (
    holds_card,
    holds_international,
    holds_phone,
    is_canonical,
    is_card,
)
from screening.vocabulary.selector import SelectorKind

_BETWEEN_WORDS: Final = re.compile(r"[\s,;|<>()\[\]{}\"]+|:(?=\S*@)")
_AROUND: Final = ".:!?'"


def holds_whole(text: str, region: str | None) -> bool:
    """Tell whether an address, a card or a phone stands in `text`, and something else beside it."""
    if holds_whole_address(text):
        return True
    if not has_words(text):  # what stands beside is a number as well, or only signs between digits
        return holds_card(text) and not is_card("".join(filter(str.isdecimal, text)))
    return holds_international(text) or holds_card(text) or holds_phone(text, region)


def holds_whole_address(text: str) -> bool:
    """Tell whether one of several words in `text` is an address as it stands."""
    words = [word.strip(_AROUND) for word in _BETWEEN_WORDS.split(text)]
    return len(list(filter(None, words))) > 1 and any(
        is_canonical(SelectorKind.EMAIL, word) for word in words if "@" in word
    )
