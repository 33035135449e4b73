"""What all hosts together have answered a partner: told to Redis, which is believed in little.

It can only restrict: counts that are too high, or a throttle that nobody set, hold a partner up
until a person looks; what it forgets is told to it again, and each host counts by itself, too.
"""

from importlib.resources import files
from typing import Annotated, Any, Final, NamedTuple

import msgspec
from redis.asyncio import Redis

from screening.api.watching.baseline import Counts
from screening.registry.record import PartnerRecord
from screening.store import keys
from screening.store.connection import store_errors
from screening.vocabulary.errors import StoreUnavailable
from screening.vocabulary.unix_time import DAY_S

_SCRIPT: Final = files("screening.api.watching").joinpath("usage.lua").read_bytes()
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

    def __init__(self, redis: Redis, host: str) -> None:
        self._redis = redis
        self._host = host

    async def tell(
        self, partner: PartnerRecord, day: int, counts: Counts, *, is_throttled: bool
    ) -> Everywhere:
        """Tell what this host has answered on a day; raises `StoreUnavailable`.

        Must not be cancelled in the midst: replies could be taken for others'.
        """
        name, since = partner.partner, partner.matches_counted_from
        arguments: list[str | int] = [
            self._host,
            ":".join(map(str, counts)),
            int(is_throttled),
            _COUNTS_LIVE_MS,
            _THROTTLE_LIVES_MS,
        ]
        with store_errors():
            reply: Any = await self._redis.eval(
                _SCRIPT,  # type: ignore[arg-type]  # bytes are taken, too
                2,
                keys.usage(name, since, day),
                keys.throttle(name, since),
                *arguments,
            )
        try:
            *sums, throttled = msgspec.convert(reply, _Reply)
        except msgspec.ValidationError:
            raise StoreUnavailable(
                "what answers there is no Redis of ours; check its scripts"
            ) from None
        return Everywhere(Counts(*sums), throttled != 0)
