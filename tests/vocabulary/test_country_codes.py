"""Codes of three letters: each country that has phones has one, which means it and no other."""

import phonenumbers
import pytest

from screening.vocabulary.country_codes import ALPHA_3, find_alpha_2
from screening.vocabulary.normalise import is_region

WITHOUT: frozenset[str] = frozenset(("AC", "TA", "XK"))
"""Ascension, Tristan da Cunha and Kosovo: ISO 3166-1 has no three letters for them."""


def test_each_country_with_phones_has_one_code_of_three_letters() -> None:
    meant = [find_alpha_2(code) for code in ALPHA_3]
    assert len(set(meant)) == len(meant)
    assert set(meant) == set(phonenumbers.SUPPORTED_REGIONS) - WITHOUT
    assert all(len(code) == 3 and code.isupper() for code in ALPHA_3)


@pytest.mark.parametrize(
    ("code", "region"),
    [("USA", "US"), (" deu ", "DE"), ("AUT", "AT"), ("AUS", "AU"), ("IRL", "IE"), ("CHE", "CH")],
)
def test_a_code_means_its_country_in_letters_of_either_case(code: str, region: str) -> None:
    assert find_alpha_2(code) == region
    assert is_region(region)


@pytest.mark.parametrize(
    "code", ["", "US", "GER", "USAX", "U SA", "001", "United States", "\u017fWE"]
)
def test_what_is_no_code_means_no_country(code: str) -> None:
    assert find_alpha_2(code) is None
