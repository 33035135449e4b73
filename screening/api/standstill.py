"""Whether a worker may answer from what it holds, or has stood still and has to look anew.

A host that was suspended has a cache as old as that: a key may have been revoked meanwhile, and a
selector taken off. So after a pause a look at the cache is worth something only once sync has asked
Redis again. A worker looks at its partners several times a second, beside all that takes long: its
loads are no pause, however slow. Nor is it one where sync looked all the while.
"""

from typing import Final

from screening.api.cache import NEVER, NO_VERSION, Cache, LastFound, boot_id

_PAUSE_S: Final = 3.0
"""A worker that has not looked for so long was stopped: what it holds may have been revoked."""
_RECENT_S: Final = 1.5
"""Sync that has begun a look so shortly before was not stopped as well: of a pause a worker may
notice the last two seconds only, since it looks once in a second at least."""
_SILENT_S: Final = 15.0
"""Sync that says nothing for so long brings a large list, or hangs, and then its supervisor has put
another in its place (`processes.py`). It is as without Redis then: until the sync age runs out."""


class Standstill:
    """What one worker knows of its pauses; moments are seconds of `boottime`.

    It may answer before `answers_until`, which every request looks at.
    """

    def __init__(self, cache: Cache, now: float) -> None:
        self._cache = cache
        self._boot_id = boot_id()
        self._looked_at: float | None = None
        self._asked_after: float | None = None
        """In doubt: what lies in the cache counts once sync has asked Redis after this moment."""
        self._silent_from = NEVER
        self._lists_of = self._partners_of = NEVER
        self.answers_until = now + _PAUSE_S
        if cache.documents_version() != NO_VERSION and self._said() is None:
            self._doubt(now)  # the machine was off, and sync of this boot has not looked yet

    def laid_down(self) -> float:
        """Return which look of sync's lies whole in the cache, as who looks at that asks before.

        `NEVER` where nothing is in doubt.
        """
        said = None if self._asked_after is None else self._said()
        return NEVER if said is None else said.laid_down

    def begins_to_look(self, now: float) -> None:
        """Take note of a look at partners that begins; of the first, no pause can have been before.

        A worker begins by it to look, once it has put an end to what another has left.
        """
        if self._looked_at is not None and now - self._looked_at > _PAUSE_S:
            self._doubt(now)

    def has_seen_partners(self, began_at: float, laid_down: float) -> None:
        """Take note of a look that has ended: all partners of that look of sync's are taken up."""
        self._looked_at, self._partners_of = began_at, laid_down
        self._weigh()

    def has_seen_lists(self, laid_down: float) -> None:
        """Take note that all lists of that look of sync's are taken up, but for damaged ones."""
        self._lists_of = laid_down
        self._weigh()

    def _doubt(self, now: float) -> None:
        self._asked_after, self._silent_from = now - _RECENT_S, now + _SILENT_S
        self.answers_until = NEVER

    def _weigh(self) -> None:
        """End a doubt that is over, and let the worker answer until it should have looked again."""
        if self._looked_at is None:
            return
        if self._asked_after is not None:
            is_anew = min(self._lists_of, self._partners_of) > self._asked_after
            if not is_anew and self._looked_at < self._silent_from:
                return
            self._asked_after = None
        self.answers_until = self._looked_at + _PAUSE_S

    def _said(self) -> LastFound | None:
        """Return what sync of this boot says; None where it says nothing."""
        try:
            said = self._cache.read_confirmed()
        except OSError:
            return None
        return said if said.boot_id == self._boot_id else None
