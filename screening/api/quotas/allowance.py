"""What a worker lets partners ask, out of what it has leased from its host and the deployment.

Hardly a request costs a system call, and none asks Redis by itself: a lease is for many. What a
killed worker had leased counts as spent until the lease ends.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import Final

from screening.api.quotas.account import Account
from screening.api.quotas.budgets import given_to
from screening.api.quotas.headers import Header, limit_header
from screening.api.quotas.holds import Holds
from screening.api.quotas.leasing import ASK_AGAIN_AFTER_S, Leasing, Means, day_ends_in_s
from screening.api.quotas.locked_file import patiently
from screening.api.quotas.settlement import Settlement
from screening.api.quotas.telling import Telling
from screening.registry.record import PartnerRecord
from screening.vocabulary.errors import Unavailable
from screening.vocabulary.unix_time import DAY_S
from screening.vocabulary.wire import CHECK_MAX_SELECTORS

_AT_A_TIME: Final = 256
"""Others are let in after so many selectors of a bulk request: two tenths of a millisecond."""

_NO_PARTNERS: Final[Mapping[str, PartnerRecord]] = MappingProxyType({})


class Allowance:
    """The allowances of all partners, as one worker spends them."""

    def __init__(self, means: Means) -> None:
        self._host = means.host
        self._clock = means.clock
        self._monotonic = means.monotonic
        self._accounts: dict[str, Account] = {}
        self._today = 0
        self._settlement = Settlement(means.host)
        self._holds = Holds(means)
        self._leasing = Leasing(means, self._settlement)
        self._telling = Telling(means, self._leasing, lambda one: self._begin_renewal(one, 0))

    @property
    def is_usable(self) -> bool:
        """Whether this host can count at all."""
        return self._host.is_usable

    async def spend(self, partner: PartnerRecord, selectors: int) -> int:
        """Count `selectors` against the partner's rate and budgets.

        Raises `QuotaExceeded`, also where the answer could exceed what is left, and `Unavailable`
        where that cannot be told. Returns the day that they count for, as `give_back` takes it.
        """
        account = self._current(partner)
        if account is None:  # which is rare, and takes files
            account = await patiently(lambda: self._account(partner))
        while not account.covers(selectors, now := self._monotonic()):
            account.refuse_again(selectors, now)
            await self._renew(account, selectors)
        account.take(selectors)
        if now >= account.renew_at and account.renewal is None:
            self._begin_renewal(account, 0)  # nobody waits for it
        return account.day

    def refuse_again(self, partner: PartnerRecord) -> None:
        """Raise what any question of the partner is refused with now, as far as that is known here.

        So a flood of what will be refused is not even read.
        """
        account = self._current(partner)
        if account is not None and not account.covers(1, now := self._monotonic()):
            account.refuse_again(1, now)

    def owe(self, partner: PartnerRecord, selectors: int) -> None:
        """Count so many against the partner's rate, whether they are left or not: others wait."""
        self._accounts[partner.partner].owe(selectors)

    def give_back(self, partner: PartnerRecord, selectors: int, *, day: int) -> None:
        """Take back what was spent on a question that was not answered; a budget is of its day."""
        account = self._accounts[partner.partner]
        if account.is_of(partner):  # else spent under other limits, as whose lease it would last
            account.give_back(selectors, day=day)

    async def claim(self, partner: PartnerRecord, matched: Sequence[bytes]) -> None:
        """Count those of an answer that matched (`Digester.mac`), before it is told.

        As many matches as a check may have are told though they cross the budget, out of one that
        is in hand: only what comes later is refused. Of more, all have to be in hand. Raises
        `QuotaExceeded` where less is left than that, and `Unavailable` where that cannot be told;
        they are not told then, nor counted. What has matched is in the host's file when this
        returns: where it cannot be, `Unavailable`.
        """
        account = self._accounts[partner.partner]  # of the day on which they were spent
        # Others that ask at once tell of theirs meanwhile, of the same ones perhaps.
        while (needed := _needed(account, matched)) and account.matches_in_hand(
            now := self._monotonic()
        ) < needed:
            account.refuse_again(0, now)
            await self._renew(account, 0, matches=needed)
        account.matches -= account.matched.add(matched)  # one that was told before costs nothing
        if account.matched.raised:  # which is rare, and a killed worker must not have told unseen
            await patiently(lambda: self._settlement.settle_matches(account))
            self._hand_over(account)

    async def count(self, partner: PartnerRecord, asked: Sequence[bytes]) -> None:
        """Count the different selectors of an answer (`Digester.mac`), once it is on record."""
        account = self._accounts[partner.partner]
        account.seen.add(asked[:_AT_A_TIME])
        for first in range(_AT_A_TIME, len(asked), _AT_A_TIME):
            await asyncio.sleep(0)
            account.seen.add(asked[first : first + _AT_A_TIME])
        self._hand_over(account)

    async def remaining(self, partner: PartnerRecord) -> tuple[int, int]:
        """Return how many different selectors the partner may still ask today, and match.

        As far as this host knows: what others count comes with the next lease.
        """
        account = await patiently(lambda: self._account(partner))
        await patiently(lambda: self._settlement.settle(account))
        account.count()
        return account.remaining

    def headers(self, partner: PartnerRecord) -> list[Header]:
        """Return what an answer says of what the partner has left, once it has spent of it."""
        account = self._accounts[partner.partner]
        return [account.policy, limit_header(account.remaining[0], day_ends_in_s(self._clock()))]

    async def tell(self, partners: Mapping[str, PartnerRecord] = _NO_PARTNERS) -> None:
        """Let other workers and hosts know what was asked here, without waiting for them.

        `partners`: the newest signed records, which alone lift a hold.
        """
        await self._settlement.settle_all(self._accounts.values())
        self._holds.beat(partners)
        # Of today alone: of another day Redis grants nothing, and would take our clock for wrong.
        today = int(self._clock() // DAY_S)
        for one in list(self._accounts.values()):
            record = partners.get(one.name)
            if record is not None and one.is_to_be_told_as(record, today):
                with suppress(Unavailable):  # whoever asks next is told so
                    self._account(record)  # which takes up what is not told
        self._telling.beat(one for one in self._accounts.values() if one.day == today)

    def hold(self, partner: PartnerRecord) -> None:
        """Answer a partner no more; other hosts learn of it by the lease it asks for next.

        It is held by this worker from now on though it raises `Unavailable`: the disk does not take
        it yet, and each beat tries again.
        """
        account = self._accounts.get(partner.partner)
        if account is not None:
            account.hold()
        self._host.hold(partner.partner, given_to(partner).matched)

    async def write_down(self) -> None:
        """Let those workers know it that come after this one, which ends."""
        await self._settlement.settle_all(self._accounts.values())
        self._host.write_holds()

    def _current(self, partner: PartnerRecord) -> Account | None:
        account = self._accounts.get(partner.partner)
        if account is None or account.day != int(self._clock() // DAY_S):
            return None
        return account if account.is_of(partner) else None

    def _account(self, partner: PartnerRecord) -> Account:
        current = self._current(partner)
        if current is not None:
            return current
        today = int(self._clock() // DAY_S)
        account = self._accounts.get(partner.partner)
        if account is not None and account.day == today:
            self._settlement.settle(account)
        elif account is not None:
            self._settlement.close(account)
        if today != self._today:
            self._today = today
            self._host.forget_past_days()
        given = given_to(partner)
        before = self._host.before(partner.partner, given.matched, today)
        self._accounts[partner.partner] = fresh = Account(partner, given, today, before)
        if account is not None:
            fresh.take_over_news(account)
            if account.given.rate == given.rate:
                fresh.take_over_rate(account)  # which has no day
        return fresh

    def _hand_over(self, account: Account) -> None:
        """Settle what came to an account when another had its place already, as at midnight."""
        current = self._accounts[account.name]
        if current is account:
            return
        self._settlement.close(account)
        current.take_over_news(account)
        matched = current.given.matched
        if current.day > account.day:
            with suppress(Unavailable):  # its files have it, and whoever begins anew reads them
                current.go_on_after(self._host.before(account.name, matched, current.day))

    async def _renew(self, account: Account, selectors: int, *, matches: int = 1) -> None:
        """Lease what is missing; one request of a partner does it, and the others look again."""
        if account.renewal is not None:
            await asyncio.wait([account.renewal])  # which its own end does not cancel
            return
        # Shielded: a request that is cancelled must not break off what waits for a reply of Redis.
        await asyncio.shield(self._begin_renewal(account, selectors, matches=matches))

    def _begin_renewal(
        self, account: Account, selectors: int, *, matches: int = 1
    ) -> "asyncio.Future[None]":
        account.renew_at = self._monotonic() + ASK_AGAIN_AFTER_S
        leasing = self._leasing.lease(account, selectors, matches)
        account.renewal = renewal = asyncio.ensure_future(leasing)
        renewal.add_done_callback(account.renewed)
        return renewal


def _needed(account: Account, matched: Sequence[bytes]) -> int:
    """Return how many matches have to be in hand before these are told."""
    if len(matched) > CHECK_MAX_SELECTORS:
        return account.count_new(matched)
    return 0 if not matched or account.matched.has_all(matched) else 1
