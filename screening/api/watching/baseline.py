"""Whether what a partner asks today is what it asks on other days: by counts alone.

Tokens are pseudonyms in no order, so that neighbours or a range cannot be seen here; what a search
cannot hide is that it asks much, or that much of what it asks is listed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from screening.vocabulary.suspected import Suspected

DAYS_KEPT: Final = 30
_LEAST_DAYS: Final = 3
"""Of fewer days no volume is called usual."""
_LEAST_HIT_RATE: Final = 0.0005
"""One in 2,000: who has matched less until now is measured against this, as is who is new."""


class Counts(NamedTuple):
    """Of answers: how many, selectors in them, and matches."""

    questions: int = 0
    selectors: int = 0
    matches: int = 0

    def plus(self, other: "Counts") -> "Counts":
        """Return the sums."""
        return Counts(*(one + another for one, another in zip(self, other, strict=True)))


NOTHING: Final = Counts()


@dataclass(frozen=True, slots=True)
class Terms:
    """What is called a deviation; each times is of the partner's own baseline.

    Below `least_matches` a day no hit rate is looked at, below `least_selectors` no volume.
    """

    hit_rate_times: float = 5.0
    least_matches: int = 20
    volume_times: float = 5.0
    least_selectors: int = 20_000


def deviations(days: Mapping[int, Counts], today: int, terms: Terms) -> list[Suspected]:
    """Return what of today's counts deviates from the days before; days since 1970-01-01."""
    now = days.get(today, NOTHING)
    before = [counts for day, counts in days.items() if today - DAYS_KEPT <= day < today]
    asked = sum(counts.selectors for counts in before)
    found: list[Suspected] = []
    usual = sum(counts.matches for counts in before) / asked if asked else 0.0
    most = terms.hit_rate_times * max(usual, _LEAST_HIT_RATE)
    if now.matches >= terms.least_matches and now.matches > most * now.selectors:
        found.append("partner_hit_rate")
    if (
        len(before) >= _LEAST_DAYS
        and now.selectors >= terms.least_selectors
        and now.selectors > terms.volume_times * asked / len(before)
    ):
        found.append("partner_volume")
    return found
