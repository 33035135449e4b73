"""Tells Redis of whom this host knows to be held, so that all hosts hold whom one has held.

A hold ends by a record that the indexer has signed, and by nothing else: one that counts matches
from a later moment, or shuts the partner out for good. Then its file goes, too.
"""

import asyncio
from collections.abc import Mapping
from typing import Final

from screening.api.quotas.host import Hold
from screening.api.quotas.leasing import Means
from screening.registry.record import PartnerRecord
from screening.vocabulary.errors import StoreUnavailable

_TELL_EVERY_S: Final = 2.0
_TELL_AGAIN_AFTER_S: Final = 5.0


class Holds:
    """The holds of one host; each of its workers tells them.

    A partner that is held asks a host rarely, and Redis may forget at any time: so it is told
    whether or not anybody asks.
    """

    def __init__(self, means: Means) -> None:
        self._means = means
        self._tell_at = float("-inf")
        self._telling: asyncio.Task[None] | None = None

    def beat(self, partners: Mapping[str, PartnerRecord]) -> None:
        """Write what the disk did not take before, and tell Redis, for which nobody waits.

        `partners`: the newest signed records, by partner; of who is missing nothing is lifted.
        """
        self._means.host.write_holds()
        if self._means.monotonic() >= self._tell_at and (
            self._telling is None or self._telling.done()
        ):
            self._tell_at = self._means.monotonic() + _TELL_EVERY_S
            self._telling = asyncio.create_task(self._tell(partners))

    async def _tell(self, partners: Mapping[str, PartnerRecord]) -> None:
        holds = await asyncio.to_thread(self._not_lifted, partners)
        try:
            await self._means.deployment.tell_holds(holds)
        except StoreUnavailable:  # sync says that it is away
            self._tell_at = self._means.monotonic() + _TELL_AGAIN_AFTER_S

    def _not_lifted(self, partners: Mapping[str, PartnerRecord]) -> dict[Hold, int]:
        kept = {}
        for hold in self._means.host.holds():
            record = partners.get(hold.partner)
            if record is not None and _is_lifted(hold, record):
                self._means.host.forget_hold(hold)
            else:
                kept[hold] = self._means.host.held_at(hold)
        return kept


def _is_lifted(hold: Hold, record: PartnerRecord) -> bool:
    # Whoever is removed has no keys; who comes again by that name has its matches counted anew.
    is_removed = record.state == "suspended" and not record.key_ids and not record.api_keys
    return hold.since < record.matches_counted_from or is_removed
