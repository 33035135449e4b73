"""What sync tells the workers of its looks at Redis: what was found when, and what lies here."""

from contextlib import suppress

from screening.api.cache import NEVER, Cache, LastFound, boot_id


class Looks:
    """Keeps `LastFound` in the cache; moments are seconds of `boottime`."""

    def __init__(self, cache: Cache, now: float, moment: float) -> None:
        """Take up what the cache says, as this boot counts: it is `now`, by `boottime` `moment`."""
        self._cache = cache
        self._boot_id = boot_id()
        self._found = cache.read_confirmed().since(self._boot_id, now, moment)
        self._laid_down = NEVER
        self._failed_at: float | None = None

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
        self._cache.write_confirmed(LastFound(self._found, self._boot_id, self._laid_down))

    def laid_down(self, began_at: float) -> None:
        """Tell that all is laid down that was in Redis as a look `began_at`; raises `OSError`."""
        self._laid_down, self._failed_at = began_at, None
        self.write()

    def failed(self, began_at: float) -> None:
        """Take note that Redis did not answer, or broke off; of the second in a row, tell.

        All that can be had is laid down then. One alone says less: a host that was suspended has
        outlived its connections.
        """
        if self._failed_at is not None:
            self._laid_down = self._failed_at
            with suppress(
                OSError
            ):  # sync fails for want of Redis, and does what helps against that
                self.write()
        self._failed_at = began_at
