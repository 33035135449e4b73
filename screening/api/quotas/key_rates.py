"""The rate that an API key may have of its own, beside the partner's: over all hosts, too.

Leased as the partner's is (`allowance.py`): from Redis by its clock, and from this host, which
holds it by itself. A key without one costs a look at its record.
"""

import asyncio

from screening.api.quotas.account import REFUSED_FOR_S
from screening.api.quotas.budgets import Rate, given_to, rate_given
from screening.api.quotas.exceeded import too_fast_with_this_key, too_often
from screening.api.quotas.headers import Header
from screening.api.quotas.leasing import ASK_AGAIN_AFTER_S, AWAY_RATE, Means
from screening.api.quotas.locked_file import patiently
from screening.registry.reader import Caller
from screening.registry.record import ApiKeyRecord, PartnerRecord
from screening.vocabulary.errors import QuotaExceeded, StoreUnavailable


def rate_of(key: ApiKeyRecord) -> Rate | None:
    """Return the rate that a key has of its own, None where only the partner's holds."""
    per_second = key.selectors_per_second
    return None if per_second is None else rate_given(per_second, key.burst_selectors)


def with_key_rate(headers: list[Header], key: ApiKeyRecord) -> list[Header]:
    """Return the headers of an answer, with a key's own rate among the policies."""
    rate = rate_of(key)
    if rate is None:
        return headers
    own = b', "key";q=%d;w=1' % rate.per_second
    return [
        (name, value + own if name == b"ratelimit-policy" else value) for name, value in headers
    ]


class _Bucket:
    """What a worker has in hand of one key's rate: of the deployment's, and of the host's."""

    def __init__(self, rate: Rate) -> None:
        self.rate = rate
        self.leased = self.leased_here = 0
        self.renewal: asyncio.Future[None] | None = None
        self.refused: tuple[QuotaExceeded, float] | None = None

    def covers(self, selectors: int) -> bool:
        return min(self.leased, self.leased_here) >= selectors

    def renewed(self, renewal: "asyncio.Future[None]") -> None:
        self.renewal = None
        if not renewal.cancelled():
            renewal.exception()  # whoever began it has it, if nobody left


class KeyRates:
    """The rates of all keys that have one, as one worker spends them."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._buckets: dict[str, _Bucket] = {}
        self._ask_again_at = float("-inf")

    async def spend(self, caller: Caller, selectors: int) -> None:
        """Count `selectors` against the rate of the caller's key, where it has one.

        Raises `QuotaExceeded`. What is refused afterwards for another reason is not given back: it
        was asked, and a rate forgets within seconds.
        """
        rate = rate_of(caller.api_key)
        if rate is None:
            return
        bucket = self._bucket(caller.api_key.id, rate)
        while not bucket.covers(selectors):
            self._refuse_again(bucket)
            if bucket.renewal is not None:
                await asyncio.wait([bucket.renewal])
                continue
            renewal = asyncio.ensure_future(self._lease(bucket, caller, selectors))
            bucket.renewal = renewal
            renewal.add_done_callback(bucket.renewed)
            # A request that is cancelled must not break off what waits for a reply of Redis.
            await asyncio.shield(renewal)
        bucket.leased -= selectors
        bucket.leased_here -= selectors

    def refuse_again(self, caller: Caller) -> None:
        """Raise what any question with the caller's key is refused with now, as far as is known."""
        rate = rate_of(caller.api_key)
        if rate is not None:
            bucket = self._bucket(caller.api_key.id, rate)
            if not bucket.covers(1):
                self._refuse_again(bucket)

    def owe(self, caller: Caller, selectors: int) -> None:
        """Count so many against the key's rate, where it has one, whether they are left or not."""
        rate = rate_of(caller.api_key)
        if rate is not None:
            bucket = self._bucket(caller.api_key.id, rate)
            owed = min(selectors, rate.most_owed)
            bucket.leased -= owed
            bucket.leased_here -= owed

    async def spend_beside(self, partner: PartnerRecord, what: str, *, at_least: int) -> Rate:
        """Count one request for `what`, which is no selector: as many a second as of those.

        `at_least` so many a second pass, and as many at once, however few selectors the partner
        may ask about now. Each host holds it by itself, apart from what is asked about. Returns
        the rate; raises `QuotaExceeded`.
        """
        rate, name = given_to(partner).rate.at_least(at_least), f"{partner.partner}+{what}"
        bucket = self._bucket(name, rate)
        if not bucket.leased_here:
            try:
                lease = await self._lease_here(name, rate, 1)
            except QuotaExceeded as error:
                raise too_often(error.retry_after_s) from None
            bucket.leased_here += lease  # to what is there by now: others have spent meanwhile
        bucket.leased_here -= 1
        return rate

    def _bucket(self, key_id: str, rate: Rate) -> _Bucket:
        bucket = self._buckets.get(key_id)
        if bucket is None or bucket.rate != rate:
            self._buckets[key_id] = bucket = _Bucket(rate)
        return bucket

    def _refuse_again(self, bucket: _Bucket) -> None:
        if bucket.refused is not None:
            error, until = bucket.refused
            if self._means.monotonic() < until:
                raise too_fast_with_this_key(error.retry_after_s)
            bucket.refused = None

    async def _lease(self, bucket: _Bucket, caller: Caller, selectors: int) -> None:
        try:
            rate = bucket.rate
            if bucket.leased < selectors:
                lease = rate.lease(selectors - bucket.leased)
                if await self._is_granted(caller.api_key.id, rate, lease):
                    bucket.leased += lease
                else:
                    rate = rate.part(AWAY_RATE)
                    bucket.leased = max(bucket.leased, selectors)
            if bucket.leased_here < selectors:
                name = f"{caller.partner.partner}+{caller.api_key.id}"  # no partner has a `+`
                missing = selectors - bucket.leased_here
                here = await self._lease_here(name, rate, missing)
                bucket.leased_here += here  # to what is there by now, as in `spend_beside`
        except QuotaExceeded as error:
            refused = too_fast_with_this_key(error.retry_after_s)
            until = self._means.monotonic() + min(REFUSED_FOR_S, error.retry_after_s)
            bucket.refused = refused, until
            raise refused from None

    async def _lease_here(self, name: str, rate: Rate, selectors: int) -> int:
        return await patiently(lambda: self._means.host.lease_rate(name, rate, selectors))

    async def _is_granted(self, key_id: str, rate: Rate, lease: int) -> bool:
        """Lease from Redis; False where it cannot be asked. Raises `QuotaExceeded`."""
        if self._means.monotonic() < self._ask_again_at:
            return False
        try:
            wait_s = await self._means.deployment.lease_key_rate(key_id, rate, lease)
        except StoreUnavailable:
            self._ask_again_at = self._means.monotonic() + ASK_AGAIN_AFTER_S
            return False
        if wait_s > 0:
            raise too_fast_with_this_key(int(wait_s) + 1)
        return True
