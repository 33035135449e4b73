"""Which lines of a text stand above others, and how high."""

import re
from typing import Final

NO_LEVEL: Final = 7
"""Of a heading that says no level: below the six of Markdown."""
_LEVEL: Final = re.compile(r"(#{1,6})\s+\S")
_COLONS: Final = (":", "\uff1a")
_MOST_WORDS: Final = 8


def marked_level(line: str) -> int | None:
    """Return how deep a line stands that is marked as a heading, from 1; None of any other."""
    text = line.strip()
    if marked := _LEVEL.match(text):
        return len(marked[1])
    return NO_LEVEL if text.endswith(_COLONS) else None


def is_short(line: str) -> bool:
    """Tell whether a line may be a heading though nothing marks it."""
    return len(line.split()) <= _MOST_WORDS
