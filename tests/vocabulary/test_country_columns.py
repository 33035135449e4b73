"""Words by which columns of countries and of codes are known."""

import pytest

from screening.vocabulary import country_columns
from screening.vocabulary.column_names import words_of

WORDS = [
    word
    for name in (
        *("_COUNTRY_WORDS", "_OF_SOMETHING_ELSE", "_AREA_WORDS", "_DIALLING_WORDS"),
        *("_CODE_WORDS", "_OF_PHONE_WORDS", "_OF_PEOPLE", "_OF_CLOCKS"),
    )
    for word in sorted(getattr(country_columns, name))
]


@pytest.mark.parametrize("word", WORDS)
def test_each_word_is_spelled_as_names_are_compared(word: str) -> None:
    assert words_of(word) == [word]


@pytest.mark.parametrize(
    ("cell", "region"),
    [
        ("+44", "GB"),
        ("0044", "GB"),
        ("44", "GB"),
        ("+1", "US"),
        ("+999", None),
        ("GB", None),
        ("uk", "GB"),
    ],
)
def test_a_dialling_code_is_read_as_its_country(cell: str, region: str | None) -> None:
    assert country_columns.find_region(cell) == region
