"""What a partner may ask in the whole deployment: leases from Redis, each in one script.

Redis is not asked per request: a worker leases a little at a time. It is not trusted either: what
it forgets is told to it again by each host, and each host holds the rate and the budgets by itself,
too (`host.py`). It sees sketches, which nobody can test without the pepper.
"""

from importlib.resources import files
from typing import Annotated, Any, Final

import msgspec
from redis.asyncio import Redis

from screening.api.quotas.budgets import Budget, Given, Rate
from screening.api.quotas.sketch import Sketch, to_redis
from screening.store import keys
from screening.store.connection import store_errors
from screening.vocabulary.errors import StoreUnavailable
from screening.vocabulary.unix_time import DAY_S
from screening.vocabulary.wire import BULK_MAX_SELECTORS

LEASE_LIFE_S: Final = 10.0
"""What was leased and not spent until then is leased anew: so a hold is in force soon."""
_SCRIPT: Final = files("screening.api.quotas").joinpath("lease.lua").read_bytes()
_DAY_MS: Final = DAY_S * 1_000
_DAY_TOLERANCE_MS: Final = 600_000
"""By so much the clocks of a host and of Redis may differ at midnight."""
_US: Final = 1_000_000
_CLOCKS_DIFFER: Final = [-1]
_Number = Annotated[int, msgspec.Meta(ge=0)]
_Reply = Annotated[list[_Number], msgspec.Meta(min_length=9, max_length=9)]


class Wanted(msgspec.Struct, frozen=True):
    """What is leased of a budget: `want` more, where `unspent` are in hand and `registers` known.

    `registers` are of today, as the host has them.
    """

    unspent: int
    want: int
    registers: bytes


def wanted(budget: Budget, unspent: int, needed: int, sketch: Sketch) -> Wanted:
    """Want as much as covers `needed`, and a lease in any case."""
    want = max(needed, budget.lease) - unspent
    return Wanted(unspent, max(0, want), bytes(sketch.registers))


class Granted(msgspec.Struct, frozen=True):
    """What was granted of a budget; how many the partner has used of it, and all partners."""

    granted: int
    used: int
    used_by_all: int


class Leased(msgspec.Struct, frozen=True):
    """What one script granted; `wait_s` is above 0 where the rate grants nothing before that."""

    wait_s: float
    rate: int
    seen: Granted
    matched: Granted
    is_held: bool


class LeaseRequest(msgspec.Struct, frozen=True):
    """What a worker asks for: `rate` selectors of the rate, none for 0, and of both budgets.

    `is_held`: the host knows that the partner is.
    """

    partner: str
    day: int
    given: Given
    rate: int
    seen: Wanted
    matched: Wanted
    is_held: bool


class ClockDiffers(StoreUnavailable):
    """Redis has another day than this host: neither can say what is left of it."""


class _RateTerms(msgspec.Struct, frozen=True):
    want: int
    interval_us: float
    burst_us: float
    most_us: float


class _BudgetTerms(msgspec.Struct, frozen=True):
    """`least` may be in hand as long as anything is left, whatever others have leased."""

    selectors: int
    unspent: int
    want: int
    least: int


class _Terms(msgspec.Struct, frozen=True):
    """What `lease.lua` reads."""

    partner: str
    lessee: str
    day: int
    held: bool
    rate: _RateTerms
    seen: _BudgetTerms
    matched: _BudgetTerms
    day_ms: int = _DAY_MS
    tolerance_ms: int = _DAY_TOLERANCE_MS
    life_ms: int = int(LEASE_LIFE_S * 1_000)


class DeploymentLeases:
    """Leases in the name of one worker, `lessee`."""

    def __init__(self, redis: Redis, lessee: str) -> None:
        self._redis = redis
        self._lessee = lessee

    async def lease(self, wanted: LeaseRequest) -> Leased:
        """Lease what is wanted; raises `StoreUnavailable`, and `ClockDiffers`.

        Must not be cancelled in the midst: replies could be taken for others'.
        """
        given, seen, matched = wanted.given, wanted.seen, wanted.matched
        terms = _Terms(
            partner=wanted.partner,
            lessee=self._lessee,
            day=wanted.day,
            held=wanted.is_held,
            rate=_rate_terms(given.rate, wanted.rate),
            seen=_BudgetTerms(given.seen.selectors, seen.unspent, seen.want, least=0),
            matched=_BudgetTerms(given.matched.selectors, matched.unspent, matched.want, least=1),
        )
        names = _names(wanted.partner, wanted.day, given)
        arguments = [
            msgspec.json.encode(terms),
            to_redis(seen.registers),
            to_redis(matched.registers),
        ]
        with store_errors():
            # The script travels each time: leases are rare, and a failover forgets scripts.
            reply: Any = await self._redis.eval(_SCRIPT, len(names), *names, *arguments)  # type: ignore[arg-type]  # bytes are taken, too
        return _leased(reply)


def _rate_terms(rate: Rate, want: int) -> _RateTerms:
    interval_us = _US / rate.per_second
    burst_us = rate.burst * interval_us
    return _RateTerms(
        want, interval_us, burst_us, most_us=burst_us + (BULK_MAX_SELECTORS + want) * interval_us
    )


def _names(partner: str, day: int, given: Given) -> list[str]:
    since = given.matched.since
    days = range(day, day - given.matched.days, -1)
    return [
        keys.rate(partner),
        keys.hold(partner, since),
        keys.leases(partner, given.seen.label, day),
        keys.leases(partner, given.matched.label, day),
        keys.used(given.seen.name, day),
        keys.used(given.matched.name, day),
        keys.ROOM_FOR_A_SKETCH,
        keys.sketch(partner, given.seen.label, day),
        *(keys.sketch(partner, given.matched.label, one) for one in days),
    ]


def _leased(reply: object) -> Leased:
    if reply == _CLOCKS_DIFFER:
        raise ClockDiffers("Redis has another day than this host; set the clocks")
    try:
        wait_us, rate, *budgets, is_held = msgspec.convert(reply, _Reply)
    except msgspec.ValidationError:
        raise StoreUnavailable(
            "what answers there is no Redis of ours; check its scripts"
        ) from None
    seen, matched = Granted(*budgets[:3]), Granted(*budgets[3:])
    return Leased(wait_us / _US, rate, seen, matched, is_held=is_held != 0)
