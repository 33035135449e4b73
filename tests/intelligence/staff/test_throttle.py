"""Tries are counted in a table of a fixed size, and come back with time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intelligence.errors import TooManyTries
from intelligence.staff.throttle import Throttle, network_of
from tests.intelligence.staff.services import HandClock


@given(waits=st.lists(st.floats(0, 100), max_size=60))
def test_nobody_gets_more_tries_than_the_burst_and_what_time_gives_back(
    waits: list[float],
) -> None:
    clock = HandClock()
    throttle = Throttle(burst=5, refill_s=10, monotonic=clock)
    heard = 0
    for wait in waits:
        clock.move(wait)
        try:
            throttle.take("ada")
        except TooManyTries as error:
            assert 1 <= error.retry_after_s <= 10
        else:
            heard += 1
    assert heard <= 5 + sum(waits) / 10


def test_who_waits_as_told_is_heard() -> None:
    clock = HandClock()
    throttle = Throttle(burst=2, refill_s=10, monotonic=clock)
    throttle.take("ada")
    throttle.take("ada")
    with pytest.raises(TooManyTries) as caught:
        throttle.take("ada")
    clock.move(caught.value.retry_after_s)
    throttle.take("ada")


def test_one_that_was_right_gives_all_tries_back() -> None:
    throttle = Throttle(burst=1, refill_s=10, monotonic=HandClock())
    throttle.take("ada")
    throttle.give_back("ada")
    throttle.take("ada")


def test_a_flood_of_names_frees_nobody_s_count() -> None:
    throttle = Throttle(burst=1, refill_s=10, monotonic=HandClock(), slots=64)
    throttle.take("ada")
    for number in range(1_000):
        try:
            throttle.take(f"flood {number}")
        except TooManyTries:
            continue
    with pytest.raises(TooManyTries):
        throttle.take("ada")


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("2001:db8::1", "2001:db8::2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("not an address", "another", True),
    ],
)
def test_an_address_of_ipv6_is_counted_with_its_network(one: str, other: str, alike: bool) -> None:
    assert (network_of(one) == network_of(other)) is alike
