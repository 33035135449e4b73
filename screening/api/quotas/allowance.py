"""What a worker lets partners ask, out of what it has leased from its host and the deployment.

Hardly a request costs a system call, and none asks Redis by itself: a lease is for many. What a
killed worker had leased counts as spent until the lease ends.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Final

from screening.alarms import Alarms
from screening.api.quotas.account import Account
from screening.api.quotas.budgets import Expected, given_to
from screening.api.quotas.deployment import (
    LEASE_LIFE_S,
    ClockDiffers,
    DeploymentLeases,
    Leased,
    LeaseRequest,
    wanted,
)
from screening.api.quotas.headers import Header, limit_header
from screening.api.quotas.host import HostBudgets
from screening.api.quotas.refusals import day_is_used_up, held, too_fast, too_many_match
from screening.registry.record import PartnerRecord
from screening.vocabulary.errors import QuotaExceeded, StoreUnavailable
from screening.vocabulary.unix_time import DAY_S
from screening.vocabulary.wire import CHECK_MAX_SELECTORS

AWAY_RATE: Final = 2
"""While Redis cannot be asked, each host lets pass one part in so many of the rate."""
_ASK_AGAIN_AFTER_S: Final = 1.0
"""Redis is not asked sooner where it did not answer: requests must not wait for it in turn."""
_AT_A_TIME: Final = 256
"""Others are let in after so many selectors of a bulk request: two tenths of a millisecond."""


class Allowance:
    """The allowances of all partners, as one worker spends them."""

    def __init__(
        self,
        host: HostBudgets,
        deployment: DeploymentLeases,
        alarms: Alarms,
        *,
        expected: Expected,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._host = host
        self._deployment = deployment
        self._alarms = alarms
        self._expected = expected
        self._clock = clock
        self._monotonic = monotonic
        self._accounts: dict[str, Account] = {}
        self._today = 0
        self._ask_again_at = float("-inf")

    @property
    def is_usable(self) -> bool:
        """Whether this host can count at all."""
        return self._host.is_usable

    async def spend(self, partner: PartnerRecord, selectors: int) -> int:
        """Count `selectors` against the partner's rate and budgets.

        Raises `QuotaExceeded`, also where the answer could exceed what is left, and `Unavailable`
        where that cannot be told. Returns the day that they count for, as `give_back` takes it.
        """
        account = self._account(partner)
        while not account.covers(selectors, now := self._monotonic()):
            account.refuse_again(selectors, now)
            await self._renew(account, selectors)
        account.take(selectors)
        if now >= account.renew_at and account.renewal is None:
            self._begin_renewal(account, 0)  # nobody waits for it
        return account.day

    def give_back(self, partner: PartnerRecord, selectors: int, *, day: int) -> None:
        """Take back what was spent on a question that was not answered; a budget is of its day."""
        account = self._accounts[partner.partner]
        if account.is_of(partner):  # else spent under other limits, as whose lease it would last
            account.give_back(selectors, day=day)

    async def count(
        self, partner: PartnerRecord, asked: Sequence[bytes], *, matched: Sequence[bytes]
    ) -> None:
        """Count the different selectors of an answer, and those that matched (`Digester.mac`).

        As many matches as a check may have are told in any case: only what is asked later may be
        refused. Of more, raises `QuotaExceeded` where they could pass what is left of the budget,
        and `Unavailable` where that cannot be told; they are not told then, nor counted.
        """
        account = self._accounts[partner.partner]  # of the day on which they were spent
        account.seen.add(asked[:_AT_A_TIME])
        for first in range(_AT_A_TIME, len(asked), _AT_A_TIME):
            await asyncio.sleep(0)
            account.seen.add(asked[first : first + _AT_A_TIME])
        new = len(matched)
        if new > CHECK_MAX_SELECTORS:
            new = account.count_new(matched)
            while account.matches < new:
                await self._renew(account, 0, matches=new)
        account.matches -= new
        account.matched.add(matched)

    def remaining(self, partner: PartnerRecord) -> tuple[int, int]:
        """Return how many different selectors the partner may still ask today, and match.

        As far as this host knows: what others count comes with the next lease.
        """
        account = self._account(partner)
        self._settle(account)
        account.count()
        return account.remaining

    def headers(self, partner: PartnerRecord) -> list[Header]:
        """Return what an answer says of what the partner has left, once it has spent of it."""
        account = self._accounts[partner.partner]
        return [account.policy, limit_header(account.remaining[0], self._day_ends_in_s())]

    def tell(self) -> None:
        """Let other workers and hosts know what was asked here, without waiting for them.

        Of one partner at a time: it takes a millisecond or two of the one event loop.
        """
        untold = [one for one in self._accounts.values() if one.has_news and one.renewal is None]
        if untold:
            account = min(untold, key=lambda one: one.told_at)
            account.told_at = self._monotonic()
            self._begin_renewal(account, 0)

    def hold(self, partner: PartnerRecord) -> None:
        """Answer a partner no more; other hosts learn of it by the lease it asks for next."""
        account = self._account(partner)
        account.hold()
        if not self._host.is_held(account.name, account.given.matched):
            self._host.hold(account.name, account.given.matched)

    def write_down(self) -> None:
        """Let those workers know it that come after this one, which ends."""
        for account in self._accounts.values():
            if account.has_news:
                self._settle(account)

    def _account(self, partner: PartnerRecord) -> Account:
        today = int(self._clock() // DAY_S)
        account = self._accounts.get(partner.partner)
        if account is not None and account.day == today and account.is_of(partner):
            return account
        if account is not None:
            self._settle(account)
        if today != self._today:
            self._today = today
            self._host.forget_past_days()
        given = given_to(partner)
        before = self._host.before(partner.partner, given.matched, today)
        self._accounts[partner.partner] = fresh = Account(partner, given, today, before)
        if account is not None and account.given.rate == given.rate:
            fresh.take_over_rate(account)  # which has no day
        return fresh

    def _settle(self, account: Account) -> None:
        """Bring what was asked here to what the host knows, and that to here."""
        self._host.settle(account.name, account.given.seen, account.day, account.seen)
        self._host.settle(account.name, account.given.matched, account.day, account.matched)

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
        account.renew_at = self._monotonic() + _ASK_AGAIN_AFTER_S
        leasing = self._lease(account, selectors, matches)
        account.renewal = renewal = asyncio.ensure_future(leasing)
        renewal.add_done_callback(account.renewed)
        return renewal

    async def _lease(self, account: Account, selectors: int, matches: int) -> None:
        try:
            self._settle(account)
            account.count()
            leased = await self._leased(account, selectors, matches)
            if leased is None:
                self._lease_away(account, selectors, matches)
            else:
                self._take(account, leased, selectors)
        except QuotaExceeded as error:
            account.refused(error, selectors, self._monotonic())
            raise
        if account.matches < matches:
            raise self._too_many_match(account, matches)

    async def _leased(self, account: Account, selectors: int, matches: int) -> Leased | None:
        """Return what the deployment grants, None while it cannot be asked."""
        now = self._monotonic()
        if now < self._ask_again_at:
            return None
        given = account.given
        in_hand, counted = (account.selectors, account.matches), account.unspent(now)
        try:
            leased = await self._deployment.lease(
                LeaseRequest(
                    account.name,
                    account.day,
                    given,
                    rate=given.rate.lease(selectors) if account.rate < selectors else 0,
                    seen=wanted(given.seen, counted[0], selectors, account.seen),
                    matched=wanted(given.matched, counted[1], matches, account.matched),
                    is_held=self._host.is_held(account.name, given.matched),
                )
            )
        except StoreUnavailable as error:
            differs = isinstance(error, ClockDiffers)
            self._alarms.raised("clock_differs" if differs else "quota_away", account.name)
            self._ask_again_at = self._monotonic() + _ASK_AGAIN_AFTER_S
            return None
        account.granted(leased, before=in_hand, counted=counted)
        account.leases_end = now + LEASE_LIFE_S
        account.renew_at = now + LEASE_LIFE_S / 2
        return leased

    def _take(self, account: Account, leased: Leased, selectors: int) -> None:
        """Use what was granted, or raise where that is less than what is asked."""
        self._watch(leased)
        if leased.is_held or account.remaining[1] == 0:
            self._host.hold(account.name, account.given.matched)
        self._refuse_held(account)
        if account.selectors < selectors or account.remaining[0] < selectors:
            raise self._day_is_used_up(account, selectors)
        if leased.wait_s:
            raise too_fast(leased.wait_s)
        missing = selectors - account.rate_here
        if missing > 0:
            account.rate_here += self._host.lease_rate(account.name, account.given.rate, missing)

    def _lease_away(self, account: Account, selectors: int, matches: int) -> None:
        """Let pass what one host may while the deployment's count cannot be asked."""
        given, name, now = account.given, account.name, self._monotonic()
        left, matches_left = account.remaining
        if matches_left == 0:
            self._host.hold(name, given.matched)
        self._refuse_held(account)
        if left < selectors:
            raise self._day_is_used_up(account, selectors)
        if account.selectors < selectors:
            lease = max(selectors - account.selectors, given.seen.away // 100)
            self._host.spend_away(name, given.seen, account.day, lease)
            account.selectors += lease
        if account.matches < matches <= matches_left:
            self._host.spend_away(name, given.matched, account.day, matches - account.matches)
            account.matches = matches
        if min(account.rate, account.rate_here) < selectors:
            lease = self._host.lease_rate(name, given.rate.part(AWAY_RATE), selectors)
            account.rate, account.rate_here = account.rate + lease, account.rate_here + lease
        # Others look for Redis meanwhile, without anybody's waiting for it.
        account.leases_end = now + LEASE_LIFE_S
        account.renew_at = now + _ASK_AGAIN_AFTER_S

    def _watch(self, leased: Leased) -> None:
        """Raise an alarm where all partners together ask more than anybody expects."""
        if leased.seen.used_by_all > self._expected.selectors_a_day:
            self._alarms.raised("deployment_budget", "selectors")
        if leased.matched.used_by_all > self._expected.matches_in_30_days:
            self._alarms.raised("deployment_budget", "matches")

    def _refuse_held(self, account: Account) -> None:
        if self._host.is_held(account.name, account.given.matched):
            account.hold()
            self._alarms.raised("partner_held", account.name)
            raise held()

    def _too_many_match(self, account: Account, matches: int) -> QuotaExceeded:
        # What only the leases of others keep from it is free again when those are over.
        if account.remaining[1] >= matches:
            return too_many_match(int(LEASE_LIFE_S))
        self._alarms.raised("matches_kept_back", account.name)
        return too_many_match()

    def _day_is_used_up(self, account: Account, selectors: int) -> QuotaExceeded:
        # What only the leases of others keep from it is free again when those are over.
        if account.remaining[0] >= selectors:
            return day_is_used_up(int(LEASE_LIFE_S))
        self._alarms.raised("day_used_up", account.name)
        return day_is_used_up(self._day_ends_in_s())

    def _day_ends_in_s(self) -> int:
        return DAY_S - int(self._clock()) % DAY_S
