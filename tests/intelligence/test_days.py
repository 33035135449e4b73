"""Days are read in one way, within bounds."""

from datetime import date

import pytest

from intelligence.curation.proposals import Typed, addition
from intelligence.curation.recognising import recognise
from intelligence.days import parse_day
from intelligence.errors import FormRefused

TODAY = date(2026, 11, 29)


def test_a_day_is_read_as_the_sentence_says() -> None:
    assert parse_day("2026-11-30", "it", TODAY) == date(2026, 11, 30)
    assert parse_day(None, "it", TODAY) is None


@pytest.mark.parametrize(
    "typed",
    [
        *("20261130", "2026-W01-1", "2026-1-1", "2026-02-30", "2026-11-30T00:00", "", "٢٠٢٦-11-30"),
        *("9999-12-31", "2127-01-01", "1999-12-31", "0001-01-01"),
    ],
)
def test_what_is_no_day_of_ours_is_refused(typed: str) -> None:
    with pytest.raises(FormRefused, match="it is"):
        parse_day(typed, "it", TODAY)


def _typed(**said: str) -> Typed:
    given = {"role": "trafficker", "source": "case-7", "reason": "seen", "last_day": "2027-01-01"}
    return Typed(**{**dict.fromkeys(Typed.__slots__), **given, **said})


@pytest.mark.parametrize("field", ["last_day", "review_by", "first_seen", "last_seen"])
def test_an_addition_that_ends_with_the_calendar_is_refused_in_a_sentence(field: str) -> None:
    selector = recognise("+12025550143")
    with pytest.raises(FormRefused, match="too far from today"):
        addition(selector, _typed(**{field: "9999-12-31"}), TODAY)


@pytest.mark.parametrize("country", ["ß", "ﬁ", "DE, ß", "XX", "D"])
def test_what_is_a_country_in_capitals_alone_is_none(country: str) -> None:
    with pytest.raises(FormRefused, match="countries"):
        addition(recognise("+12025550143"), _typed(jurisdictions=country), TODAY)


def test_countries_are_read_in_either_case() -> None:
    made = addition(recognise("+12025550143"), _typed(jurisdictions="us, de; US"), TODAY)
    assert made.jurisdictions == ["DE", "US"]
