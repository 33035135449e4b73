"""What a worker has in hand for one partner on one day, and what it has to tell of it."""

import asyncio
from collections.abc import Sequence
from typing import Final

from screening.api.quotas.budgets import Given, given_to
from screening.api.quotas.deployment import Leased
from screening.api.quotas.exceeded import TooFast
from screening.api.quotas.headers import policy_header
from screening.api.quotas.locked_file import AllowanceLocked
from screening.api.quotas.sketch import Sketch, estimate, to_redis, union
from screening.registry.record import PartnerRecord
from screening.vocabulary.errors import QuotaExceeded

REFUSED_FOR_S: Final = 1.0
"""Who was refused is refused again for so long, before anybody is asked: floods are cheap."""
_LOCKED_FOR_S: Final = 0.05


class Account:
    """Credits that were leased and not spent; numbers of selectors, but for `matches`.

    `rate_here` is of the host's rate, `rate` of the deployment's; what is spent needs both.
    `before` are the registers of matches on earlier days of their window.
    """

    def __init__(self, partner: PartnerRecord, given: Given, day: int, before: bytes) -> None:
        self.name = partner.partner
        self.given = given
        self.day = day
        self.rate = self.rate_here = 0
        self.selectors = self.matches = 0
        self.leases_end = self.renew_at = self.told_at = float("-inf")
        self.seen, self.matched = Sketch(), Sketch()
        self.is_untold = False
        """Whether something was asked here that the deployment may not know."""
        self.has_untold_matches = False
        """Whether something of that has matched."""
        self.renewal: asyncio.Future[None] | None = None
        self._partner = partner
        self.go_on_after(before)
        self._used = self._used_in_all = (0, 0)
        self.remaining = given.seen.selectors, given.matched.selectors
        """How many different selectors may still be asked today, and match, as far as was counted
        by this host and the deployment.
        """
        self.policy = policy_header(given)
        self._refusal: tuple[QuotaExceeded, int, float] | None = None
        self._too_fast_until = float("-inf")
        self._locked: tuple[AllowanceLocked, float] | None = None

    def go_on_after(self, before: bytes) -> None:
        """Take what matched on earlier days."""
        self._before = before
        self.earlier = to_redis(before) if any(before) else b""
        """What matched on those days, as Redis writes it; empty where nothing did."""
        self._counted = (b"", b"")

    def is_of(self, partner: PartnerRecord) -> bool:
        """Tell whether what is in hand was leased under the limits that the partner has now."""
        if partner is not self._partner:
            if given_to(partner) != self.given:
                return False
            self._partner = partner
        return True

    def is_to_be_told_as(self, newest: PartnerRecord, today: int) -> bool:
        """Tell whether another account has to tell what was asked: today, or by other budgets.

        Told under those of before, who was given more could be held. The rate may be a throttle's.
        """
        if self.day < today:
            return self.has_untold_matches  # what else was asked counts on its day alone
        if not self.is_untold or self.day > today:
            return False
        given = given_to(newest)
        return (given.seen, given.matched) != (self.given.seen, self.given.matched)

    @property
    def has_news(self) -> bool:
        """Whether something was asked here that only this worker knows."""
        return bool(self.seen.raised or self.matched.raised)

    def note_news(self) -> None:
        """Remember that the deployment is to be told, too, what the host is told now."""
        self.is_untold = self.is_untold or self.has_news
        self.has_untold_matches = self.has_untold_matches or bool(self.matched.raised)

    def note_told(self) -> None:
        """Remember that the deployment is told now; what is asked meanwhile is news again."""
        self.is_untold = self.has_untold_matches = False

    def take_over_news(self, before: "Account") -> None:
        """Remember that the deployment is to be told of what was asked in another's place.

        Of what is being told nobody knows yet whether it arrives: perhaps of matches.
        """
        is_being_told = before.renewal is not None
        self.is_untold = self.is_untold or before.is_untold or is_being_told
        self.has_untold_matches = (
            self.has_untold_matches or before.has_untold_matches or is_being_told
        )

    def note_not_told(self) -> None:
        """Remember that it did not hear: perhaps of matches."""
        self.is_untold = self.has_untold_matches = True

    def covers(self, selectors: int, now: float) -> bool:
        """Tell whether so many may be asked without another lease."""
        return (
            self.selectors >= selectors
            and self.rate >= selectors
            and self.rate_here >= selectors
            and self.matches > 0
            and now < self.leases_end
        )

    def matches_in_hand(self, now: float) -> int:
        """How many more may be told without another lease."""
        return self.unspent(now)[1]

    def missing_rate(self, selectors: int) -> tuple[int, int]:
        """How much so many lack of the deployment's rate, and of the host's, with what is owed.

        About none nothing is asked: nothing is lacking then.
        """
        if not selectors:
            return 0, 0
        return max(0, selectors - self.rate), max(0, selectors - self.rate_here)

    def owe(self, selectors: int) -> None:
        """Spend so many of the rate, in hand or not; the next lease is for what is owed as well."""
        owed = min(selectors, self.given.rate.most_owed)
        self.rate -= owed
        self.rate_here -= owed

    def take(self, selectors: int) -> None:
        """Spend what `covers` has found."""
        self.selectors -= selectors
        self.rate -= selectors
        self.rate_here -= selectors

    def give_back(self, selectors: int, *, day: int) -> None:
        """Take back what was spent on `day`."""
        self.rate += selectors
        self.rate_here += selectors
        if self.day == day:
            self.selectors += selectors

    def take_over_rate(self, before: "Account") -> None:
        """Go on with the rate that another day has left."""
        self.rate, self.rate_here = before.rate, before.rate_here

    def unspent(self, now: float) -> tuple[int, int]:
        """Return the selectors and matches that are in hand, none where the leases are over."""
        return (0, 0) if now >= self.leases_end else (self.selectors, max(0, self.matches))

    def granted(self, leased: Leased, *, before: tuple[int, int], counted: tuple[int, int]) -> None:
        """Take what the deployment has granted.

        `before`: what was in hand when it was asked; `counted`: what of that it was told of. The
        rest was spent, or is over.
        """
        self.rate += leased.rate
        self.selectors += leased.seen.granted + counted[0] - before[0]
        self.matches += leased.matched.granted + counted[1] - before[1]
        self._used_in_all = leased.seen.used, leased.matched.used
        self._subtract()
        # No more than is left by what this host has counted, whatever Redis says it has granted.
        self.selectors = min(self.selectors, self.remaining[0])
        self.matches = min(self.matches, self.remaining[1])

    def let_go(self) -> None:
        """Keep no more than a lease of what was granted to a question that is refused.

        Else nobody else could have it, for as long as this worker is asked.
        """
        self.selectors = min(self.selectors, self.given.seen.lease)
        self.matches = min(self.matches, self.given.matched.lease)
        self.renew_at = float("-inf")  # the deployment is told with the next question

    def hold(self) -> None:
        """Let nothing pass that was leased before the partner was held."""
        self.matches = 0

    def count(self) -> None:
        """Count what this host knows to have been asked, which the deployment may not know yet."""
        seen, matched = bytes(self.seen.registers), bytes(self.matched.registers)
        used_seen, used_matched = self._used
        # An estimate takes half a millisecond of the one event loop, and matches are rare.
        if seen != self._counted[0]:
            used_seen = estimate(seen)
        if matched != self._counted[1]:
            used_matched = estimate(union([self._before, matched]))
        self._counted = seen, matched
        self._used = used_seen, used_matched
        self._subtract()

    def count_new(self, matched: Sequence[bytes]) -> int:
        """Return how many of these matches the partner has not had yet, as far as is known here."""
        before = union([self._before, bytes(self.matched.registers)])
        both = Sketch(before)
        both.add(matched)
        return max(0, estimate(both.registers) - estimate(before))

    def _subtract(self) -> None:
        seen, matched = (max(two) for two in zip(self._used, self._used_in_all, strict=True))
        given = self.given
        self.remaining = (
            max(0, given.seen.selectors - seen),
            max(0, given.matched.selectors - matched),
        )

    def refused(self, error: QuotaExceeded, selectors: int, now: float) -> None:
        """Remember that so many were refused, and until when any are."""
        self._refusal = error, selectors, now + min(REFUSED_FOR_S, error.retry_after_s)
        if isinstance(error, TooFast):
            self._too_fast_until = now + min(REFUSED_FOR_S, error.wait_s)

    def locked(self, error: AllowanceLocked, now: float) -> None:
        """Remember that a sibling holds the files: not each who waits is to wait for that anew."""
        self._locked = error, now + _LOCKED_FOR_S

    def refuse_again(self, selectors: int, now: float) -> None:
        """Raise what a question as large as this one was refused with a moment ago.

        Who asks too fast does so with any question, but a claim asks none.
        """
        if self._locked is not None:
            locked, until = self._locked
            if now < until:
                raise AllowanceLocked(locked.path)
            self._locked = None
        if self._refusal is None:
            return
        error, refused, until = self._refusal
        if now >= until:
            self._refusal = None
        elif selectors >= refused or (selectors and now < self._too_fast_until):
            raise QuotaExceeded(str(error), policy=error.policy, retry_after_s=error.retry_after_s)

    def renewed(self, renewal: "asyncio.Future[None]") -> None:
        """Let another renewal begin; whoever began this one has its error, if nobody left."""
        self.renewal = None
        if not renewal.cancelled():
            renewal.exception()
