"""What goes on is logged ever more rarely, and nothing that is new is kept back."""

from itertools import pairwise

import pytest

from screening.api.repeated import Repeated
from screening.api.run_log import PAUSE_S


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def told_at(repeated: Repeated, clock: Clock, *, every_s: float, for_s: float) -> dict[float, int]:
    """Raise one event again and again; return when it was told, and how often it had come."""
    told = {}
    began = clock.now
    while clock.now - began <= for_s:
        times = repeated.raised("event")
        if times:
            told[clock.now - began] = times
        clock.now += every_s
    return told


def test_a_flood_of_new_events_is_remembered_within_bounds() -> None:
    clock = Clock()
    repeated = Repeated(clock)
    for number in range(40_000):
        assert repeated.raised(number) == 1
        clock.now += 0.01
    # A hundred a second, each of which is kept for 31 seconds: twice as many, and a thousand.
    assert len(repeated._series) <= 7_200
    assert repeated.raised(39_999) == 0


def test_of_many_that_go_on_each_is_told_ever_more_rarely() -> None:
    clock = Clock()
    repeated = Repeated(clock)
    told = 0
    for _ in range(240):
        told += sum(repeated.raised(number) > 0 for number in range(1_500))
        clock.now += 0.5
    assert told < 1_500 * 10


def test_the_pauses_double_up_to_five_minutes_and_no_event_is_uncounted() -> None:
    clock = Clock()
    told = told_at(Repeated(clock), clock, every_s=0.5, for_s=2_000)
    times = list(told)
    assert times[:4] == [0.0, 1.0, 3.0, 7.0]
    assert max(after - before for before, after in pairwise(times)) == 300
    assert sum(told.values()) == times[-1] / 0.5 + 1


@pytest.mark.parametrize("every_s", [PAUSE_S, PAUSE_S + 0.1, 7.0, 20.0])
def test_what_is_tried_again_every_few_seconds_is_told_ever_more_rarely(every_s: float) -> None:
    clock = Clock()
    told = told_at(Repeated(clock), clock, every_s=every_s, for_s=2_000)
    times = list(told)
    assert times[:2] == [0.0, pytest.approx(every_s)]
    assert len(times) < 15
    assert 300 <= times[-1] - times[-2] < 300 + every_s


def test_what_comes_back_after_a_pause_is_told_at_once() -> None:
    clock = Clock()
    repeated = Repeated(clock)
    told_at(repeated, clock, every_s=0.5, for_s=100)
    clock.now += 300
    assert repeated.raised("event") > 0
    assert repeated.raised("event") == 0


@pytest.mark.parametrize(("within_s", "goes_on"), [(-1, True), (1, False)])
def test_a_series_is_over_once_nothing_has_come_for_a_whole_pause(
    within_s: float, goes_on: bool
) -> None:
    clock = Clock()
    repeated = Repeated(clock)
    told = told_at(repeated, clock, every_s=0.5, for_s=100)
    last, pause_s = list(told)[-1], 64
    assert last == 63
    clock.now = 1_000.0 + last + 2 * pause_s + within_s  # when it may be told, and a pause behind
    assert list(told_at(repeated, clock, every_s=0.5, for_s=100))[:2] == (
        [0] if goes_on else [0, 1]
    )


def test_one_event_keeps_no_other_back() -> None:
    clock = Clock()
    repeated = Repeated(clock)
    assert [repeated.raised(name) for name in ("a", "a", "b")] == [1, 0, 1]
