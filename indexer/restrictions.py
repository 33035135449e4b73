"""What hosts do of themselves about partners, and what they suspect them of, as told to Redis.

The API's user may write anything there. A mark that says no moment binds all the same, since when
is not known; one of something else than a host would write is a mark, too, and so is an empty one.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import redis

from screening.registry.record import PartnerRecord
from screening.store import keys
from screening.store.bounded_reads import are_there, read_strings
from screening.vocabulary.suspected import SUSPECTED, Suspected
from screening.vocabulary.unix_time import DAY_S

_MOMENT_BYTES: Final = 12
_FIRST_S: Final = 1_577_836_800
"""2020-01-01: no mark is older than this program."""

Since = int | None
"""Unix seconds, None where it is not known."""


@dataclass(frozen=True, slots=True)
class Restrictions:
    """By partner, since when: who is answered no more, whose rate is reduced, who is suspected."""

    held: Mapping[str, Since]
    throttled: Mapping[str, Since]
    suspected: Mapping[str, Mapping[Suspected, Since]]


NO_RESTRICTIONS: Final = Restrictions({}, {}, {})


def restrictions_of(store: redis.Redis, records: Sequence[PartnerRecord]) -> Restrictions:
    """Return those of the partners of these records; raises `StoreUnavailable`."""
    suspected: dict[str, dict[Suspected, Since]] = {}
    for what in SUSPECTED:
        marked = _marked(store, records, partial(keys.suspected, what=what))
        for name, since in marked.items():
            suspected.setdefault(name, {})[what] = since
    held, throttled = (_marked(store, records, mark) for mark in (keys.hold, keys.throttle))
    return Restrictions(held, throttled, suspected)


def _marked(
    store: redis.Redis, records: Sequence[PartnerRecord], mark: Callable[[str, int], str]
) -> dict[str, Since]:
    names = [mark(one.partner, one.matches_counted_from) for one in records]
    found = read_strings(store, [(name, _MOMENT_BYTES) for name in names])
    there = are_there(store, names)  # after the reading, which has removed what is over
    return {
        record.partner: _moment(said)
        for record, said, is_there in zip(records, found, there, strict=True)
        if is_there
    }


def _moment(said: bytes | None) -> Since:
    latest = time.time() + DAY_S  # the clock of a host may be ahead
    is_one = said is not None and said.isdigit() and _FIRST_S <= int(said) <= latest
    return int(said) if is_one and said is not None else None
