"""Whether a worker may answer from what it holds, or has stood still and has to look anew.

A host that was suspended has a cache as old as that: a key may have been revoked meanwhile, and a
selector taken off. So after a pause a look at the cache is worth something only once sync has asked
Redis again. A worker looks at its partners every `SCREENING_RELOAD_MS`, beside all that takes long:
its loads are no pause, however slow. Where sync was not stopped with it, the look that begins a
doubt ends it, as a rule. One that starts has noticed no pause: it goes by when sync last asked.
"""

from typing import Final

from screening.api.cache import NEVER, NO_VERSION, Cache, LastFound, boot_id

_PAUSE_S: Final = 3.0
"""A worker that has not looked for so long was stopped: what it holds may have been revoked."""
_LEFT_S: Final = 2.0
"""So much of a pause lies behind a worker that notices it, at least: before, it may only have
waited for its next look."""
_RECENT_S: Final = 1.5
"""Sync that has begun a look so shortly before was not stopped as well: less than `_LEFT_S`."""
_SILENT_S: Final = 15.0
"""Sync that says nothing for so long brings a large list, or hangs. It is as without Redis then:
until the sync age runs out."""
_LATE_S: Final = 4.5
"""Sync that has said nothing for so much longer than it waits between two looks may have been
stopped: two slow looks lie in that, one told of and one begun, of two seconds each. Workers that
were stopped with it are replaced after six."""


class Standstill:
    """What one worker knows of its pauses; moments are seconds of `boottime`.

    It may answer before `answers_until`, which every request looks at.
    """

    def __init__(self, cache: Cache, now: float, reload_ms: int, poll_ms: int) -> None:
        """Begin `now` as a worker that looks as often as that, and its sync, too."""
        self._cache = cache
        self._pause_s = max(_PAUSE_S, reload_ms / 1_000 + _LEFT_S)
        self._boot_id = boot_id()
        self._looked_at: float | None = None
        """When the last look at partners that has ended began; None before the first."""
        self._asked_after: float | None = None
        """In doubt: what lies in the cache counts once sync has asked Redis after this moment."""
        self._silent_from = NEVER
        self._lists_of = self._partners_of = NEVER
        self.answers_until = now + self._pause_s
        asked = self._read_said().asked_by(self._boot_id, now)
        if cache.documents_version() != NO_VERSION and now - asked > poll_ms / 1_000 + _LATE_S:
            self._doubt(now)  # nobody is here who would have noticed a pause

    def laid_down(self, now: float) -> float:
        """Return which look of sync's lies whole in the cache, as who looks at that asks before.

        `NEVER` where nothing is in doubt.
        """
        return NEVER if self._asked_after is None else self._said(now)

    def begins_to_look(self, now: float) -> None:
        """Take note of a look at partners that begins; before the first, there was no pause.

        A worker that starts may take long until then: it waits for what another has left.
        """
        if self._looked_at is not None and now - self._looked_at > self._pause_s:
            self._doubt(now)

    def has_seen_partners(self, began_at: float, laid_down: float) -> None:
        """Take note of a look that has ended: all partners of that look of sync's are taken up.

        But for records that are damaged.
        """
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
        self.answers_until = self._looked_at + self._pause_s

    def _said(self, now: float) -> float:
        """Return which look sync says that is laid down; `NEVER` where it says nothing of use."""
        return self._read_said().laid_down_by(self._boot_id, now)

    def _read_said(self) -> LastFound:
        try:
            return self._cache.read_confirmed()
        except OSError:
            return LastFound({}, "")
