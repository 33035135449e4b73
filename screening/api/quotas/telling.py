"""Tells the deployment what one worker was asked, though nobody asks it for more."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

from screening.api.quotas.account import Account
from screening.api.quotas.leasing import Leasing, Means

_AT_A_BEAT_S: Final = 0.02
"""A tenth of a beat: one is told in a millisecond or two, most of it of the one event loop."""


class Telling:
    """One at a time, and those first whose matches nobody else counts.

    A worker counts matches out of a lease, which holds them back from others for ten seconds: until
    then they have to be told. Who asks on tells by its next lease, half way through this one.
    """

    def __init__(
        self, means: Means, leasing: Leasing, renew: "Callable[[Account], asyncio.Future[None]]"
    ) -> None:
        self._monotonic = means.monotonic
        self._leasing = leasing
        self._renew = renew
        self._telling: asyncio.Task[None] | None = None

    def beat(self, accounts: Iterable[Account]) -> None:
        """Begin to tell of those that have news, for which nobody waits."""
        if self._telling is None or self._telling.done():
            accounts = self._in_turn(accounts)
            if accounts:
                self._telling = asyncio.create_task(self._tell(accounts))

    def _in_turn(self, accounts: Iterable[Account]) -> list[Account]:
        """Return those with untold matches, then those who ask no more; one in any case."""
        now = self._monotonic()
        untold = sorted(
            (one for one in accounts if one.is_untold and one.renewal is None),
            key=lambda one: (not one.has_untold_matches, one.told_at),
        )
        urgent = [one for one in untold if one.has_untold_matches or now >= one.renew_at]
        return urgent or untold[:1]

    async def _tell(self, accounts: list[Account]) -> None:
        until = self._monotonic() + _AT_A_BEAT_S
        for account in accounts:
            if self._monotonic() > until or not self._leasing.may_ask:
                break
            if account.is_untold and account.renewal is None:
                account.told_at = self._monotonic()
                await asyncio.wait([self._renew(account)])  # which says by itself what it meets
