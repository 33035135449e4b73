"""When API keys were last used, as API hosts have told Redis."""

import time
from collections.abc import Sequence
from typing import Final

import redis

from screening.store import keys
from screening.store.bounded_reads import read_strings
from screening.vocabulary.unix_time import DAY_S

_NUMBER_BYTES: Final = 12


def last_uses(store: redis.Redis, key_ids: Sequence[str]) -> dict[str, int | None]:
    """Return the beginning of the minute in which each was last used (Unix seconds).

    None where nobody knows: it was never used, or not for long, or Redis was emptied. The API's
    user may write anything there: what is no number, or in days to come, is nothing. Raises
    `StoreUnavailable`.
    """
    latest = time.time() + DAY_S  # the clock of a host may be ahead
    found = read_strings(store, [(keys.key_use(one), _NUMBER_BYTES) for one in key_ids])
    return {
        one: int(told) if told is not None and told.isdigit() and int(told) <= latest else None
        for one, told in zip(key_ids, found, strict=True)
    }
