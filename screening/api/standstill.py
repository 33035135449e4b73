"""Tells whether a worker has looked at what is in force since it last stood still.

A host that was suspended has a cache as old as that: what it holds may have been revoked, or taken
off the list. So a look at the cache is worth something only once sync has looked at Redis again.
"""

from collections.abc import Callable
from typing import Final

from screening.api.cache import Cache, boot_id
from screening.vocabulary.errors import Unavailable

_MAX_AGE_S: Final = 3.0
"""A worker that has not looked for so long was stopped."""
_REDIS_IS_AWAY_S: Final = 5.0
"""So long after a pause sync is waited for, ten of its looks: then it is as without Redis."""


class Standstill:
    """What one worker knows of its pauses; moments are seconds of `boottime`."""

    def __init__(
        self, cache: Cache, clock: Callable[[], float], monotonic: Callable[[], float]
    ) -> None:
        self._cache = cache
        self._clock = clock
        self._monotonic = monotonic
        self._boot_id = boot_id()
        self._partners_at = now = monotonic()
        self._ended_at: float | None = None
        """When the last pause has ended, as long as the worker is in doubt."""
        self._found_at = self._sure_from = float("inf")
        self._lists_at = float("-inf")
        confirmed_at = self._confirmed_at()
        # A worker that takes the place of another, or of a host that was off, is as one that stood.
        if confirmed_at is not None and now - confirmed_at > _MAX_AGE_S:
            self._begin_to_doubt(now)

    def require_looked(self) -> None:
        """Raise `Unavailable` in a worker that has stood still and not looked anew."""
        now = self._monotonic()
        is_in_doubt = self._ended_at is not None and now - self._ended_at < _REDIS_IS_AWAY_S
        if is_in_doubt or now - self._partners_at > _MAX_AGE_S:
            raise Unavailable("this worker has stood still and looks anew", reason="overloaded")

    def looked_at_lists(self, began_at: float) -> None:
        """Take note of a look at the lists in the cache."""
        self._lists_at = began_at

    def looked_at_partners(self, began_at: float) -> None:
        """Take note of a look at the partners in the cache, which is the more frequent."""
        if began_at - self._partners_at > _MAX_AGE_S:
            self._begin_to_doubt(began_at)
        self._partners_at = began_at
        if self._ended_at is None:
            return
        if min(began_at, self._lists_at) > self._sure_from:
            self._ended_at = None
            return
        confirmed_at = self._confirmed_at()
        if confirmed_at is None or confirmed_at <= self._ended_at:
            return
        # Sync writes its time before what it has found: only its next one says that both are here.
        self._found_at = min(self._found_at, confirmed_at)
        if confirmed_at > self._found_at:
            self._sure_from = min(self._sure_from, self._monotonic())

    def _begin_to_doubt(self, now: float) -> None:
        self._ended_at = now
        self._found_at = self._sure_from = float("inf")

    def _confirmed_at(self) -> float | None:
        """Return when sync last found any head in Redis, None where nobody can tell."""
        try:
            found = self._cache.read_confirmed()
        except OSError:
            return None
        heads = found.since(self._boot_id, self._clock(), self._monotonic()).values()
        return max((moment for _, _, moment in heads), default=None)
