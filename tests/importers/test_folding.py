"""Texts are folded so that words are known however they are written, and grow by little."""

import unicodedata
from itertools import chain

import pytest

from screening.importers.folding import folded, spaced


@pytest.mark.parametrize(
    ("text", "word"),
    [
        *[("V\u00cdTIMA", "vitima"), ("v\u00edtima", "vitima"), ("o\ufb03cer", "officer")],
        *[("\U0001d42f\U0001d422\U0001d41c\U0001d42d\U0001d422\U0001d426", "victim")],
        *[("\uff36\uff29\uff23\uff34\uff29\uff2d", "victim"), ("vic\u00adtim", "victim")],
        *[("\u0398\u038e\u039c\u0391", "\u03b8\u03c5\u03bc\u03b1"), ("\u2177", "viii")],
    ],
)
def test_a_word_is_one_however_it_is_written(text: str, word: str) -> None:
    assert folded(text) == word
    assert spaced(text) == word


def test_no_character_grows_to_more_than_four() -> None:
    characters = map(chr, chain(range(0xD800), range(0xE000, 0x20000)))
    longest = max(characters, key=lambda one: len(folded(one)))
    assert len(folded(longest)) <= 4, unicodedata.name(longest)
