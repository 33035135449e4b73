"""What a cell holds, whose number it is, and what it has lost."""

import pytest

from screening.vocabulary.cells import read_cell
from screening.vocabulary.normalise import normalise
from screening.vocabulary.recognition import find_kind
from screening.vocabulary.selector import Canonical, SelectorKind
from tests.vocabulary.conftest import CANONICAL_CASES


@pytest.mark.parametrize(
    "value",
    [
        *("12025550142", "1 (202) 555-0142", "1-202-555-0142"),
        *("tel:442079460958", "tel:12025550142"),
        *("442079460958", "61491570156", "33199001234", "48501234567", "436641234567"),
    ],
)
def test_bare_digits_that_may_be_of_another_country_are_asked_about_as_none(value: str) -> None:
    assert read_cell(SelectorKind.PHONE, value, "DE") == "unclear_country"


@pytest.mark.parametrize(
    ("value", "region"),
    [("12025550142", "AT"), ("33612345678", "IT"), ("33612345678", "ID"), ("34612345678", "AT")],
)
def test_a_plan_that_has_nearly_every_number_makes_none_its_own(value: str, region: str) -> None:
    assert read_cell(SelectorKind.PHONE, value, region) == "unclear_country"


@pytest.mark.parametrize(
    ("value", "region"),
    [
        *(("+2025550142", "US"), ("+20 7946 0958", "GB"), ("+15112345678", "DE")),
        *(("+2025550142", "DE"), ("(+2025550142)", "US"), ("(+20) 7946 0958", "GB")),
        *(("tel:+2025550142", "US"), ("+48 (0)22 123 45 67", None), ("+36 (0)1 234 5678", "HU")),
        *(("+420 (0)2 1234 5678", "DE"), ("+852 (0)2123 2103", None)),
    ],
)
def test_a_plus_before_a_number_of_the_country_itself_is_told(value: str, region: str) -> None:
    assert read_cell(SelectorKind.PHONE, value, region) == "unclear_country"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("0202555010", "unclear_country"),
        ("020 2555 010", "unclear_country"),
        ("1202555010", "impossible_length"),
        ("1-202-555-010", "impossible_length"),
        ("+1 0202555010", "unclear_country"),
    ],
)
@pytest.mark.parametrize("region", ["US", "CA"])
def test_ten_digits_that_no_area_code_of_north_america_begins_are_asked_about_as_none(
    value: str, code: str, region: str
) -> None:
    assert read_cell(SelectorKind.PHONE, value, region) == code


@pytest.mark.parametrize(
    ("value", "region"),
    [
        *(("15123456789", "DE"), ("3023125123", "DE"), ("5111234567", "DE"), ("84951234567", "RU")),
        *(("15012345678", "CN"), ("11912345678", "BR"), ("+12025550142", "DE")),
        *(("+201001234567", "US"), ("6641234567", "AT")),
    ],
)
def test_a_number_that_is_written_so_in_its_country_is_of_it(value: str, region: str) -> None:
    assert read_cell(SelectorKind.PHONE, value, region) == normalise("phone", value, region=region)


@pytest.mark.parametrize("value", ["4915112345678", "49 151 12345678", "tel:4915112345678"])
def test_a_number_that_lacks_the_plus_of_its_own_country_is_told(value: str) -> None:
    assert read_cell(SelectorKind.PHONE, value, "DE") == "unclear_country"


def test_a_zero_in_brackets_behind_the_code_of_its_own_country_tells_that_it_is_the_code() -> None:
    read = read_cell(SelectorKind.PHONE, "49 (0)151 12345678", "DE")
    assert read == normalise("phone", "+4915112345678")


@pytest.mark.parametrize("value", ["+447700900123", "+353201234567", "+41205550100"])
@pytest.mark.parametrize("region", ["DE", "AT"])
def test_a_plus_before_a_long_number_that_no_plan_has_is_where_it_belongs(
    value: str, region: str
) -> None:
    assert read_cell(SelectorKind.PHONE, value, region) == normalise("phone", value)


@pytest.mark.parametrize(
    "value", ["+49 (0)30 23125099", "+39 (0)6 1234 5678", "+44 (0)20 7946 0958"]
)
def test_a_zero_that_the_plan_knows_is_read(value: str) -> None:
    assert read_cell(SelectorKind.PHONE, value, None) == normalise("phone", value)


def test_a_card_among_phones_is_no_phone() -> None:
    assert read_cell(SelectorKind.PHONE, "378282246310005", "DE") == "not_a_phone"


@pytest.mark.parametrize(
    ("value", "region"),
    [
        *(("612345678", "IT"), ("612345678", "VA"), ("(6) 1234 5678", "IT"), ("612345678", "it")),
        *(("1441234", "GA"), ("549886377", "SM")),
    ],
)
def test_a_number_that_has_lost_the_zero_which_is_part_of_it_is_changed(
    value: str, region: str
) -> None:
    assert read_cell(SelectorKind.PHONE, value, region) == "changed_number"
    whole = f"0{value}"
    assert read_cell(SelectorKind.PHONE, whole, region) == normalise("phone", whole, region=region)


@pytest.mark.parametrize(
    ("value", "region"),
    [
        *(("3123456789", "IT"), ("1712345678", "DE"), ("612345678", "FR"), ("2079460958", "GB")),
        *(("612345678", "NL"), ("412345678", "AU"), ("5321234567", "TR"), ("2025550142", "US")),
        ("+39612345678", "IT"),
    ],
)
def test_a_number_that_needs_no_zero_is_asked_about_without_it(value: str, region: str) -> None:
    assert read_cell(SelectorKind.PHONE, value, region) == normalise("phone", value, region=region)


@pytest.mark.parametrize(
    ("value", "region"),
    [
        *((f"202-555-0100{between}0142", "US") for between in (", ", ",", "; ", ";", " , ")),
        *(("020 7946 0957,8", "GB"), ("030 23125110, 111", "DE"), ("+1 202 555 0172, 0173", None)),
    ],
)
def test_the_end_of_a_second_number_behind_a_comma_is_no_extension(
    value: str, region: str | None
) -> None:
    assert read_cell(SelectorKind.PHONE, value, region) == "several_values"


@pytest.mark.parametrize("extension", [" x12", ";ext=12", " ext. 4", ",,12#", ",", " #4"])
def test_an_extension_is_still_one(extension: str) -> None:
    read = read_cell(SelectorKind.PHONE, f"202-555-0100{extension}", "US")
    assert read == normalise("phone", "202-555-0100", region="US")


@pytest.mark.parametrize("extension", [" x5", " ext 5", "#5", ",,12#"])
@pytest.mark.parametrize(
    ("value", "region", "code"),
    [
        *(("442079460958", "DE", "unclear_country"), ("12025550142", "DE", "unclear_country")),
        *(("612345678", "IT", "changed_number"), ("4242424242424242", "DE", "not_a_phone")),
    ],
)
def test_a_number_is_none_of_another_country_because_of_an_extension(
    value: str, region: str, code: str, extension: str
) -> None:
    assert read_cell(SelectorKind.PHONE, value + extension, region) == code


@pytest.mark.parametrize(
    ("value", "region", "code"),
    [
        ("tel: 442079460958", "DE", "unclear_country"),
        ("tel:442079460958;ext=5", "DE", "unclear_country"),
        ("tel: +2025550142", "US", "unclear_country"),
        ("tel: 612345678", "IT", "changed_number"),
        ("tel: 030 23125099 (2019)", "DE", "remark_in_cell"),
    ],
)
def test_a_link_is_doubted_as_its_number_is(value: str, region: str, code: str) -> None:
    assert read_cell(SelectorKind.PHONE, value, region) == code


@pytest.mark.parametrize("value", ["tel: 202-555-0100", "tel:202-555-0100;ext=5"])
def test_a_link_with_a_space_or_parameters_is_still_one(value: str) -> None:
    read = read_cell(SelectorKind.PHONE, value, "US")
    assert read == normalise("phone", "202-555-0100", region="US")


@pytest.mark.parametrize("between", ["~", "\uff5e", "\u301c", " ~ "])
@pytest.mark.parametrize(("value", "region"), [("020 7946 0957", "GB"), ("+44 20 7946 0957", None)])
def test_the_last_of_several_lines_is_no_extension(
    value: str, region: str | None, between: str
) -> None:
    assert read_cell(SelectorKind.PHONE, f"{value}{between}58", region) == "several_values"


@pytest.mark.parametrize("value", ["4242424242424242 006", "378282246310005 0000"])
def test_a_card_with_its_security_code_is_not_another_card(value: str) -> None:
    assert read_cell(SelectorKind.CARD, value, None) == "several_values"


def test_an_apostrophe_by_which_a_spreadsheet_marks_a_text_is_not_read() -> None:
    read = read_cell(SelectorKind.EMAIL, "'j.doe@x.example", None)
    assert read == normalise("email", "j.doe@x.example")


@pytest.mark.parametrize("value", ["x" * 100_000, "\u0301" * 100_000, "x " * 50_000, "1 " * 50_000])
@pytest.mark.parametrize("kind", list(SelectorKind))
def test_a_huge_cell_is_too_long_at_once(kind: SelectorKind, value: str) -> None:
    assert read_cell(kind, value, "US") == "too_long"
    assert find_kind(value, "US") is None


@pytest.mark.parametrize("card", ["4242 4242 4242 4241", "4242-4242-4242-4241"])
def test_a_card_in_groups_is_one_value_whatever_is_wrong_with_it(card: str) -> None:
    assert read_cell(SelectorKind.CARD, card, "US") == "bad_checksum"


def test_all_other_values_are_what_the_normaliser_says() -> None:
    for case in CANONICAL_CASES:
        if case["kind"] in set(SelectorKind):
            read = read_cell(SelectorKind(case["kind"]), case["raw"], case.get("region"))
            expected = case.get("error")
            assert (read.text if isinstance(read, Canonical) else read) == (
                expected or case["canonical"]
            )


@pytest.mark.parametrize(
    ("value", "region"),
    [("=+12025550100", None), ("=+12025550100", "US"), ("=442079460958", "GB")],
)
def test_a_formula_is_no_second_number_and_lacks_no_region(value: str, region: str | None) -> None:
    assert read_cell(SelectorKind.PHONE, value, region) == "remark_in_cell"


def test_a_long_extension_is_a_second_number() -> None:
    assert read_cell(SelectorKind.PHONE, "2025550100=2025550101", "US") == "several_values"


@pytest.mark.parametrize("region", ["US", "GB", "DE", None])
@pytest.mark.parametrize("context", ["+1", "example.com", "+2025550142", ""])
@pytest.mark.parametrize("number", ["+1 202 555 0142", "+2025550142", "2025550142"])
def test_parameters_of_a_link_spoil_their_own_cell_alone(
    number: str, context: str, region: str | None
) -> None:
    read = read_cell(SelectorKind.PHONE, f"{number};phone-context={context}", region)
    assert isinstance(read, str) or read.text == "+12025550142"


@pytest.mark.parametrize(
    ("value", "region"),
    [
        *((f"020 7946 0958 {remark}", "GB") for remark in ("home", "mobile", "(Jim)")),
        ("Room 12 020 7946 0958", "GB"),
        *((f"(202) 555-0142 {remark}", "US") for remark in ("home", "ask for Jim", "after 6pm")),
    ],
)
def test_a_remark_beside_a_national_number_is_called_one(value: str, region: str) -> None:
    assert read_cell(SelectorKind.PHONE, value, region) == "remark_in_cell"


@pytest.mark.parametrize("value", ["home 020 79", "Ann 12345"])
def test_beside_words_too_few_digits_are_no_remark(value: str) -> None:
    assert read_cell(SelectorKind.PHONE, value, "GB") in ("impossible_length", "not_a_phone")
