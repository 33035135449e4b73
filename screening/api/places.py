"""Places for requests in a worker: how many it holds, and how many of them it works on.

A worker that works on all that comes answers each late: they wait for one another. So it works on
few while whatever it answers has waited, and refuses the others before it has read their bodies.
"""

import time
from collections import Counter as Tally
from collections.abc import Callable
from typing import Final

from screening.vocabulary.errors import Unavailable

FEW: Final = 64
"""Of which one partner has 32: who asks on fewer connections, each after its last answer, keeps a
worker busy and is no overload."""
_WAITED_S: Final = 0.025
"""What takes longer, but for the disk, waits for others: alone it takes a fiftieth (measured)."""
_LOOK_S: Final = 0.05
"""Half the interval of CoDel (RFC 8289, section 4.2), whose round trips are longer."""
_FORGOTTEN_AFTER_S: Final = 1.0
"""Where nothing was answered for so long, what was before tells nothing."""
_COMMITS: Final = 3
"""A request waits for the end of the commit before its own, and for its own at most twice: a busy
event loop hands the next over late."""


class Places:
    """At most so many requests, of one partner half of them: no other is kept out by it."""

    def __init__(self, at_most: int) -> None:
        self.at_most = at_most
        self.taken = 0
        self._taken_of: Tally[str] = Tally()

    def require_one(self) -> None:
        """Raise `Unavailable` where there is none for anybody."""
        if self.taken >= self.at_most:
            raise Unavailable("too many requests at this moment", reason="overloaded")

    def take(self, partner: str) -> None:
        """Take one; raises `Unavailable` where there is none for this partner."""
        self.require_one()
        if self._taken_of[partner] >= max(1, self.at_most // 2):
            raise Unavailable("too many requests of one partner", reason="overloaded")
        self.add(partner)

    def take_one_at_least(self, partner: str, at_most: int) -> None:
        """Take one; who has none gets one while fewer than `at_most` are taken: nobody is shut out.

        Raises `Unavailable` where there is none.
        """
        try:
            self.take(partner)
        except Unavailable:
            if self.has_one(partner) or self.taken >= at_most:
                raise
            self.add(partner)

    def add(self, partner: str) -> None:
        """Take one, whether there is one or not."""
        self.taken += 1
        self._taken_of[partner] += 1

    def give_back(self, partner: str) -> None:
        """Give one back."""
        self.taken -= 1
        self._taken_of[partner] -= 1

    def has_one(self, partner: str) -> bool:
        """Tell whether this partner has a place."""
        return self._taken_of[partner] > 0


class WorkPlaces:
    """Places for requests whose body has arrived: few while all wait for one another.

    All do where of those answered lately even the quickest took long, as a queue that stands does
    and a burst does not (CoDel's sign, RFC 8289). There are as many places as before once that is
    over, and nobody was refused one for as long.
    """

    def __init__(
        self,
        at_most: int,
        disk_s: Callable[[], float],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`disk_s` tells how long the disk takes for some records, in seconds."""
        self._places = Places(at_most)
        self._at_most = at_most
        self._disk_s = disk_s
        self._monotonic = monotonic
        self._look_at = float("-inf")
        self._least_waited_s = float("inf")
        self._was_refused = False

    def take(self, partner: str) -> None:
        """Take one; raises `Unavailable` where there is none.

        A partner that has none gets one whoever has the others, so that nobody is shut out: more
        than there are partners is never worked on beyond the few.
        """
        self._look()
        try:
            self._places.take_one_at_least(partner, self._at_most)
        except Unavailable:
            self._was_refused = True
            raise

    def give_back(self, partner: str) -> None:
        """Give one back."""
        self._places.give_back(partner)

    def answered(self, took_s: float) -> None:
        """Take note of how long a request took, from its body to its answer."""
        self._least_waited_s = min(self._least_waited_s, took_s - _COMMITS * self._disk_s())

    def _look(self) -> None:
        """Decide from time to time how many places there are, once something was answered."""
        now = self._monotonic()
        if now < self._look_at:
            return
        is_known = self._least_waited_s < float("inf")
        if not is_known and now < self._look_at + _FORGOTTEN_AFTER_S:
            return
        if is_known and self._least_waited_s > _WAITED_S:
            self._places.at_most = min(FEW, self._at_most)
        elif not self._was_refused:
            self._places.at_most = self._at_most
        self._look_at = now + _LOOK_S
        self._least_waited_s, self._was_refused = float("inf"), False
