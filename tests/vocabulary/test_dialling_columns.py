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


@pytest.mark.parametrize(
    "code",
    ["+44", "0044", "'+44", '="+44"', "\uff0b44", "+44.0", "(+44)", "+ 44", "\u202d+44\u202c"],
)
def test_a_code_is_known_however_programs_write_it(code: str) -> None:
    rows = sample([code, code, "", code])
    assert find_dialling_codes(["phone", "x"], rows, [0, 1]) == 1
