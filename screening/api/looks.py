"""What sync tells the workers of its looks at Redis: what was found when, and what lies here."""

from collections import deque
from contextlib import suppress
from typing import Final

from screening.api.cache import NO_VERSION, Cache, LastFound, boot_id

_AWAY_S: Final = 5.0
"""Redis that has not answered for so long is away. In less, a host that was suspended may not have
its network again: each look fails at once until then."""


class Looks:
    """Keeps `LastFound` in the cache; moments are seconds of `boottime`."""

    def __init__(self, cache: Cache, now: float, moment: float) -> None:
        """Take up what the cache says, as this boot counts: it is `now`, by `boottime` `moment`."""
        self._cache = cache
        self._boot_id = boot_id()
        said = cache.read_confirmed()
        self._found = said.since(self._boot_id, now, moment)
        self._laid_down = said.laid_down_by(self._boot_id, moment)
        self._asked = said.asked_by(self._boot_id, moment)
        if cache.documents_version() == NO_VERSION:
            # Nothing is left of before this boot, with which the clock began, nor of before now.
            self._laid_down = max(self._laid_down, 0.0)
            self._asked = moment
        self._failed_at = deque[float]()

    def found(self, key_id: str, sequence: int, asked_at: tuple[float, float]) -> None:
        """Take note that the head of a token key is in Redis, which was `asked_at` by both clocks.

        Workers are told of it by the next `write`.
        """
        self._found[key_id] = (sequence, *asked_at)

    def forget(self, key_id: str) -> None:
        """Take note that there is no such token key any more."""
        self._found.pop(key_id, None)

    def write(self) -> None:
        """Tell the workers; raises `OSError`."""
        told = LastFound(self._found, self._boot_id, self._laid_down, self._asked)
        self._cache.write_confirmed(told)

    def laid_down(self, began_at: float) -> None:
        """Tell that all is laid down that was in Redis as a look `began_at`; raises `OSError`."""
        self._laid_down = self._asked = began_at
        self._failed_at.clear()
        self.write()

    def failed(self, began_at: float) -> None:
        """Take note that Redis did not answer, or broke off; of what failed `_AWAY_S` ago, tell.

        All that could be had then is laid down, if nothing has been had since.
        """
        self._failed_at.append(began_at)
        if began_at - self._failed_at[0] < _AWAY_S:
            return
        while began_at - self._failed_at[0] >= _AWAY_S:
            self._laid_down = self._failed_at.popleft()
        self._asked = began_at
        # Sync fails for want of Redis, and does what helps against that.
        with suppress(OSError):
            self.write()
