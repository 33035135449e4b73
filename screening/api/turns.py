"""Turns at a rate: what has none waits, and costs no more than a number until then."""

import time
from collections.abc import Callable
from typing import Final

_AT_ONCE_S: Final = 0.2
"""As many as come in so much time have their turn at once, where there were none before."""
_COUNT_S: Final = 0.5
"""For so long answers are counted."""


class Turns:
    """So many turns a second, by GCRA (ITU-T I.371, virtual scheduling)."""

    def __init__(self, per_second: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._interval_s = 1 / per_second
        self._monotonic = monotonic
        self._free_at = float("-inf")

    def wait_s(self) -> float:
        """Return for how long who comes now would wait; 0 or less is not at all."""
        now = self._monotonic()
        return max(self._free_at, now - _AT_ONCE_S) - now

    def take(self, wait_s: float) -> None:
        """Take the turn that was said to come after `wait_s`, or another one before it."""
        self._free_at = self._monotonic() + wait_s + self._interval_s


class SharedTurns(Turns):
    """A turn for each so many answers, lest what is refused takes the time of what is answered.

    `least_per_second` have one however few are answered.
    """

    def __init__(
        self,
        least_per_second: float,
        *,
        answers_a_turn: int,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(least_per_second, monotonic)
        self._longest_interval_s = 1 / least_per_second
        self._answers_a_turn = answers_a_turn
        self._answers = 0
        self._counted_since = monotonic()

    def answered(self) -> None:
        """Count an answer."""
        self._answers += 1

    def wait_s(self) -> float:
        """Return for how long who comes now would wait; 0 or less is not at all."""
        counted_s = self._monotonic() - self._counted_since
        if counted_s > _COUNT_S:
            answer_s = counted_s / max(1, self._answers)
            self._interval_s = min(self._longest_interval_s, self._answers_a_turn * answer_s)
            self._answers, self._counted_since = 0, self._counted_since + counted_s
        return super().wait_s()
