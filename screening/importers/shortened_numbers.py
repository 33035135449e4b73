"""Tells the end of a second number, written without what it shares with the one before it."""

import re
from typing import Final

from screening.importers.phone_labels import is_connector
from screening.importers.phone_reading import digit_groups

_WORD_BEHIND: Final = re.compile(r"\s+(?!(?:or|and|und|oder|et|ou|y|o)\b)[^\W\d_]")
_WHOLE_DIGITS: Final = 7
"""Of a group that is a number by itself: nothing says how many of its digits an end has."""
_FEWEST_OF_WHOLE: Final = 3
"""With fewer it is somebody's age."""


def ends_another(text: str, number: tuple[int, int], digits: tuple[int, int]) -> bool:
    """Tell whether `digits` are the end of a second one: `+1 202 555 0176, 0177`.

    Both are places in `text`; what joins them stands between.
    """
    after = digit_groups(text[slice(*digits)])
    if len(after) != 1 or _WORD_BEHIND.match(text, digits[1]):
        return False
    last, end = _last_digits(text, number), len(after[0])
    is_as_long = end == last or (last >= _WHOLE_DIGITS > end >= _FEWEST_OF_WHOLE)
    return is_as_long and is_connector(text[number[1] : digits[0]])


def _last_digits(text: str, number: tuple[int, int]) -> int:
    """Count the digits of the last group of a number.

    From its end: what has had many ends already is long, and is looked at for each further one.
    """
    start, end = number
    while not text[end - 1].isdecimal():
        end -= 1
    first = end
    while first > start and text[first - 1].isdecimal():
        first -= 1
    return end - first
