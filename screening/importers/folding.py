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
_MOST_OF_ONE: Final = 4
"""Characters that one is parted into. Letters and numerals have no more; U+FDFA is a sentence of
18, so that a file of it would be six times as long to every pattern."""
_BETWEEN_WORDS: Final = re.compile(r"[\s_/'\u2019\u2010-\u2015-]+")
_NO_WORD_BEFORE: Final = r"(?<![^\W_])"
_NO_WORD: Final = r"(?![^\W_])"


def folded(text: str) -> str:
    """Return `text` in lower case, without marks upon its letters and signs that nobody sees.

    Each character by itself: NFKD takes quadratic time on a long run of combining marks.
    """
    if text.isascii():
        return text.lower()
    parts = "".join(unicodedata.normalize("NFKD", character)[:_MOST_OF_ONE] for character in text)
    letters = "".join(filter(_is_seen, parts))
    return letters.casefold().translate(_DOTLESS)


def spaced(text: str) -> str:
    """Return folded text, one space for all that may part words: `sex_slave`, `under-age`."""
    return _BETWEEN_WORDS.sub(" ", folded(text))


def folded_words(
    *, within: Iterable[str] = (), begin: Iterable[str] = (), whole: Iterable[str] = ()
) -> re.Pattern[str]:
    """Return what finds words in folded text.

    Those `within` anywhere, in compounds too; others where one begins with them; others `whole`.
    """
    forms = (("", within, ""), (_NO_WORD_BEFORE, begin, ""), (_NO_WORD_BEFORE, whole, _NO_WORD))
    # Of no words at all the pattern would be found everywhere.
    found = ((before, _spellings(words), after) for before, words, after in forms)
    return re.compile("|".join(f"{b}(?:{_any_of(words)}){a}" for b, words, a in found if words))


def _is_seen(character: str) -> bool:
    """Tell a letter from a mark upon it, and from signs that nobody sees: soft hyphens, joiners."""
    return not unicodedata.combining(character) and unicodedata.category(character) != "Cf"


def _spellings(words: Iterable[str]) -> list[str]:
    """Return words as they stand in `folded` texts, and in `spaced` them."""
    return [one for word in words for one in sorted({folded(word), spaced(word)})]


def _any_of(words: Iterable[str]) -> str:
    """Return a pattern of any of some words, parted by their first letters.

    Most places in a text begin none of them, and are passed in half of the time (measured).
    """
    endings: defaultdict[str, list[str]] = defaultdict(list)
    for word in words:
        endings[word[0]].append(re.escape(word[1:]))
    return "|".join(f"{re.escape(first)}(?:{'|'.join(ends)})" for first, ends in endings.items())
