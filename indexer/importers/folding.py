"""Text without case and accents, so that words are known however they are written.

Of `VÍTIMA`, `vítima` and `vitima` all are one word, and Greek capitals have no accent in any case.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

_DOTLESS: Final = str.maketrans("\u0131", "i")
"""Of Turkish, in which a capital I may be either."""
_NO_WORD_BEFORE: Final = r"(?<![^\W_])"
_NO_WORD: Final = r"(?![^\W_])"


def folded(text: str) -> str:
    """Return `text` in lower case, without accents and other marks upon its letters.

    Each character by itself: NFKD takes quadratic time on a long run of combining marks.
    """
    if text.isascii():
        return text.lower()
    parts = "".join(unicodedata.normalize("NFKD", character) for character in text)
    return "".join(c for c in parts if not unicodedata.combining(c)).casefold().translate(_DOTLESS)


def folded_words(
    *, within: Iterable[str] = (), begin: Iterable[str] = (), whole: Iterable[str] = ()
) -> re.Pattern[str]:
    """Return what finds words in folded text.

    Those `within` anywhere, in compounds too; others where one begins with them; others `whole`.
    """
    forms = (("", within, ""), (_NO_WORD_BEFORE, begin, ""), (_NO_WORD_BEFORE, whole, _NO_WORD))
    # Of no words at all the pattern would be found everywhere.
    found = ((before, list(map(folded, words)), after) for before, words, after in forms)
    return re.compile("|".join(f"{b}(?:{_any_of(words)}){a}" for b, words, a in found if words))


def _any_of(words: Iterable[str]) -> str:
    """Return a pattern of any of some words, parted by their first letters.

    Most places in a text begin none of them, and are passed in half of the time (measured).
    """
    endings: defaultdict[str, list[str]] = defaultdict(list)
    for word in words:
        endings[word[0]].append(re.escape(word[1:]))
    return "|".join(f"{re.escape(first)}(?:{'|'.join(ends)})" for first, ends in endings.items())
