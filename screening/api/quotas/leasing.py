"""Leases what a worker's accounts are short of: from the deployment, and from the host."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from screening.alarms import Alarms
from screening.api.quotas.account import Account
from screening.api.quotas.budgets import Expected
from screening.api.quotas.deployment import (
    LEASE_LIFE_S,
    ClockDiffers,
    DeploymentLeases,
    Leased,
    LeaseRequest,
    wanted,
)
from screening.api.quotas.exceeded import TooFast, day_is_used_up, held, too_many_match
from screening.api.quotas.host import HostBudgets
from screening.api.quotas.locked_file import AllowanceLocked, patiently
from screening.api.quotas.settlement import Settlement
from screening.vocabulary.errors import QuotaExceeded, StoreUnavailable
from screening.vocabulary.unix_time import DAY_S

AWAY_RATE: Final = 2
"""While Redis cannot be asked, each host lets pass one part in so many of the rate."""
ASK_AGAIN_AFTER_S: Final = 1.0
"""Redis is not asked sooner where it did not answer: requests must not wait for it in turn."""


@dataclass(frozen=True, slots=True)
class Means:
    """What allowances are leased from, who hears of what is odd, and by which clocks."""

    host: HostBudgets
    deployment: DeploymentLeases
    alarms: Alarms
    expected: Expected
    clock: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic


class Leasing:
    """Asks for leases in the name of one worker."""

    def __init__(self, means: Means, settlement: Settlement) -> None:
        self._means = means
        self._settlement = settlement
        self._ask_again_at = float("-inf")

    @property
    def may_ask(self) -> bool:
        """Whether the deployment is asked at all: it was not away a moment ago."""
        return self._means.monotonic() >= self._ask_again_at

    async def lease(self, account: Account, selectors: int, matches: int) -> None:
        """Lease so much; raises `QuotaExceeded`, and `Unavailable` where it cannot be told."""
        try:
            await patiently(lambda: self._settlement.settle(account))
            account.count()
            leased = await self._leased(account, selectors, matches)
            if leased is None:
                await self._lease_away(account, selectors, matches)
            else:
                await self._take(account, leased, selectors)
        except AllowanceLocked as error:
            account.locked(error, self._means.monotonic())
            raise
        except QuotaExceeded as error:
            account.refused(error, selectors, self._means.monotonic())
            account.let_go()
            raise
        if account.matches < matches:
            refused = self._too_many_match(account, matches)
            account.let_go()
            raise refused

    async def _leased(self, account: Account, selectors: int, matches: int) -> Leased | None:
        """Return what the deployment grants, None while it cannot be asked."""
        if not self.may_ask:
            return None
        now, given = self._means.monotonic(), account.given
        in_hand, counted = (account.selectors, account.matches), account.unspent(now)
        missing, _ = account.missing_rate(selectors)
        request = LeaseRequest(
            account.name,
            account.day,
            given,
            rate=given.rate.lease(missing) if missing else 0,
            seen=wanted(given.seen, counted[0], selectors, account.seen),
            matched=wanted(given.matched, counted[1], matches, account.matched),
            earlier=account.earlier,
            is_held=self._means.host.is_held(account.name, given.matched),
        )
        account.note_told()
        try:
            leased = await self._means.deployment.lease(request)
        except StoreUnavailable as error:
            account.note_not_told()
            differs = isinstance(error, ClockDiffers)
            self._means.alarms.raised("clock_differs" if differs else "quota_away", account.name)
            self._ask_again_at = self._means.monotonic() + ASK_AGAIN_AFTER_S
            return None
        account.granted(leased, before=in_hand, counted=counted)
        account.leases_end = now + LEASE_LIFE_S
        account.renew_at = now + LEASE_LIFE_S / 2
        return leased

    async def _take(self, account: Account, leased: Leased, selectors: int) -> None:
        """Use what was granted, or raise where that is less than what is asked."""
        self._watch(leased)
        if leased.is_held or account.remaining[1] == 0:
            self._hold(account)
        self._refuse_held(account)
        if account.selectors < selectors or account.remaining[0] < selectors:
            raise self._day_is_used_up(account, selectors)
        if leased.wait_s:
            raise TooFast(leased.wait_s)
        _, missing = account.missing_rate(selectors)
        if missing:
            host, rate = self._means.host, account.given.rate
            lease = await patiently(lambda: host.lease_rate(account.name, rate, missing))
            account.rate_here += lease

    async def _lease_away(self, account: Account, selectors: int, matches: int) -> None:
        """Let pass what one host may while the deployment's count cannot be asked."""
        given, name, now = account.given, account.name, self._means.monotonic()
        host, day = self._means.host, account.day
        left, matches_left = account.remaining
        if matches_left == 0:
            self._hold(account)
        self._refuse_held(account)
        if left < selectors:
            raise self._day_is_used_up(account, selectors)
        if account.selectors < selectors:
            lease = max(selectors - account.selectors, given.seen.away // 100)
            await patiently(lambda: host.spend_away(name, given.seen, day, lease))
            account.selectors += lease
        if account.matches < matches <= matches_left:
            more = matches - account.matches
            await patiently(lambda: host.spend_away(name, given.matched, day, more))
            account.matches += more
        missing = max(account.missing_rate(selectors))
        if missing:
            rate = given.rate.part(AWAY_RATE)
            passing = await patiently(lambda: host.lease_rate(name, rate, missing))
            account.rate, account.rate_here = account.rate + passing, account.rate_here + passing
        # Others look for Redis meanwhile, without anybody's waiting for it.
        account.leases_end = now + LEASE_LIFE_S
        account.renew_at = now + ASK_AGAIN_AFTER_S

    def _watch(self, leased: Leased) -> None:
        """Raise an alarm where all partners together ask more than anybody expects."""
        if leased.seen.used_by_all > self._means.expected.selectors_a_day:
            self._means.alarms.raised("deployment_budget", "selectors")
        if leased.matched.used_by_all > self._means.expected.matches_in_30_days:
            self._means.alarms.raised("deployment_budget", "matches")

    def _hold(self, account: Account) -> None:
        account.hold()  # first: what the disk does not take is in force here all the same
        self._means.host.hold(account.name, account.given.matched)

    def _refuse_held(self, account: Account) -> None:
        if self._means.host.is_held(account.name, account.given.matched):
            account.hold()
            self._means.alarms.raised(
                "partner_held", account.name, since=account.given.matched.since
            )
            raise held()

    def _too_many_match(self, account: Account, matches: int) -> QuotaExceeded:
        # What only the leases of others keep from it is free again when those are over.
        if account.remaining[1] >= matches:
            return too_many_match(int(LEASE_LIFE_S))
        self._means.alarms.raised("matches_kept_back", account.name)
        return too_many_match()

    def _day_is_used_up(self, account: Account, selectors: int) -> QuotaExceeded:
        # What only the leases of others keep from it is free again when those are over.
        if account.remaining[0] >= selectors:
            return day_is_used_up(int(LEASE_LIFE_S))
        self._means.alarms.raised("day_used_up", account.name)
        return day_is_used_up(day_ends_in_s(self._means.clock()))


def day_ends_in_s(now: float) -> int:
    """Return when the day of `now` (Unix seconds) ends."""
    return DAY_S - int(now) % DAY_S
