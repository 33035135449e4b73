"""Text without case and accents, so that words are known however they are written.

Of `VÍTIMA`, `vítima` and `vitima` all are one word, and Greek capitals have no accent in any case.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

_DOTLESS: Final = str.maketrans("\u0131", "i")
"""Of Turkish, in which a capital I may be either."""


def folded(text: str) -> str:
    """Return `text` in lower case, without accents and other marks upon its letters.

    Each character by itself: NFKD takes quadratic time on a long run of combining marks.
    """
    if text.isascii():
        return text.lower()
    parts = "".join(unicodedata.normalize("NFKD", character) for character in text)
    return "".join(c for c in parts if not unicodedata.combining(c)).casefold().translate(_DOTLESS)


def folded_words(*, within: Iterable[str], begin: Iterable[str]) -> re.Pattern[str]:
    """Return what finds words in folded text: anywhere, in compounds too, or where one begins."""
    anywhere = "|".join(re.escape(folded(word)) for word in within)
    at_start = "|".join(re.escape(folded(word)) for word in begin)
    return re.compile(rf"{anywhere}|(?<![^\W_])(?:{at_start})")
