"""One phone in countries so far apart that nobody has carried it from one to the other in the time.

As where many people use one number: a call centre. What it tells, and what not, is in
docs/disclosure.md ("Too far apart").
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final, NamedTuple
from uuid import UUID

from intelligence.disclosure.country_circles import least_km

FASTEST_KM_PER_H: Final = 1_000
"""Airliners cruise at 900, and nobody steps from a desk into the air."""
ALLOWANCE_KM: Final = 500
"""For who is near a border, or asks by a network of the country next door, and for clocks that
differ: at that speed it is half an hour."""
_ANYWHERE_S: Final = 20 * 3_600
"""Half the circumference of the earth, 20,015 km, is in reach within that time."""


class Seen(NamedTuple):
    """A sighting by its match: when, in Unix seconds, and in which country."""

    match_id: UUID
    at: int
    booking_region: str


def far_apart(seen: Iterable[Seen]) -> frozenset[UUID]:
    """Return the matches of those that are too far from another one for the time between.

    So is whichever other one it is: of fewer of them these are too far apart, or fewer.
    """
    in_order = sorted(seen, key=lambda one: one.at)
    later = set(_too_far(in_order))
    # Of two that are too far apart one is the later one: where none is, there is no earlier one.
    return frozenset(later.union(_too_far(reversed(in_order)))) if later else frozenset()


def _too_far(one_by_one: Iterable[Seen]) -> Iterator[UUID]:
    """Yield those that are too far from one before: of each country the last one is the nearest."""
    last: dict[str, int] = {}  # the one that was seen longest ago comes first
    for match_id, at, region in one_by_one:
        while last and abs(at - last[oldest := next(iter(last))]) > _ANYWHERE_S:
            del last[oldest]
        if any(abs(at - seen) < _least_s(region, other) for other, seen in last.items()):
            yield match_id
        last.pop(region, None)
        last[region] = at


@cache  # of some 60,000 pairs; so each comparison is a look-up
def _least_s(region: str, other: str) -> float:
    """Return how many seconds somebody needs at the least from one country to another."""
    km = least_km(*sorted((region, other))) - ALLOWANCE_KM
    return km * 3_600 / FASTEST_KM_PER_H
