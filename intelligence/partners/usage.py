"""How much a partner asks: counts by the day, kept as they are told, and a picture of them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final, NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from intelligence.partners.tables import PartnerRow, UsageRow
from screening.spools.usage_told import UsageTold
from screening.vocabulary.unix_time import DAY_S

DAYS_SHOWN: Final = 30
BAR_WIDTH: Final = 10
PICTURE_HEIGHT: Final = 60


class ShownDay(NamedTuple):
    """A day (its first moment, Unix seconds): None is what is not known, `bar` as well."""

    day: int
    questions: int | None
    selectors: int | None
    matches: int | None
    different: int | None
    bar: int | None


@dataclass(frozen=True, slots=True)
class ShownUsage:
    """The last 30 days, today last, and their sums over those days of which they are known.

    `matched` is how many different selectors matched in the 30 days that end with `matched_on`,
    the latest day of which that is known. `told_at` is None where nothing was ever told.
    """

    days: list[ShownDay]
    matched: int | None
    matched_on: int | None
    told_at: int | None

    @property
    def today(self) -> ShownDay:
        """What is known of today."""
        return self.days[-1]

    @property
    def known(self) -> list[ShownDay]:
        """The days of which it is known how much was asked."""
        return [one for one in self.days if one.selectors is not None]

    @property
    def selectors(self) -> int:
        """How many were asked on those."""
        return sum(one.selectors or 0 for one in self.known)

    @property
    def matches(self) -> int:
        """How many of these matched."""
        return sum(one.matches or 0 for one in self.known)

    @property
    def most(self) -> ShownDay | None:
        """The day on which most was asked, None where nothing is known."""
        return max(self.known, key=lambda one: one.selectors or 0, default=None)

    @property
    def width(self) -> int:
        """How wide the picture is."""
        return BAR_WIDTH * len(self.days)


def keep_usage(session: Session, told: UsageTold) -> None:
    """Keep what was told, and forget days that nobody is shown any more."""
    at = int(told.written_at.timestamp())
    session.execute(delete(UsageRow).where(UsageRow.day <= at - DAYS_SHOWN * DAY_S))
    for partner in told.partners:
        for one in partner.days:
            session.merge(
                UsageRow(
                    partner=partner.partner,
                    day=_start(one.day),
                    questions=one.questions,
                    selectors=one.selectors,
                    matches=one.matches,
                    different=one.different,
                    matched_in_30_days=one.matched_in_30_days,
                    told_at=at,
                )
            )


def forget_usage(session: Session) -> None:
    """Forget what partners asked that are none any more."""
    is_gone = UsageRow.partner.not_in(select(PartnerRow.name))
    session.execute(delete(UsageRow).where(is_gone))


def find_usage(session: Session, partner: str, now: float) -> ShownUsage:
    """Return how much a partner asked in the 30 days that end with today."""
    today = int(now // DAY_S) * DAY_S
    days = range(today - (DAYS_SHOWN - 1) * DAY_S, today + 1, DAY_S)
    chosen = select(UsageRow).where(UsageRow.partner == partner, UsageRow.day.in_(days))
    rows = {row.day: row for row in session.scalars(chosen)}
    most = max((row.selectors or 0 for row in rows.values()), default=0)
    matched = [day for day in rows if rows[day].matched_in_30_days is not None]
    return ShownUsage(
        days=[_shown(day, rows.get(day), most) for day in days],
        matched=rows[max(matched)].matched_in_30_days if matched else None,
        matched_on=max(matched, default=None),
        told_at=max((row.told_at for row in rows.values()), default=None),
    )


def _shown(day: int, row: UsageRow | None, most: int) -> ShownDay:
    if row is None:
        return ShownDay(day, None, None, None, None, None)
    bar = None
    if row.selectors is not None:  # what is known and little is seen, too
        bar = max(1, round((PICTURE_HEIGHT - 2) * row.selectors / max(1, most)))
    return ShownDay(day, row.questions, row.selectors, row.matches, row.different, bar)


def _start(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
