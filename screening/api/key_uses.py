"""When each API key was last used, to the minute: told to Redis, where the operator looks for it.

A request notes a number in memory. What is new is told by the worker's beat, once a minute for each
key that is in use, and what a worker has not told yet when it is killed is lost.
"""

import time
from collections.abc import Callable
from typing import Final

from redis.asyncio import Redis

from screening.store import keys
from screening.store.connection import store_errors
from screening.store.scripts import MARKS
from screening.vocabulary.errors import StoreUnavailable
from screening.vocabulary.unix_time import DAY_S

USES_KEPT_S: Final = 400 * DAY_S
"""A key that is used once a year is not told to be unused."""
_MINUTE_S: Final = 60
_ASK_AGAIN_AFTER_S: Final = 10.0
"""The beat must not wait for a Redis that does not answer each time."""
_AT_A_TIME: Final = 100

# Another worker, or a host, may have told a later one, by a clock that is ahead by less than a day.
# What else lies under the name of one key is nothing, and keeps no other from being told.
_SCRIPT: Final = (
    MARKS
    + b"""
for at, key in ipairs(KEYS) do
  local told, used = find_moment(key) or 0, tonumber(ARGV[at + 2])
  if told < used or told > used + tonumber(ARGV[2]) then
    redis.call('SET', key, ARGV[at + 2], 'EX', ARGV[1])
  end
end
"""
)


class KeyUses:
    """What one worker has noted, and has to tell."""

    def __init__(self, redis: Redis, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._redis = redis
        self._monotonic = monotonic
        self._minutes: dict[str, int] = {}
        self._told: dict[str, int] = {}
        self._not_before = float("-inf")

    def used(self, key_id: str, now: float) -> None:
        """Note that a key is used `now` (Unix seconds)."""
        self._minutes[key_id] = int(now) // _MINUTE_S

    async def tell(self) -> None:
        """Tell Redis what is new; where it does not answer, that is told later."""
        new = [(key, minute) for key, minute in self._minutes.items() if self._is_new(key, minute)]
        if not new or self._monotonic() < self._not_before:
            return
        new = new[:_AT_A_TIME]
        names = [keys.key_use(key) for key, _ in new]
        arguments = [USES_KEPT_S, DAY_S, *(minute * _MINUTE_S for _, minute in new)]
        try:
            with store_errors():
                await self._redis.eval(_SCRIPT, len(names), *names, *arguments)  # type: ignore[arg-type]  # bytes are taken, too
        except StoreUnavailable:
            self._not_before = self._monotonic() + _ASK_AGAIN_AFTER_S
            return
        self._told.update(new)

    def _is_new(self, key: str, minute: int) -> bool:
        return self._told.get(key) != minute
