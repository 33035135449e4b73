"""A worker works on few requests while all that it answers have waited for one another."""

from dataclasses import dataclass, field

import pytest

from screening.api.places import FEW, Places, WorkPlaces
from screening.vocabulary.errors import Unavailable

AT_MOST = 512
QUICK_S, SLOW_S, DISK_S = 0.001, 0.050, 0.0002


@dataclass
class Working:
    """A worker's places, beside a clock and a disk of the test's own."""

    at_most: int = AT_MOST
    now: float = 0.0
    disk_s: float = DISK_S
    places: WorkPlaces = field(init=False)

    def __post_init__(self) -> None:
        self.places = WorkPlaces(self.at_most, lambda: self.disk_s, lambda: self.now)

    def answer(self, *took_s: float) -> None:
        """Answer one request of a partner after the other, and let some time pass."""
        for one in took_s:
            self.places.take("answered")
            self.places.answered(one)
            self.places.give_back("answered")
        self.now += 0.1

    def taken(self, partner: str) -> int:
        """Take all places that a partner can have; return how many those are."""
        for count in range(AT_MOST + 1):
            try:
                self.places.take(partner)
            except Unavailable as error:
                assert error.reason == "overloaded"
                return count
        raise AssertionError("there was no end of places")


def overloaded() -> Working:
    working = Working()
    working.answer(QUICK_S)
    working.answer(SLOW_S, SLOW_S)
    return working


def test_one_partner_has_half_of_all_places_where_nobody_waits_for_another() -> None:
    working = Working()
    working.answer(QUICK_S, QUICK_S)
    assert working.taken("acme") == AT_MOST // 2
    assert working.taken("other") == AT_MOST // 2


def test_where_all_that_is_answered_has_waited_only_few_are_worked_on() -> None:
    working = overloaded()
    assert working.taken("acme") == FEW // 2
    assert working.taken("other") == FEW // 2


def test_a_burst_that_some_did_not_wait_in_is_worked_on_whole() -> None:
    working = Working()
    working.answer(QUICK_S)
    working.answer(QUICK_S, *[SLOW_S] * 100)
    assert working.taken("acme") == AT_MOST // 2


def test_a_slow_disk_is_no_overload() -> None:
    working = Working(disk_s=SLOW_S / 2)
    working.answer(SLOW_S)
    working.answer(SLOW_S)
    assert working.taken("acme") == AT_MOST // 2


def test_a_partner_that_has_no_place_gets_one_whoever_has_all_others() -> None:
    working = overloaded()
    for flooding in ("acme", "beta"):
        working.taken(flooding)
    for quiet in ("gamma", "delta"):
        assert working.taken(quiet) == 1


def test_no_more_than_twice_its_places_are_worked_on_whoever_asks() -> None:
    working = Working(at_most=2)
    assert [working.taken(f"partner-{n}") for n in range(6)] == [1, 1, 1, 1, 0, 0]


def test_few_are_worked_on_until_nobody_is_refused_any_more() -> None:
    working = overloaded()
    assert working.taken("acme") == FEW // 2
    for _ in range(5):
        working.answer(QUICK_S)  # quick because few are worked on
        assert working.taken("acme") == 0
    working.answer(QUICK_S)
    working.answer(QUICK_S)
    assert working.taken("acme") == AT_MOST // 2 - FEW // 2


def test_after_a_pause_what_was_before_it_is_forgotten() -> None:
    working = overloaded()
    assert working.taken("acme") == FEW // 2
    for _ in range(FEW // 2):
        working.places.give_back("acme")
    working.now += 60
    working.answer(QUICK_S)
    working.answer(QUICK_S)
    assert working.taken("acme") == AT_MOST // 2


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
