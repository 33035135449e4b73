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
"""Of which one company has 32: who asks on fewer connections, each after its last answer, keeps a
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

    def take(self, company: str) -> None:
        """Take one; raises `Unavailable` where there is none.

        Who has none gets one whoever has the others: more than there are companies is never worked
        on beyond the few.
        """
        self._look()
        try:
            self._places.take(company)
        except Unavailable:
            self._was_refused = True
            raise

    def give_back(self, company: str) -> None:
        """Give one back."""
        self._places.give_back(company)

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
