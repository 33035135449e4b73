"""What partners are suspected of, as one worker has noticed it: told to Redis, for people to see.

It restricts nobody. What Redis forgets is told to it again, for as long as a worker remembers.
"""

import time
from collections.abc import Callable, Mapping
from typing import Final

from screening.registry.record import PartnerRecord
from screening.vocabulary.suspected import Suspected
from screening.vocabulary.unix_time import DAY_S

KEPT_S: Final = 30 * DAY_S


class Suspicions:
    """When each was noticed last (Unix seconds), since a person has lifted what was before."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._noticed: dict[tuple[str, int], dict[Suspected, int]] = {}

    def note(self, partner: PartnerRecord, what: Suspected) -> None:
        """Remember that this was noticed now."""
        of = partner.partner, partner.matches_counted_from
        self._noticed.setdefault(of, {})[what] = int(self._clock())

    def of(self, partner: PartnerRecord) -> Mapping[Suspected, int]:
        """Return what a partner is suspected of; what is older than `KEPT_S` is forgotten."""
        of = partner.partner, partner.matches_counted_from
        oldest = self._clock() - KEPT_S
        return {what: at for what, at in self._noticed.get(of, {}).items() if at > oldest}
