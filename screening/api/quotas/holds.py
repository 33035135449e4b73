"""Tells Redis of whom this host knows to be held, so that all hosts hold whom one has held."""

import asyncio
from typing import Final

from screening.api.quotas.leasing import Means
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

    def beat(self) -> None:
        """Write what the disk did not take before, and tell Redis, for which nobody waits."""
        self._means.host.write_holds()
        if self._means.monotonic() >= self._tell_at and (
            self._telling is None or self._telling.done()
        ):
            self._tell_at = self._means.monotonic() + _TELL_EVERY_S
            self._telling = asyncio.create_task(self._tell())

    async def _tell(self) -> None:
        holds = await asyncio.to_thread(self._means.host.holds)
        try:
            await self._means.deployment.tell_holds(holds)
        except StoreUnavailable:  # sync says that it is away
            self._tell_at = self._means.monotonic() + _TELL_AGAIN_AFTER_S
