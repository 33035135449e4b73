"""Columns of area codes that only their cells tell, and what else begins with a zero."""

from collections.abc import Sequence

import pytest

from screening.vocabulary import area_cells
from screening.vocabulary.area_cells import find_codes_torn_off
from screening.vocabulary.column_names import words_of

# fmt: off
OTHERS = {
    "plz": ("01067", "04109", "03046", "06108"), "zip": ("02139", "01002", "08540", "07030"),
    "cap": ("00184", "09100", "01100", "07100"), "wohnort": ("01067", "04109", "03046", "06108"),
    "month": ("01", "02", "03", "09"), "quarter": ("01", "02", "03", "04"), "": ("01", "02", "03"),
    "check in": ("0700", "0830", "0900", "0945"), "uhrzeit": ("0700", "0830", "0900", "0945"),
    "room": ("030", "040", "069", "089"), "zimmer": ("0203", "0204", "0205", "0206"),
    "seat": ("011", "012", "013", "014"), "flight": ("0123", "0456", "0815", "0401"),
    "hausnr": ("01", "012", "03", "07"), "ext": ("030", "040", "069", "089"),
    "durchwahl": ("030", "012", "013", "014"), "id": ("0203", "0204", "0205", "0206"),
    "kundennr": ("0123", "0345", "0567", "0789"), "pos": ("010", "020", "030", "040"),
    "line": ("010", "020", "030", "040"), "code": ("0001", "0123", "0345", "0567"),
    "reason code": ("010", "020", "030", "040"), "pin": ("0203", "0204", "0205", "0206"),
    "last": ("0123", "0345", "0567", "0789"), "guests": ("01", "02", "02", "04"),
    "pax": ("(10)", "(20)", "(30)", "(40)"), "bundesland": ("01", "02", "08", "09"),
    "iso num": ("040", "056", "076", "036"), "cvv": ("012", "034", "056", "078"),
    "agent": ("0123", "0345", "0567", "0789"), "duration": ("030", "045", "060", "090"),
    "team": ("01", "02", "03", "04"), "departement": ("01", "02", "06", "09"),
}
WHOLE = (
    ("+49 30 23125099", "DE"), ("+49 89 1234567", "DE"), ("030 23125099", "DE"),
    ("3023125099", "DE"), ("15112345678", "DE"), ("+49(0)30 23125099", "DE"), ("(030) 23125", "DE"),
    ("+44 20 7946 0958", "GB"), ("7700900123", "GB"), ("01632 960123", "GB"),
    ("+1 202 555 0142", "US"), ("2025550142", "US"), ("555-0142", "US"),
    ("+33 1 99 00 12 34", "FR"), ("639980012", "FR"), ("06 12345678", "IT"),
    ("+43 664 1234567", "AT"), ("612345678", "NL"), ("+358 50 1234567", "FI"),
    ("701234567", "SE"), ("612 345 678", "ES"), ("+61 2 5550 1234", "AU"), ("791234567", "CH"),
    ("11999991234", "BR"), ("13912345678", "CN"), ("no phone", "DE"), ("", "DE"),
)
TORN = (
    ("030", "23125099", "DE"), ("(030)", "23125099", "DE"), ("0 30", "2312 5099", "DE"),
    ("030-", "23125099", "DE"), ("0152/", "28817386", "DE"), ("'030", "23125099", "DE"),
    ("(0)30", "23125099", "DE"), ("030.0", "23125099", "DE"), ("0)30", "23125099", "DE"),
    ("030", "+49 23125099", None), ("030", "0049 23125099", None), ("033205", "123456", "DE"),
    ("020", "7946 0958", "GB"), ("0207", "946 0958", "GB"), ("0117", "496 0123", "GB"),
    ("01", "5123456", "AT"), ("0664", "1234567", "AT"), ("06", "12345678", "IT"),
    ("03", "1234 5678", "JP"), ("022", "12345678", "IN"), ("0212", "1234567", "TR"),
    ("02", "1234567", "BE"), ("(495)", "1234567", "RU"), ("044", "6681800", "CH"),
)
# fmt: on


def found(name: str, rows: Sequence[Sequence[str]], region: str | None) -> int | None:
    return find_codes_torn_off([name, "tel"], rows, phones=[1], region_of=lambda _: region)


@pytest.mark.parametrize(("code", "number", "region"), TORN)
def test_codes_that_complete_the_numbers_beside_are_of_areas_whatever_their_name(
    code: str, number: str, region: str | None
) -> None:
    rows = [[code, number], ["", number], [code, ""]]
    names = ("", "col", "part 1", "zone", "code", "\u043a\u043e\u0434", "tel")
    assert [name for name in names if found(name, rows, region) != 0] == []


@pytest.mark.parametrize("name", OTHERS)
def test_other_things_with_a_zero_before_them_are_no_codes_of_areas(name: str) -> None:
    torn = [
        phone
        for phone, region in WHOLE
        if found(name, [[cell, phone] for cell in OTHERS[name]], region) is not None
    ]
    assert torn == []


def test_without_a_country_nothing_is_told_of_a_number() -> None:
    assert found("col", [["030", "23125099"]], None) is None
    assert found("col", [["030", "23125099"]], "Germany") is None


def test_codes_stand_under_the_name_of_another_phone_too() -> None:
    phones = ["tel", "tel"]
    rows = [["0152", "28817386"]]
    assert find_codes_torn_off(phones, rows, phones=[0, 1], region_of=lambda _: "DE") == 0


def test_a_column_is_no_area_of_itself() -> None:
    rows = [["030", "23125099"]]
    assert find_codes_torn_off(["tel", "x"], rows, phones=[0], region_of=lambda _: "DE") is None


def test_most_codes_must_complete_a_number_and_be_some() -> None:
    torn, whole, name = ["030", "23125099"], ["010", "23125099"], ["Berlin", "23125099"]
    assert found("x", [torn, torn, whole], "DE") == 0
    assert found("x", [torn, whole], "DE") is None
    assert found("x", [torn, torn, name], "DE") is None


def test_each_word_is_spelled_as_names_are_compared() -> None:
    words = area_cells._OF_SOMETHING_ELSE
    assert [word for word in words if words_of(word) != [word]] == []
