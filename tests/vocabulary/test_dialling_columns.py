"""Columns of dialling codes and of area codes: told from each other, and from extensions."""

import pytest

from screening.vocabulary.dialling_columns import find_area_codes, find_dialling_codes

NUMBERS = ["2025550142", "2025550143", "2025550144", "2025550145"]


def sample(codes: list[str]) -> list[list[str]]:
    return [[number, code] for number, code in zip(NUMBERS, codes, strict=True)]


@pytest.mark.parametrize(
    "name", ["landesvorwahl", "dial code", "länderkennzahl", "国际区号", "country code landsnummer"]
)
def test_a_code_of_a_country_is_no_area_code(name: str) -> None:
    rows = sample(["49", "33", "49", "1"])
    assert find_area_codes(["phone", name], rows, [0, 1]) is None
    assert find_dialling_codes(["phone", name], rows, [0, 1]) == 1


@pytest.mark.parametrize("name", ["phone ext", "tel extension", "telefon durchwahl", "phone dw"])
def test_an_extension_is_no_code(name: str) -> None:
    rows = sample(["20", "31", "44", "81"])
    assert find_area_codes(["phone", name], rows, [0, 1]) is None
    assert find_dialling_codes(["phone", name], rows, [0, 1]) is None


def test_a_name_of_phones_holds_codes_only_beside_another_one() -> None:
    rows = sample(["44", "33", "44", "44"])
    assert find_dialling_codes(["phone", "phonecc"], rows, [0, 1]) == 1
    assert find_dialling_codes(["rooms", "phonecc"], rows, [0, 1]) is None
