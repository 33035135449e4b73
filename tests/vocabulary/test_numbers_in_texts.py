"""Numbers beside dates, shares, tax numbers and flights: which are phones, and which never are."""

import pytest

from screening.vocabulary.cells import read_cell
from screening.vocabulary.other_columns import names_other
from screening.vocabulary.recognition import (
    holds_international,
    holds_phone,
    holds_unmistakable,
    is_unmistakable,
    may_hold_selector,
)
from screening.vocabulary.selector import SelectorKind
from screening.vocabulary.written_phones import phone_runs


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("020 7946 0958 (12.05.26)", "GB"),
        ("(202) 555-0142 (12.05.26)", "US"),
        ("02079460958 14:00-16:00", "GB"),
        ("14:00 / 020 7946 0958", "GB"),
        ("Ann 02079460958", "GB"),
        ("04.05.-07.05.26 600 00 01 23", "ES"),
        ("04.05.-07.05.26 (202) 555-0142", None),
        ("378282246310005 5.5.26-7.5.26", None),
        ("Suite 1204 - 4242424242424242", "US"),
        ("12.05.26 4242424242424242 Rm 204", "DE"),
    ],
)
def test_a_phone_beside_a_date_or_hours_is_told(text: str, region: str) -> None:
    assert may_hold_selector(text, region, bare=False)


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("Room 12 020 7946 0958", "GB"),
        ("Room 12 020 7946 0958", None),
        ("9-17 020 7946 0958", "GB"),
        ("2 3 14 12 05 26 020 7946 0958 17", "GB"),
        ("202-555-0142 9-17", "US"),
        ("202-555-0142 12/05/26", "US"),
    ],
)
def test_a_number_beside_a_phone_hides_it_nowhere(text: str, region: str | None) -> None:
    assert holds_phone(text, region)
    assert holds_unmistakable(text, region)
    assert may_hold_selector(text, region, bare=False)


def test_many_groups_of_digits_are_read_at_once() -> None:
    # A second or two; what is quadratic would take minutes.
    runs = phone_runs("12345 " * 300_000)
    assert sum(1 for _ in runs) == 2 * 300_000 - 3


@pytest.mark.parametrize("text", ["4667 0420 5625 4973", "3704 0044 0532", "2026-00123 14 30"])
def test_no_part_of_an_id_is_a_phone(text: str) -> None:
    assert not holds_phone(text, "US")


@pytest.mark.parametrize("text", ["2025550142 5.5.26-7.5.26", "04.05.-07.05.26 442079460958"])
def test_digits_alone_beside_a_stay_may_be_a_phone(text: str) -> None:
    assert may_hold_selector(text, None, bare=True)


@pytest.mark.parametrize("text", ["12345678 (12.05.26)", "12.05.26", "1.234,50 (12.05.26)"])
def test_an_id_or_an_amount_beside_a_date_is_none(text: str) -> None:
    assert not may_hold_selector(text, "DE", bare=True)


@pytest.mark.parametrize(
    "text", ["+1.013323%", "+48.856613", "+48.8566131, +2.3522219", "+100.123456", "+12,5 %"]
)
def test_a_share_or_a_place_on_earth_is_no_phone(text: str) -> None:
    assert not holds_international(text)


@pytest.mark.parametrize(
    "text",
    [
        "+1.2025550142",
        "+354.5551234",
        "+47.22123456",
        "+44.2079460958",
        "+48.22.1234567",
        "+1.202.555.0142",
    ],
)
def test_a_phone_with_dots_is_one(text: str) -> None:
    assert holds_international(text)


def test_a_german_tax_number_is_no_phone() -> None:
    assert not is_unmistakable("013/815/08153", "DE")
    assert is_unmistakable("030/23125099", "DE")


@pytest.mark.parametrize(
    ("text", "region", "told"),
    [
        ("invoice 0012345678", "GB", False),
        ("booking 020 7946 0958", "GB", True),
        ("flight BA0123 14.05.26", "GB", False),
        ("Ann202-555-0142", "US", True),
    ],
)
def test_what_stands_before_a_number_names_it(text: str, region: str, told: bool) -> None:
    assert holds_phone(text, region) is told


@pytest.mark.parametrize("text", ["Expedia 1712345678", "Box 1712345678", "text 17123456789"])
def test_no_extension_begins_within_a_word(text: str) -> None:
    assert read_cell(SelectorKind.PHONE, text, "US") != "several_values"


@pytest.mark.parametrize("mark", [" ext ", "x", "ext.", " x", "#"])
def test_an_extension_as_long_as_a_number_is_another(mark: str) -> None:
    assert read_cell(SelectorKind.PHONE, f"202-555-0142{mark}5550143", "US") == "several_values"


@pytest.mark.parametrize(
    "name",
    [
        *("Nr rezerwacji", "Nr zam\u00f3wienia", "Nr faktury", "Umowa", "Kwota", "NIP", "REGON"),
        *(
            "Rezervasyon No",
            "Sipari\u015f No",
            "Vergi No",
            "S\u00f6zle\u015fme",
            "M\u00fc\u015fteri No",
        ),
        *("Prenotazione", "Fattura", "Ordine", "Debitor", "Coordinates", "URL"),
    ],
)
def test_ids_have_names_in_many_languages(name: str) -> None:
    assert names_other(name)
