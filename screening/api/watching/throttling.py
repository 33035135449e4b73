"""Partners whose rate is reduced: answered as ever, and no faster than a person can look."""

from typing import Final

import msgspec

from screening.registry.reader import Caller
from screening.registry.record import PartnerRecord

PART_OF_THE_RATE: Final = 20
"""One part in so many: of the default of 20,000 selectors a second, 1,000."""


class Throttling:
    """Who is throttled, as one worker knows it."""

    def __init__(self) -> None:
        self._reduced: dict[tuple[str, int], tuple[PartnerRecord, PartnerRecord]] = {}
        self._throttled: set[tuple[str, int]] = set()

    def throttle(self, partner: PartnerRecord) -> None:
        """Reduce a partner's rate."""
        self._throttled.add(_key(partner))

    def is_throttled(self, partner: PartnerRecord) -> bool:
        """Tell whether a partner's rate is reduced."""
        return _key(partner) in self._throttled

    def limited(self, caller: Caller) -> Caller:
        """Return the caller with the limits that it has now; what was lifted is so no more."""
        if not self._throttled:
            return caller
        partner, key = caller.partner, _key(caller.partner)
        if key not in self._throttled:
            return caller
        known = self._reduced.get(key)
        if known is None or known[0] is not partner:  # one for all, as accounts know it by
            self._reduced[key] = known = (partner, _reduced(partner))
        return Caller(known[1], caller.api_key)


def _key(partner: PartnerRecord) -> tuple[str, int]:
    return partner.partner, partner.matches_counted_from


def _reduced(partner: PartnerRecord) -> PartnerRecord:
    burst = partner.burst_selectors or partner.selectors_per_second
    return msgspec.structs.replace(
        partner,
        selectors_per_second=max(1, partner.selectors_per_second // PART_OF_THE_RATE),
        burst_selectors=max(1, burst // PART_OF_THE_RATE),
    )
