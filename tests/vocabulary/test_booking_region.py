"""In which country a booking is made: a code that ISO has assigned, and nothing else."""

from contextlib import suppress
from itertools import product
from string import ascii_uppercase

import msgspec
import phonenumbers
import pytest

from screening.vocabulary.booking_region import (
    BOOKING_REGIONS,
    BookingRegionText,
    require_booking_region,
)
from screening.vocabulary.errors import InvalidRequest


def test_it_knows_the_249_of_iso_and_kosovo_and_all_that_have_phones() -> None:
    assert len(BOOKING_REGIONS) == 249 + len({"XK"})
    # Ascension and Tristan da Cunha have numbers of their own, and no code of their own.
    without_code = phonenumbers.SUPPORTED_REGIONS - BOOKING_REGIONS
    assert without_code == {"AC", "TA"}


@pytest.mark.parametrize("text", ["DE", "US", "XK", "AQ"])
def test_a_country_is_taken(text: str) -> None:
    assert require_booking_region(text) == text


@pytest.mark.parametrize(
    "text", ["", "D", "de", "DEU", "ZZ", "UK", "DE\n", "DE-BE", "\u00c4E", "49"]
)
def test_anything_else_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(InvalidRequest, match="leave it out") as refused:
        require_booking_region(text)
    assert len(text) < 3 or text not in str(refused.value)


def test_the_contract_takes_just_these() -> None:
    decoder = msgspec.json.Decoder(BookingRegionText)
    taken = set()
    for first, second in product(ascii_uppercase, repeat=2):
        with suppress(msgspec.ValidationError):
            taken.add(decoder.decode(msgspec.json.encode(first + second)))
    assert taken == BOOKING_REGIONS
