"""What a partner was given: a rate, and budgets of different selectors, asked and matched."""

from dataclasses import dataclass
from typing import Final, Literal

from screening.registry.record import PartnerRecord
from screening.vocabulary.limits import MOST_SELECTORS

RATE_LEASE_S: Final = 0.02
"""A lease of the rate is what comes in so much time: a worker holds no more of it unspent."""
MATCHES_WINDOW_DAYS: Final = 30
"""For so many days a match counts against the budget of matches."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Selectors a second in the long run, and as many as `burst` beyond that at once."""

    per_second: int
    burst: int

    @property
    def most_owed(self) -> int:
        """How many a body that is refused costs at most: who sends one by mistake waits no longer
        than after a burst, or a second.
        """
        return max(self.per_second, self.burst)

    def lease(self, missing: int) -> int:
        """How many are leased where `missing` are wanted now."""
        return max(missing, int(self.per_second * RATE_LEASE_S))

    def part(self, parts: int) -> "Rate":
        """Return one of so many equal parts of it, of a selector a second at least."""
        return Rate(max(1, self.per_second // parts), max(1, self.burst // parts))

    def at_least(self, per_second: int) -> "Rate":
        """Return it, or so many a second and as many at once, where it is less."""
        return Rate(max(self.per_second, per_second), max(self.burst, per_second))


@dataclass(frozen=True, slots=True)
class Budget:
    """So many different selectors within `days`, counted since the moment `since` names.

    A selector that is asked again costs nothing, as long as it is within the window.
    """

    name: Literal["seen", "matched"]
    selectors: int
    days: int
    since: int = 0

    @property
    def label(self) -> str:
        """Names it, and the moment that it counts from, among those of one partner."""
        return f"{self.name}-{self.since}"

    @property
    def lease(self) -> int:
        """How many a worker takes at a time: what all hold unspent stays small.

        Of matches a hundredth; of selectors a thousandth, but 16 where that is no more than a
        hundredth. A question that is larger than that leases what it needs.
        """
        if self.name == "matched":
            return max(1, self.selectors // 100)
        return max(self.selectors // 1_000, min(16, self.selectors // 100))

    @property
    def away(self) -> int:
        """How many one host lets pass in a day while the deployment's count cannot be asked."""
        return max(1, self.selectors // 10)


@dataclass(frozen=True, slots=True)
class Given:
    """All that one partner was given."""

    rate: Rate
    seen: Budget
    matched: Budget


@dataclass(frozen=True, slots=True)
class Expected:
    """What all partners together ask at most, as the operator expects it; past it is an alarm."""

    selectors_a_day: int
    matches_in_30_days: int


def given_to(partner: PartnerRecord) -> Given:
    """Return what a signed record gives, `MOST_SELECTORS` of anything at most."""
    matches = min(partner.matches_per_30_days, MOST_SELECTORS)
    since = partner.matches_counted_from
    return Given(
        rate_given(partner.selectors_per_second, partner.burst_selectors),
        Budget("seen", min(partner.daily_selectors, MOST_SELECTORS), 1),
        Budget("matched", matches, MATCHES_WINDOW_DAYS, since),
    )


def rate_given(per_second: int, burst: int | None) -> Rate:
    """Return the rate that a record gives; a burst is a second's where it gives none."""
    return Rate(min(per_second, MOST_SELECTORS), min(burst or per_second, MOST_SELECTORS))
