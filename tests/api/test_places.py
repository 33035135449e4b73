"""A worker works on few requests while more comes than it works off."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest

from screening.api.places import BURST, FEW, FEW_FOR_S, LATE_S, Places, WorkPlaces
from screening.vocabulary.errors import Unavailable

AT_MOST = 512
PROMPT_S, BUSY_S, LATE_BY_FAR_S = LATE_S / 20, LATE_S / 2, 2 * LATE_S
ENOUGH = 4 * BURST
"""Requests of which each is late: more than any burst has, and than is averaged over."""


@dataclass
class Working:
    """A worker's places, beside a clock of the test's own."""

    at_most: int = AT_MOST
    now: float = 0.0
    places: WorkPlaces = field(init=False)

    def __post_init__(self) -> None:
        self.places = WorkPlaces(self.at_most, lambda: self.now)

    def answer(self, waits_s: Iterable[float]) -> None:
        """Answer one request after the other, each of which has waited so long."""
        for waited_s in waits_s:
            self.places.take("answered", waited_s)
            self.places.give_back("answered")

    def taken(self, partner: str, waited_s: float = PROMPT_S) -> int:
        """Take all places that a partner can have; return how many those are."""
        for count in range(AT_MOST + 1):
            try:
                self.places.take(partner, waited_s)
            except Unavailable as error:
                assert error.reason == "overloaded"
                return count
        raise AssertionError("there was no end of places")


def overloaded() -> Working:
    working = Working()
    working.answer([LATE_BY_FAR_S] * ENOUGH)
    return working


def test_one_partner_has_half_of_all_places_where_nobody_waits_for_another() -> None:
    working = Working()
    working.answer([PROMPT_S] * ENOUGH)
    assert working.taken("acme") == AT_MOST // 2
    assert working.taken("other") == AT_MOST // 2


def test_where_requests_wait_for_the_event_loop_only_few_are_worked_on() -> None:
    working = overloaded()
    assert working.taken("acme", LATE_BY_FAR_S) == FEW // 2
    assert working.taken("other", LATE_BY_FAR_S) == FEW // 2


def test_waves_of_which_some_requests_hardly_wait_are_an_overload() -> None:
    """Of 256 connections, as measured, a tenth ask in a short turn between two waves."""
    working = Working()
    for _ in range(2):
        working.answer(number * LATE_BY_FAR_S / 230 for number in range(120, 350))
        working.answer([PROMPT_S] * 26)
    working.answer(number * LATE_BY_FAR_S / 230 for number in range(120, 350))
    assert working.taken("acme") == FEW // 2


def test_a_busy_worker_is_not_overloaded() -> None:
    working = Working()
    for _ in range(ENOUGH):
        working.answer([BUSY_S, BUSY_S, LATE_BY_FAR_S / 2, BUSY_S])
    assert working.taken("acme", BUSY_S) == AT_MOST // 2


@pytest.mark.parametrize(("connections", "waits_s"), [(32, 0.0021), (64, 0.0045)])
def test_who_asks_on_few_connections_overloads_nothing(connections: int, waits_s: float) -> None:
    """Each after its last answer; the waits are as measured at 4,000 checks a second."""
    working = Working()
    working.answer([waits_s] * ENOUGH)
    assert working.taken("acme", waits_s) >= connections


def test_what_256_connections_ask_at_once_is_an_overload() -> None:
    """As measured at 4,000 to 5,000 checks a second, the least of what there was."""
    working = Working()
    working.answer([0.009] * ENOUGH)
    assert working.taken("acme", 0.009) == FEW // 2


def test_a_burst_is_worked_on_whole_and_few_of_what_comes_behind_it() -> None:
    assert BURST <= Working().taken("acme", LATE_BY_FAR_S) <= BURST + FEW


def test_one_burst_after_another_is_worked_on() -> None:
    working = Working()
    for _ in range(10):
        for _ in range(BURST):
            working.places.take("acme", LATE_BY_FAR_S)
        for _ in range(BURST):
            working.places.give_back("acme")
        working.answer([PROMPT_S] * BURST)
        working.now += 0.2


def test_a_pause_of_the_process_is_no_overload_however_long() -> None:
    working = Working()
    working.answer([PROMPT_S] * ENOUGH)
    working.answer([60.0] * 30)
    working.answer([PROMPT_S] * BURST)
    assert working.taken("acme") == AT_MOST // 2


def test_a_partner_that_has_no_place_gets_one_whoever_has_all_others() -> None:
    working = overloaded()
    for flooding in ("acme", "beta"):
        working.taken(flooding, LATE_BY_FAR_S)
    for quiet in ("gamma", "delta"):
        assert working.taken(quiet, LATE_BY_FAR_S) == 1


def test_no_more_than_twice_its_places_are_worked_on_whoever_asks() -> None:
    working = Working(at_most=2)
    assert [working.taken(f"partner-{n}") for n in range(6)] == [1, 1, 1, 1, 0, 0]


def test_few_are_worked_on_until_nobody_is_refused_any_more() -> None:
    working = overloaded()
    assert working.taken("acme", LATE_BY_FAR_S) == FEW // 2
    for _ in range(5):
        working.answer([PROMPT_S] * BURST)  # prompt because few are worked on
        assert working.taken("acme") == 0
        working.now += 0.05
    working.now += 0.1
    assert working.taken("acme") == AT_MOST // 2 - FEW // 2


def test_that_there_are_few_does_not_keep_them_few() -> None:
    """Where a disk is slow 40 of a partner are in work, of which few places let in 32."""
    working = overloaded()
    assert working.taken("acme", LATE_BY_FAR_S) == FEW // 2
    working.answer([PROMPT_S] * BURST)
    for _ in range(int(FEW_FOR_S / 0.05)):
        assert working.taken("acme") == 0
        working.now += 0.05
    working.now += 0.05
    assert working.taken("acme") == AT_MOST // 2 - FEW // 2


def test_an_overload_that_lasts_is_seen_anew_at_once() -> None:
    working = overloaded()
    for _ in range(3):
        working.now += 2 * FEW_FOR_S
        working.places.take("other", PROMPT_S)
        working.places.give_back("other")
        working.answer([LATE_BY_FAR_S] * 2 * BURST)
        assert working.taken("acme", LATE_BY_FAR_S) == FEW // 2
        for _ in range(FEW // 2):
            working.places.give_back("acme")


def test_a_worker_that_has_fewer_places_has_no_more_of_them_in_an_overload() -> None:
    working = Working(at_most=8)
    working.answer([LATE_BY_FAR_S] * ENOUGH)
    assert working.taken("acme", LATE_BY_FAR_S) == 4


def test_after_a_pause_what_was_before_it_is_forgotten() -> None:
    working = overloaded()
    assert working.taken("acme", LATE_BY_FAR_S) == FEW // 2
    for _ in range(FEW // 2):
        working.places.give_back("acme")
    working.now += 60
    assert working.taken("acme", LATE_BY_FAR_S) >= BURST + 5  # 5 until the average is late again


def test_whoever_has_none_gets_one_while_there_are_some_for_nobody_else() -> None:
    places = Places(2)
    for partner in ("acme", "other"):
        places.take(partner)
    for partner in ("third", "fourth"):
        with pytest.raises(Unavailable):
            places.take("acme")
        places.require_one()
        places.take(partner)
    for refused in (places.require_one, lambda: places.take("fifth")):
        with pytest.raises(Unavailable):
            refused()
    assert places.taken == 4
