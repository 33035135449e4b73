"""One phone in countries so far apart that nobody has carried it from one to the other in the time.

As where many people use one number: a call centre. What it tells, and what not, is in
docs/disclosure.md ("Too far apart").
"""

from collections.abc import Iterable, Iterator
from itertools import chain
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
    """Return the matches of those that are too far from another one for the time between."""
    in_order = sorted(seen, key=lambda one: one.at)
    return frozenset(chain(_too_far(in_order), _too_far(reversed(in_order))))


def _too_far(one_by_one: Iterable[Seen]) -> Iterator[UUID]:
    """Yield those that are too far from one before: of each country the last one is the nearest."""
    last: dict[str, Seen] = {}  # the one that was seen longest ago comes first
    for one in one_by_one:
        while last and abs(one.at - (oldest := next(iter(last.values()))).at) > _ANYWHERE_S:
            del last[oldest.booking_region]
        if any(_is_too_far(one, other) for other in last.values()):
            yield one.match_id
        last.pop(one.booking_region, None)
        last[one.booking_region] = one


def _is_too_far(one: Seen, other: Seen) -> bool:
    reach_km = ALLOWANCE_KM + FASTEST_KM_PER_H * abs(one.at - other.at) / 3_600
    return least_km(*sorted((one.booking_region, other.booking_region))) > reach_km
