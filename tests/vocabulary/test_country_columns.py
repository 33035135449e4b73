"""Words by which columns of countries and of codes are known."""

import pytest

from screening.vocabulary import country_columns, dialling_columns
from screening.vocabulary.column_names import words_of

NAMED = (
    (country_columns, ("_COUNTRY_WORDS", "_OF_SOMETHING_ELSE", "_OF_PEOPLE")),
    (dialling_columns, ("_AREA_WORDS", "_AREA_STEMS", "_PERHAPS_AREA_WORDS", "_OF_CLOCKS")),
    (dialling_columns, ("_DIALLING_WORDS", "_DIALLING_STEMS", "CODE_WORDS", "_OF_PHONE_WORDS")),
)
WORDS = [
    word for module, names in NAMED for name in names for word in sorted(getattr(module, name))
]


@pytest.mark.parametrize("word", WORDS)
def test_each_word_is_spelled_as_names_are_compared(word: str) -> None:
    assert words_of(word) == [word]


@pytest.mark.parametrize(
    "name",
    [
        *("Woonland", "居住国", "國別", "Hemland", "Bosättningsland", "Bopælsland", "Asuinmaa"),
        *(
            "Ország neve",
            "Χώρα διαμονής",
            "거주 국가",
            "بلد الإقامة",
            "निवास का देश",
            "Quốc gia cư trú",
        ),
        *("Państwo", "Šalies kodas", "Valsts nosaukums", "Elukohariik"),
    ],
)
def test_a_column_is_of_countries_by_a_word_of_its_name(name: str) -> None:
    assert country_columns.find_countries(["x", name], [["a", "b"]], [1]) == 1


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
        ("44.0", "GB"),
        ("044", None),
    ],
)
def test_a_dialling_code_is_read_as_its_country(cell: str, region: str | None) -> None:
    assert dialling_columns.find_region(cell) == region
