"""Places for requests in a worker: how many it holds, and how many of them it works on.

A worker that works on all that comes answers each late: they wait for one another. So it works on
few while what comes waits for its event loop, and refuses the others before it has read their
bodies.
"""

import time
from collections import Counter as Tally
from collections.abc import Callable
from typing import Final

from screening.vocabulary.errors import Unavailable

FEW: Final = 64
"""Of which one company has 32: who asks on fewer connections, each after its last answer, keeps a
worker busy and is no overload."""
BURST: Final = 64
"""So many that wait for long are a burst, and worked on; of what comes behind it, few are."""
LATE_S: Final = 0.006
"""The event loop comes to a request after a twentieth of that at half load, after a third with 32
connections, each of which asks after its last answer, and with 256 after 9 to 15 ms (measured, at
4,000 to 5,000 checks a second)."""
_SMOOTHED: Final = 32
"""Over about so many requests waiting is averaged."""
_MOST_S: Final = 4 * LATE_S
"""No wait counts as longer: 30 that waited through a pause of the process are no overload."""
_CALM_S: Final = 0.1
"""Where nobody was refused a place for so long, there are as many as before."""
FEW_FOR_S: Final = 5.0
"""So long after the last sign of an overload there are, too: only that there are few may be why
some are refused, as where the disk is slow, and whether it lasts is soon seen anew."""
_FORGOTTEN_AFTER_S: Final = 1.0
"""Where nothing came for so long, what was before tells nothing."""


class Places:
    """At most so many requests, of one company half of them; who has none gets one beyond that.

    So no other is kept out, by two that ask together either: there are twice as many in all.
    """

    def __init__(self, at_most: int) -> None:
        self.at_most = at_most
        self.taken = 0
        self._in_all = 2 * at_most
        self._taken_of: Tally[str] = Tally()

    def require_one(self) -> None:
        """Raise `Unavailable` where there is none for anybody."""
        if self.taken >= self._in_all:
            raise Unavailable("too many requests at this moment", reason="overloaded")

    def take(self, company: str) -> None:
        """Take one; raises `Unavailable` where there is none for this company.

        Who has none gets one as long as there is any: nobody is shut out.
        """
        self.require_one()
        has = self._taken_of[company]
        if has and (self.taken >= self.at_most or has >= self.at_most // 2):
            raise Unavailable("too many requests of one partner", reason="overloaded")
        self.taken += 1
        self._taken_of[company] = has + 1

    def give_back(self, company: str) -> None:
        """Give one back."""
        self.taken -= 1
        self._taken_of[company] -= 1


class WorkPlaces:
    """Places for requests whose body has arrived: few while more comes than is worked off.

    That shows where requests wait for the event loop, on average over some, and more of them than a
    burst has. The least of the waits, which tells a queue that stands in a network (CoDel, RFC
    8289), tells nothing here: connections that are answered together ask together again, and
    between such waves some hardly wait. The disk has no part in it: a slow one is no overload.
    """

    def __init__(self, at_most: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._places = Places(at_most)
        self._at_most = at_most
        self._monotonic = monotonic
        self._waited_s = 0.0
        self._late = 0
        self._came_at = self._overloaded_at = self._refused_at = float("-inf")

    def take(self, company: str, waited_s: float) -> None:
        """Take one; raises `Unavailable` where there is none.

        `waited_s` is from the arrival of its body until the event loop has come to it. Who has none
        gets one whoever has the others: more than there are companies is never worked on beyond the
        few.
        """
        now = self._monotonic()
        self._count(waited_s, now)
        if self._late > BURST:
            self._overloaded_at = now
            self._places.at_most = min(FEW, self._at_most)
        elif now - self._refused_at > _CALM_S or now - self._overloaded_at > FEW_FOR_S:
            self._places.at_most = self._at_most
        try:
            self._places.take(company)
        except Unavailable:
            self._refused_at = now
            raise

    def give_back(self, company: str) -> None:
        """Give one back."""
        self._places.give_back(company)

    def _count(self, waited_s: float, now: float) -> None:
        """Count what has come since waiting is long."""
        if now - self._came_at > _FORGOTTEN_AFTER_S:
            self._waited_s = 0.0
        self._came_at = now
        self._waited_s += (min(waited_s, _MOST_S) - self._waited_s) / _SMOOTHED
        self._late = self._late + 1 if self._waited_s > LATE_S else 0
