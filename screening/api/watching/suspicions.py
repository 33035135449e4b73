"""What partners are suspected of, as one worker has noticed it: told to Redis, for people to see.

It restricts nobody. What Redis forgets is told to it again, for as long as a worker remembers.
"""

import time
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from screening.registry.record import PartnerRecord
from screening.vocabulary.suspected import Suspected
from screening.vocabulary.unix_time import DAY_S

SUSPICIONS_KEPT_S: Final = 30 * DAY_S


class Noticed(NamedTuple):
    """When something was noticed `first`, and `last` (Unix seconds)."""

    first: int
    last: int


class Suspicions:
    """When each was noticed, since a person has lifted what was before."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._noticed: dict[tuple[str, int], dict[Suspected, Noticed]] = {}

    def note(self, partner: PartnerRecord, what: Suspected) -> None:
        """Remember that this was noticed now."""
        now, before = int(self._clock()), self.of(partner).get(what)
        of = partner.partner, partner.matches_counted_from
        noticed = Noticed(now if before is None else before.first, now)
        self._noticed.setdefault(of, {})[what] = noticed

    def of(self, partner: PartnerRecord) -> Mapping[Suspected, Noticed]:
        """Return what a partner is suspected of: what is older than `SUSPICIONS_KEPT_S` is over."""
        of = partner.partner, partner.matches_counted_from
        oldest = self._clock() - SUSPICIONS_KEPT_S
        return {what: one for what, one in self._noticed.get(of, {}).items() if one.last > oldest}
