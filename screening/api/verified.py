"""Which generations in the cache sync verifies again: what a worker refused, and all in turn.

A disk that fails, and whoever writes in a file that a worker has mapped, says nothing to anybody.
"""

import threading
from collections.abc import Callable, Collection, Mapping
from typing import Final

from screening.generations.manifest import Head
from screening.vocabulary.errors import Untrusted

_RETRY_AFTER_S: Final = 10.0
"""A worker that was short of descriptors, say, must not have gigabytes read every beat."""
_AGAIN_AFTER_S: Final = 60.0
"""So long after it was verified last the turn of a generation comes, at the earliest."""
_PAUSE: Final = 50
"""So many times as long as a turn took none follows: all of them take 2 % of a core."""
_MOST_PAUSE_S: Final = 600.0
"""No pause is longer: a host may have been suspended while a turn took place."""

Held = tuple[bytes, Head]


class Refusals:
    """Verifies what a worker could not load; `verify` and clock are as those of `Turns`."""

    def __init__(self, verify: Callable[[Head], None], clock: Callable[[], float]) -> None:
        self._verify = verify
        self._clock = clock
        self._whole_at: dict[str, float] = {}

    def find_damaged(self, held: Mapping[str, Held], refused: Collection[str]) -> str | None:
        """Return one of the `refused` token keys whose generation is damaged; verifies one."""
        now = self._clock()
        self._whole_at = {
            key: at for key, at in self._whole_at.items() if now - at < _RETRY_AFTER_S
        }
        for key_id in sorted(held.keys() & refused - self._whole_at.keys()):
            try:
                self._verify(held[key_id][1])
            except Untrusted:
                return key_id
            self._whole_at[key_id] = now
            break
        return None


class Turns:
    """Verifies one generation after the other in a thread: a large one takes seconds.

    All were verified as they came. `verify` raises `Untrusted`; the clock counts seconds.
    """

    def __init__(self, verify: Callable[[Head], None], clock: Callable[[], float]) -> None:
        self._verify = verify
        self._clock = clock
        self._began_at = clock()
        self._verified_at: dict[str, float] = {}
        self._next_at = self._began_at
        self._turn: _Turn | None = None

    def find_damaged(self, held: Mapping[str, Held]) -> str | None:
        """Return a token key whose generation was found damaged since; begin the next turn."""
        now = self._clock()
        turn = self._turn
        if turn is None:
            self._begin(held, now)
            return None
        if turn.is_alive():
            return None
        self._turn = None
        self._verified_at = {key: at for key, at in self._verified_at.items() if key in held}
        self._verified_at[turn.key_id] = now
        self._next_at = turn.ended_at + min(_PAUSE * (turn.ended_at - turn.began_at), _MOST_PAUSE_S)
        # What has come since was verified as it came, and what it replaced is of no account.
        is_held = turn.key_id in held and held[turn.key_id][1].generation == turn.head.generation
        return turn.key_id if turn.is_damaged and is_held else None

    def _begin(self, held: Mapping[str, Held], now: float) -> None:
        if now < self._next_at or not held:
            return
        since, key_id = min((self._verified_at.get(one, self._began_at), one) for one in held)
        if now - since < _AGAIN_AFTER_S:
            return
        turn = _Turn(held[key_id][1], self._verify, self._clock)
        try:
            turn.start()
        except RuntimeError:  # of threads the system has too many
            self._next_at = now + _RETRY_AFTER_S
        else:
            self._turn = turn


class _Turn(threading.Thread):
    def __init__(
        self, head: Head, verify: Callable[[Head], None], clock: Callable[[], float]
    ) -> None:
        super().__init__(name="verify", daemon=True)
        self.key_id, self.head = head.key_id, head
        self.began_at = self.ended_at = clock()
        self.is_damaged = False
        self._verify = verify
        self._clock = clock

    def run(self) -> None:
        try:
            self._verify(self.head)
        except Untrusted:
            self.is_damaged = True
        finally:
            self.ended_at = self._clock()
