"""Days as people type them: one way to read them, within bounds that every clock can count."""

import calendar
import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

from intelligence.errors import FormRefused

ONE_DAY: Final = timedelta(days=1)
FIRST: Final = date(2000, 1, 1)
MOST_AHEAD: Final = timedelta(days=100 * 365)
"""A later one is a slip of the keyboard, and near the year 10000 no clock counts on."""

_DAY: Final = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parse_day(text: str | None, what: str, today: date) -> date | None:
    """Return a day, None where nothing was typed; raises `FormRefused` for what is none of ours.

    `what` is what sentences call its field, whose name is spelled with underscores.
    """
    if text is None:
        return None
    field = what.removeprefix("the ").replace(" ", "_")
    try:
        # Python takes weeks and days without dashes as well (ISO 8601).
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        raise FormRefused(f"{what} is no date; write it as year-month-day", field)
    if not FIRST <= day <= today + MOST_AHEAD:
        raise FormRefused(f"{what} is too far from today; check its year", field)
    return day


def end_of(day: date) -> int:
    """Return when a day ends, in Unix seconds."""
    return calendar.timegm((day + ONE_DAY).timetuple())


def is_past(at: object, now: float) -> bool:
    """Tell whether a time has come (Unix seconds), as of what is no number it has: of a SQLite row.

    Whatever ends then, nobody gains by a time that somebody has written over.
    """
    return not isinstance(at, int | float) or at <= now


def moment_text(at: int) -> str:
    """Return a time in Unix seconds as people read it."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M UTC}"
