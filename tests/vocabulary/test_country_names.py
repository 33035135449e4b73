"""Cells that are countries, by name, by a code of three letters, or by a flag."""

import pytest

from screening.vocabulary.country_names import is_country


@pytest.mark.parametrize(
    "cell",
    [
        "Germany", "DEUTSCHLAND", "Alemania", "allemagne", "United States", "u.s.a.", "Espana",
        "Côte d'Ivoire", "Österreich", "FRA", "USA", "DE - Germany", "Germany (DE)",
        "Paris, France", "\U0001f1eb\U0001f1f7", "\U0001f1eb\U0001f1f7 France",
        "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    ],
)  # fmt: skip
def test_a_country_is_known_by_its_name_its_code_or_its_flag(cell: str) -> None:
    assert is_country(cell)


@pytest.mark.parametrize(
    "cell",
    ["", "Paris", "Lebanon, PA", "per", "can", "seen in Germany twice", "\U0001f600", "Georgia",
     "DE", "\U0001f1fd\U0001f1fd"],
)  # fmt: skip
def test_what_is_no_country_by_itself_is_none(cell: str) -> None:
    assert not is_country(cell)
