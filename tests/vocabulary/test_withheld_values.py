"""What is kept from whoever reads a cell: told as that, and never asked about."""

import pytest

from screening.client.bulk.outcomes import cause_sentence
from screening.vocabulary.cells import read_cell
from screening.vocabulary.selector import Canonical, SelectorKind

CARD, EMAIL, PHONE = SelectorKind.CARD, SelectorKind.EMAIL, SelectorKind.PHONE


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *((CARD, "XXXX XXXX XXXX 0001"), (CARD, "4242 42XX XXXX 4242"), (CARD, "************4242")),
        *((EMAIL, "j***@booking.test"), (EMAIL, "j\u2022\u2022@booking.test")),
        *((EMAIL, "***@booking.test"), (EMAIL, "jane@b***.test"), (EMAIL, "j****e@booking.test")),
        *((EMAIL, "jane (at) booking.test"), (PHONE, "jane[at]booking[dot]test")),
        *((PHONE, "+1 202 *** **00"), (PHONE, "xxx-xxx-0100"), (PHONE, "...0100")),
    ],
)
def test_what_is_withheld_is_told_as_that(kind: SelectorKind, value: str) -> None:
    assert read_cell(kind, value, "US") == "hidden_value"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *((CARD, "4242 4242 4242 4242"), (EMAIL, "xx@booking.test"), (EMAIL, "x.x@booking.test")),
        *((PHONE, "+1 202 555 0100"), (PHONE, "202-555-0100 x12"), (EMAIL, "jane@xx.booking.test")),
    ],
)
def test_what_is_whole_is_read(kind: SelectorKind, value: str) -> None:
    assert isinstance(read_cell(kind, value, "US"), Canonical)


@pytest.mark.parametrize("value", ["**jane@booking.test**", "\u2022 jane@booking.test", "call me"])
def test_marks_around_a_value_hide_nothing(value: str) -> None:
    assert read_cell(EMAIL, value, None) != "hidden_value"


def test_the_advice_is_one_that_can_be_followed() -> None:
    assert "--column" in cause_sentence("hidden_value")
