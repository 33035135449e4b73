"""Brings what a worker has counted to the files of its host, and what others counted to it.

A process that is killed loses nothing of what it has written, whether or not that is on the disk.
"""

import asyncio
from collections.abc import Iterable
from contextlib import suppress

from screening.api.quotas.account import Account
from screening.api.quotas.host import HostBudgets
from screening.api.quotas.locked_file import patiently
from screening.vocabulary.errors import Unavailable


class Settlement:
    """Settles the accounts of one worker; every method but `settle_all` raises `Unavailable`."""

    def __init__(self, host: HostBudgets) -> None:
        self._host = host
        self._over: list[Account] = []

    def settle(self, account: Account) -> None:
        """Settle both sketches; matches first, which a damaged file of the other must not stop."""
        self.settle_matches(account)
        self._settle_seen(account)

    def settle_matches(self, account: Account) -> None:
        """Settle what has matched."""
        account.note_news()
        self._host.settle(account.name, account.given.matched, account.day, account.matched)

    def close(self, account: Account) -> None:
        """Settle what a day has left that is over, now or at one of the next beats.

        Another day must not wait for a file of that one which cannot be read any more.
        """
        try:
            self.settle(account)
        except Unavailable:
            # Two days of them at most: a damaged file stays so until a person removes it.
            recent = [one for one in self._over if one.day >= account.day - 1]
            self._over = [*(one for one in recent if one is not account), account]

    async def settle_all(self, accounts: Iterable[Account]) -> None:
        """Settle all that have news, and let others in between each of them.

        Where one cannot be, that is for its next lease to say.
        """
        for account in list(accounts):
            if account.has_news:
                await self._try(account)
                await asyncio.sleep(0)
        for account in list(self._over):
            if await self._try(account):
                self._over = [one for one in self._over if one is not account]
            await asyncio.sleep(0)

    async def _try(self, account: Account) -> bool:
        if account.matched.raised:
            with suppress(Unavailable):
                await patiently(lambda: self.settle_matches(account))
        if account.seen.raised:
            with suppress(Unavailable):
                await patiently(lambda: self._settle_seen(account))
        return not account.has_news

    def _settle_seen(self, account: Account) -> None:
        account.note_news()
        self._host.settle(account.name, account.given.seen, account.day, account.seen)
