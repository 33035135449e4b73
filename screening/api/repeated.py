"""Decides which of the events that repeat themselves are worth another line in the log."""

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Final

_FIRST_PAUSE_S: Final = 1.0
_LONGEST_PAUSE_S: Final = 300.0
_GRACE_S: Final = 30.0
"""What is tried again every few seconds, each of which may take some more, is one series."""
_SERIES_KEPT: Final = 1_000
"""Beside as many again as go on: of more, those that have ended are forgotten."""


@dataclass(slots=True)
class _Series:
    times: int
    pause_s: float
    next_at: float

    def is_over(self, now: float) -> bool:
        return now >= self.next_at + max(self.pause_s, _GRACE_S)


class Repeated:
    """Counts equal events; of a series every one is told that comes after a pause twice as long.

    A series is over when nothing has come for a whole pause, and half a minute at least; the next
    event begins another. May be used by any thread.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._series: dict[Hashable, _Series] = {}
        self._look_at = _SERIES_KEPT
        self._lock = threading.Lock()

    def raised(self, event: Hashable) -> int:
        """Return how often `event` has come since it was last told, or 0 where it is not told."""
        now = self._monotonic()
        with self._lock:
            series = self._series.get(event)
            if series is None or series.is_over(now):
                self._forget_ended(now)
                self._series[event] = _Series(0, _FIRST_PAUSE_S, now + _FIRST_PAUSE_S)
                return 1 + (series.times if series else 0)
            series.times += 1
            if now < series.next_at:
                return 0
            times, series.times = series.times, 0
            series.pause_s = min(2 * series.pause_s, _LONGEST_PAUSE_S)
            series.next_at = now + series.pause_s
            return times

    def _forget_ended(self, now: float) -> None:
        if len(self._series) >= self._look_at:
            self._series = {
                event: series for event, series in self._series.items() if not series.is_over(now)
            }
            self._look_at = 2 * len(self._series) + _SERIES_KEPT
