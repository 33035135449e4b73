"""How long a run waits for an API that has no answer: as it is told, and not for ever."""

import random
import time
from collections.abc import Callable
from typing import Final

from screening.vocabulary.errors import QuotaExceeded, ScreeningError, Unknown

_BACKOFF_FIRST_S: Final = 0.5
_BACKOFF_MOST_S: Final = 15.0
_LEAST_S: Final = 0.05


class Patience:
    """Waits at most `limit_s` from one answered batch to the next, all batches together."""

    def __init__(self, limit_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit_s = limit_s
        self._clock = clock
        self._answered_at = clock()

    def answered(self) -> None:
        """Start anew: a batch was answered."""
        self._answered_at = self._clock()

    def left_s(self) -> float:
        """Return for how many seconds more a pause may last; negative once that is over."""
        return self._answered_at + self._limit_s - self._clock()


def pause_before(error: ScreeningError, attempt: int, *, left_s: float) -> float | None:
    """Return how many seconds to wait after `error`, or None to give up.

    That is where asking again cannot help, or comes after the `left_s` that patience lasts yet.
    `attempt` counts from 0. What the API asks for goes before our own doubling pauses; of these the
    last one ends with patience, for whoever comes back by then is to be heard.
    """
    if not isinstance(error, QuotaExceeded | Unknown):
        return None
    if isinstance(error, Unknown) and error.reason == "protocol":
        return None
    if error.retry_after_s is not None:
        pause_s = max(_LEAST_S, error.retry_after_s)
    else:
        longest_s = min(_BACKOFF_MOST_S, _BACKOFF_FIRST_S * 2.0 ** min(attempt, 10))
        spread_s = longest_s * random.uniform(0.5, 1)  # noqa: S311 - spreads load, no secret
        pause_s = min(spread_s, left_s)
    return pause_s if 0 < pause_s <= left_s else None
