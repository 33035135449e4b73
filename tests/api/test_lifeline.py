"""When a process of the host counts as hung."""

from screening.api.lifeline import Lifeline

SILENCE_S = 5.0
LOOK_S = 0.5


class Looked:
    """A lifeline, and a supervisor that looks at it."""

    def __init__(self) -> None:
        self.now = 100.0
        self.lifeline = Lifeline(SILENCE_S, clock=lambda: self.now)

    def is_silent(self, *, after_s: float) -> bool:
        self.now += after_s
        return self.lifeline.is_silent()

    def silent_after_s(self) -> float:
        """Look again and again; return after how long the process counted as hung."""
        began_at = self.now
        while not self.is_silent(after_s=LOOK_S):
            assert self.now - began_at < 60.0
        return self.now - began_at


def test_a_process_that_shows_no_life_is_silent_after_a_second_more() -> None:
    looked = Looked()
    assert looked.silent_after_s() == SILENCE_S + 1.0 + LOOK_S
    looked.lifeline.show(serves=False)
    assert not looked.is_silent(after_s=LOOK_S)
    assert looked.silent_after_s() == SILENCE_S + 1.0


def test_after_a_stop_of_all_a_process_has_as_long_as_ever_to_show_life() -> None:
    looked = Looked()
    for _ in range(5):  # stopped again and again
        assert not looked.is_silent(after_s=60.0)
        assert not looked.is_silent(after_s=0.9)
    assert not looked.is_silent(after_s=60.0)
    assert looked.silent_after_s() == SILENCE_S + 1.0 + LOOK_S


def test_a_machine_that_stops_every_second_or_two_hides_no_process_that_hangs() -> None:
    looked = Looked()
    began_at = looked.now
    while not looked.is_silent(after_s=1.5):
        assert looked.now - began_at < 4 * (SILENCE_S + 1.0)
