"""What all hosts together have answered a partner: told to Redis, which is believed in little.

It can only restrict: counts that are too high, or a throttle that nobody set, hold a partner up
until a person looks; what it forgets is told to it again, and each host counts by itself, too.
What lies there of sums and suspicions the indexer reads, for people to see.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from importlib.resources import files
from typing import Annotated, Any, Final, NamedTuple

import msgspec
from redis.asyncio import Redis

from screening.api.watching.baseline import Counts
from screening.api.watching.suspicions import SUSPICIONS_KEPT_S, Noticed
from screening.registry.record import PartnerRecord
from screening.store import keys
from screening.store.connection import StoreRefused, store_errors
from screening.store.scripts import HASHES, MARKS
from screening.vocabulary.suspected import Suspected
from screening.vocabulary.unix_time import DAY_S

_LUA: Final = files("screening.api.watching").joinpath("usage.lua").read_bytes()
_SCRIPT: Final = MARKS + HASHES + _LUA
_COUNTS_LIVE_MS: Final = 2 * DAY_S * 1_000
_THROTTLE_LIVES_MS: Final = 30 * DAY_S * 1_000
_Number = Annotated[int, msgspec.Meta(ge=0)]
_Reply = Annotated[list[_Number], msgspec.Meta(min_length=4, max_length=4)]


class Everywhere(NamedTuple):
    """What is known of all hosts."""

    counts: Counts
    is_throttled: bool


class DeploymentUsage:
    """Tells and asks in the name of one host."""

    def __init__(self, redis: Redis, host: str, clock: Callable[[], float] = time.time) -> None:
        self._redis = redis
        self._host = host
        self._clock = clock

    async def tell(
        self,
        partner: PartnerRecord,
        day: int,
        counts: Counts,
        *,
        throttled_since: int | None,
        suspected: Mapping[Suspected, Noticed],
    ) -> Everywhere:
        """Tell what this host has answered on a day; raises `StoreUnavailable`, `StoreRefused`.

        `throttled_since` is since when this host knows that the partner's rate is reduced (Unix
        seconds), None where it is not; `suspected` what it is suspected of, and when that was
        noticed.

        Must not be cancelled in the midst: replies could be taken for others'.
        """
        names = _names(partner, day, suspected)
        arguments: list[str | int] = [
            self._host,
            ":".join(map(str, counts)),
            "" if throttled_since is None else throttled_since,
            _COUNTS_LIVE_MS,
            _THROTTLE_LIVES_MS,
            *(one for at in suspected.values() for one in (at.first, self._left_ms(at.last))),
        ]
        with store_errors():
            reply: Any = await self._redis.eval(_SCRIPT, len(names), *names, *arguments)  # type: ignore[arg-type]  # bytes are taken, too
        try:
            *sums, throttled = msgspec.convert(reply, _Reply)
        except msgspec.ValidationError:
            raise StoreRefused(
                "what answers there is no Redis of ours; check its scripts"
            ) from None
        return Everywhere(Counts(*sums), throttled != 0)

    def _left_ms(self, noticed_at: int) -> int:
        """Return for how long a suspicion is kept that was noticed then for the last time."""
        return max(1, int((noticed_at + SUSPICIONS_KEPT_S - self._clock()) * 1_000))


def _names(partner: PartnerRecord, day: int, suspected: Iterable[Suspected]) -> list[str]:
    name, since = partner.partner, partner.matches_counted_from
    return [
        keys.usage(name, since, day),
        keys.throttle(name, since),
        keys.answered(name, since, day),
        *(keys.suspected(name, since, what) for what in suspected),
    ]
