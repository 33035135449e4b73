"""Which generations in the cache sync verifies again, and when: those in doubt, and all in turn.

A disk that fails, and whoever writes in a file that a worker has mapped, says nothing to anybody.
"""

from collections.abc import Callable, Collection
from typing import Final

_RETRY_AFTER_S: Final = 10.0
"""A worker that was short of descriptors, say, must not have gigabytes read every beat."""
_AGAIN_AFTER_S: Final = 60.0
"""So long after it was verified last the turn of a generation comes, at the earliest."""
_PAUSE: Final = 50
"""So many times as long as a turn took none follows: all of them take 2 % of a core."""


class Verified:
    """When the generation of each token key was verified again, by a clock of seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._began_at = clock()
        self._verified_at: dict[str, float] = {}
        self._next_turn_at = self._began_at

    def due(self, held: Collection[str], refused: Collection[str]) -> list[str]:
        """Return the token keys to verify now: those `refused`, and of all `held` one in its turn.

        All were verified as they came.
        """
        now = self._clock()
        due = {one for one in refused if one in held and self._age_s(one, now) >= _RETRY_AFTER_S}
        if now >= self._next_turn_at:
            oldest = min(held, key=lambda one: (self._since(one), one), default=None)
            if oldest is not None and now - self._since(oldest) >= _AGAIN_AFTER_S:
                due.add(oldest)
        return sorted(due)

    def verified(self, key_id: str, began_at: float) -> None:
        """Take note that one was verified, from `began_at` until now."""
        now = self._clock()
        self._verified_at[key_id] = now
        self._next_turn_at = now + _PAUSE * (now - began_at)

    def forget(self, key_id: str) -> None:
        """Forget a token key that is retired."""
        self._verified_at.pop(key_id, None)

    def _since(self, key_id: str) -> float:
        return self._verified_at.get(key_id, self._began_at)

    def _age_s(self, key_id: str, now: float) -> float:
        return now - self._verified_at.get(key_id, float("-inf"))
