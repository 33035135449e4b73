"""What is taken out of a text before a phone is looked for, and what is left in it."""

import pytest

from screening.vocabulary.measures import without_measures

# fmt: off
NO_PHONES = (
    "2026-11-25", "25.11.2026", "11/25/2026", "10:15", "10:15:00", "23.07.26", "06/04/24",
    "2026-01-24 21:51:02.971900", "06/04/24 10:05", "23.07.26 19:30", "20261125T101500",
    "01.05.26, 03.05.26", "2024-2025", "2026/2027", "550e8400-e29b-41d4-a716-446655440000",
    "550e8400e29b41d4a716446655440000", "DE44 5001 0517 5407 3249 31", "GB82WEST12345698765432",
    "NO93 8601 1117 947",
)
LEFT = (
    "06.12.34.56.78", "06 12.34.56 78", "12.05.26.38", "12/05/26 38", "+12.05.26", "1234-2025",
    "20 2024-2025", "2024-2025 12", "202-555-0142", "+1 202 555 0142", "12.34.56",
    "20.12-13.45-67", "20.12-73.45",
    "DE45 5001 0517 5407 3249 31", "DE4917123456789", "12025550142", "4242 4242 4242 4242",
)
# fmt: on


@pytest.mark.parametrize("text", NO_PHONES)
def test_what_is_no_phone_for_certain_is_taken_out(text: str) -> None:
    assert without_measures(text).strip(" ,") == ""
    assert without_measures(f"see {text} (Ann)").split() == [
        "see",
        *([","] * (", " in text)),
        "(Ann)",
    ]


@pytest.mark.parametrize("text", LEFT)
def test_what_may_be_a_phone_is_left(text: str) -> None:
    assert without_measures(text) == text
