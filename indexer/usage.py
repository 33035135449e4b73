"""How much partners ask, as API hosts have told Redis: counts by the day, which nobody vouches for.

The API's user may write anything there: what is no count, or more than anybody could ask, is not
known, and where nothing lies nothing is known either.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import redis

from screening.registry.record import PartnerRecord
from screening.store import keys
from screening.store.bounded_reads import read_strings
from screening.vocabulary.limits import MOST_SELECTORS

DAYS_TOLD: Final = 3
"""Redis forgets a day two days after its last answer."""
_ANSWERED: Final = 3
_SPENT: Final = 2
_MOST_BYTES: Final = 3 * 13 + 2

Count = int | None


class DayUsage(NamedTuple):
    """Of a day (since 1970-01-01), None where it is not known.

    `questions`, `selectors` and `matches` are of answers, `different` selectors of that day, and
    `matched_in_30_days` different ones that matched in the 30 days that end with it.
    """

    day: int
    questions: Count
    selectors: Count
    matches: Count
    different: Count
    matched_in_30_days: Count


def usage_of(
    store: redis.Redis, records: Sequence[PartnerRecord], today: int
) -> dict[str, list[DayUsage]]:
    """Return by partner the last days of which anything is there; raises `StoreUnavailable`."""
    days = range(today - DAYS_TOLD + 1, today + 1)
    wanted = [
        name(record.partner, record.matches_counted_from, day)
        for record in records
        for day in days
        for name in (keys.answered, keys.spent)
    ]
    found = iter(read_strings(store, [(name, _MOST_BYTES) for name in wanted]))
    told: dict[str, list[DayUsage]] = {}
    for record in records:
        for day in days:
            answered, spent = next(found), next(found)
            if answered != b"" or spent != b"":
                usage = DayUsage(day, *_answered(answered), *_counts(spent, _SPENT))
                told.setdefault(record.partner, []).append(usage)
    return told


def _answered(said: bytes | None) -> list[Count]:
    questions, selectors, matches = _counts(said, _ANSWERED)
    if selectors is None or matches is None or matches > selectors:
        return [None] * _ANSWERED
    return [questions, selectors, matches]


def _counts(said: bytes | None, number: int) -> list[Count]:
    """Return so many counts, none of them known where one is none."""
    parts = (said or b"").split(b":")
    if len(parts) != number or not all(part.isdigit() for part in parts):
        return [None] * number
    counts = [int(part) for part in parts]
    return [None] * number if max(counts) > MOST_SELECTORS else [*counts]
