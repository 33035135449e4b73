"""What a partner may ask in the whole deployment: leases from Redis, each in one script.

Redis is not asked per request: a worker leases a little at a time. It is not trusted either: what
it forgets is told to it again by each host, and each host holds the rate and the budgets by itself,
too (`host.py`). It sees sketches, which nobody can test without the pepper.
"""

from collections.abc import Mapping
from importlib.resources import files
from typing import Annotated, Any, Final

import msgspec
from redis.asyncio import Redis

from screening.api.quotas.budgets import MATCHES_WINDOW_DAYS, Budget, Given, Rate
from screening.api.quotas.host import Hold
from screening.api.quotas.sketch import Sketch, to_redis
from screening.store import keys
from screening.store.connection import store_errors
from screening.store.scripts import HASHES, MARKS
from screening.vocabulary.errors import StoreUnavailable
from screening.vocabulary.unix_time import DAY_S
from screening.vocabulary.wire import BULK_MAX_SELECTORS

LEASE_LIFE_S: Final = 10.0
"""What was leased and not spent until then is leased anew: so a hold is in force soon."""
_LUA: Final = files("screening.api.quotas")
_RATE_SCRIPT: Final = _LUA.joinpath("rate.lua").read_bytes()
_SCRIPT: Final = _RATE_SCRIPT + MARKS + HASHES + _LUA.joinpath("lease.lua").read_bytes()
_KEY_SCRIPT: Final = _RATE_SCRIPT + _LUA.joinpath("key_rate.lua").read_bytes()
_HOLDS_SCRIPT: Final = MARKS + _LUA.joinpath("holds.lua").read_bytes()
_HOLDS_AT_A_TIME: Final = 500
_DAY_MS: Final = DAY_S * 1_000
_HOLD_LIVES_MS: Final = MATCHES_WINDOW_DAYS * _DAY_MS
_DAY_TOLERANCE_MS: Final = 600_000
"""By so much the clocks of a host and of Redis may differ at midnight."""
_US: Final = 1_000_000
_CLOCKS_DIFFER: Final = [-1]
_Number = Annotated[int, msgspec.Meta(ge=0)]
_Reply = Annotated[list[_Number], msgspec.Meta(min_length=9, max_length=9)]
_KeyReply = tuple[_Number, _Number]


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

    `earlier`: what matched on the earlier days of the window, as the host has it and Redis writes
    it; empty where nothing did. `is_held`: the host knows that the partner is.
    """

    partner: str
    day: int
    given: Given
    rate: int
    seen: Wanted
    matched: Wanted
    earlier: bytes
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
    """What `lease.lua` reads; of an API key `key_rate.lua` reads `_RateTerms` alone."""

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
            wanted.earlier,
        ]
        with store_errors():
            # The script travels each time: leases are rare, and a failover forgets scripts.
            reply: Any = await self._redis.eval(_SCRIPT, len(names), *names, *arguments)  # type: ignore[arg-type]  # bytes are taken, too
        return _no_more_than(wanted, _leased(reply))

    async def lease_key_rate(self, key_id: str, rate: Rate, want: int) -> float:
        """Lease of the rate of an API key; return in how many seconds, 0 where it is granted.

        Raises `StoreUnavailable`. Must not be cancelled in the midst, as above.
        """
        terms = msgspec.json.encode(_rate_terms(rate, want))
        with store_errors():
            reply: Any = await self._redis.eval(_KEY_SCRIPT, 1, keys.key_rate(key_id), terms)  # type: ignore[arg-type]  # as above
        try:
            told: tuple[int, int] = msgspec.convert(reply, _KeyReply)
        except msgspec.ValidationError:
            raise _no_redis_of_ours() from None
        wait_us, granted = told
        if granted < want and not wait_us:
            raise _no_redis_of_ours()
        return wait_us / _US

    async def tell_holds(self, holds: Mapping[Hold, int]) -> None:
        """Have Redis know of them, whatever it has forgotten; raises `StoreUnavailable`.

        With each stands since when this host knows of it (Unix seconds).

        Must not be cancelled in the midst, as above.
        """
        told = list(holds.items())
        for first in range(0, len(told), _HOLDS_AT_A_TIME):
            these = told[first : first + _HOLDS_AT_A_TIME]
            names = [keys.hold(*hold) for hold, _ in these]
            arguments = [_HOLD_LIVES_MS, *(at for _, at in these)]
            with store_errors():
                await self._redis.eval(_HOLDS_SCRIPT, len(names), *names, *arguments)  # type: ignore[arg-type]  # as above


def _rate_terms(rate: Rate, want: int) -> _RateTerms:
    interval_us = _US / rate.per_second
    burst_us = rate.burst * interval_us
    most = BULK_MAX_SELECTORS + rate.most_owed + want  # as large a lease as one may have had before
    return _RateTerms(want, interval_us, burst_us, most_us=burst_us + most * interval_us)


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
        keys.spent(partner, since, day),
        keys.sketch(partner, given.seen.label, day),
        keys.sketch(partner, f"{given.matched.label}-earlier", day),
        *(keys.sketch(partner, given.matched.label, one) for one in days),
    ]


def _no_more_than(wanted: LeaseRequest, leased: Leased) -> Leased:
    """Return what was granted of what was asked: less of the rate has a reason, or it is a lie."""
    if leased.rate < wanted.rate and not leased.wait_s:
        raise _no_redis_of_ours()
    return msgspec.structs.replace(
        leased,
        rate=min(leased.rate, wanted.rate),
        seen=_at_most(leased.seen, wanted.seen.want),
        matched=_at_most(leased.matched, wanted.matched.want),
    )


def _at_most(granted: Granted, want: int) -> Granted:
    return msgspec.structs.replace(granted, granted=min(granted.granted, want))


def _no_redis_of_ours() -> StoreUnavailable:
    return StoreUnavailable("what answers there is no Redis of ours; check its scripts")


def _leased(reply: object) -> Leased:
    if reply == _CLOCKS_DIFFER:
        raise ClockDiffers("Redis has another day than this host; set the clocks")
    try:
        wait_us, rate, *budgets, is_held = msgspec.convert(reply, _Reply)
    except msgspec.ValidationError:
        raise _no_redis_of_ours() from None
    seen, matched = Granted(*budgets[:3]), Granted(*budgets[3:])
    return Leased(wait_us / _US, rate, seen, matched, is_held=is_held != 0)
