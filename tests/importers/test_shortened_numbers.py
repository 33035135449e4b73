"""The end of a second number, which lacks what it shares with the first, is reported."""

from typing import SupportsIndex

import pytest

from screening.importers.phone_finder import find_phones
from screening.importers.selector_finder import find_selectors


class Counted(str):
    """A text that counts how many characters are taken out of it."""

    __slots__ = ("taken",)

    def __getitem__(self, place: SupportsIndex | slice) -> str:
        part = super().__getitem__(place)
        self.taken = getattr(self, "taken", 0) + len(part)
        return part


def outcomes(text: str, region: str | None = None) -> list[str]:
    """Return, for each finding, the canonical form or the code."""
    found = find_selectors(text, region)
    return [one.canonical.text if one.canonical else str(one.outcome) for one in found]


@pytest.mark.parametrize("behind", [", 0135", " or 0135 and", "; 0135."])
def test_the_end_of_a_second_number_is_reported(behind: str) -> None:
    assert outcomes(f"Tel: +1 202 555 0134{behind}") == ["+12025550134", "shortened_number"]


@pytest.mark.parametrize(
    "first", ["+12025550134", "+1 202-5550134", "(202) 555-0134", "202-555-0134", "Tel. 2025550134"]
)
def test_the_end_of_a_second_number_is_reported_however_the_first_is_written(first: str) -> None:
    for behind, ends in ((", 0135", 1), (", 0135, 0136", 2), (" / 0135", 1), (" - 0135", 1)):
        taken, *others = outcomes(f"{first}{behind}", region="US")
        assert taken == "+12025550134"
        assert len(others) == ends


@pytest.mark.parametrize("behind", ["19", "25, blonde", "0135 Main Street"])
def test_an_age_or_a_house_behind_a_number_is_not_reported(behind: str) -> None:
    assert outcomes(f"+12025550134, {behind}") == ["+12025550134"]


@pytest.mark.parametrize(
    "behind", ["0135 Main Street", "3", "2026-11-27", "room 0135", "0135B", "A0135"]
)
def test_other_digits_behind_a_number_are_not(behind: str) -> None:
    assert outcomes(f"+1 202 555 0134, {behind}") == ["+12025550134"]


@pytest.mark.parametrize(
    ("first", "again"),
    [
        *[("Tel. ", "12, "), ("", "+1 "), ("", "+1/"), ("", "+1 ("), ("+12025550134 ", "0135, ")],
        *[("Tel. 12", " - 12"), ("+12025550134", " / 0135"), ("http://a.example/", "1,")],
        *[("Tel. 12", " 12"), ("+1 202 555 0134", " - 0134"), ("", "020 7946 0958, ")],
    ],
)
def test_twice_the_numbers_are_twice_the_work(first: str, again: str) -> None:
    taken = []
    for times in (500, 1_000):
        text = Counted(first + again * times)
        find_phones(text, "US", [])
        taken.append(text.taken)
    assert taken[1] < 3 * taken[0]
