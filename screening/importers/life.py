"""What a row says of an entry beside its selector: how sure, since when, until when, and where."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from screening.importers.entry import RowCode
from screening.vocabulary.normalise import is_region

if TYPE_CHECKING:
    from screening.importers.csv_rows import ListRow

DEFAULT_LIST: Final = "default"
"""The list of rows that name none."""

LIST_NAME: Final = re.compile(r"(?!(?:.*[0-9]){6})[a-z][a-z0-9 ._-]{0,31}")
"""Names are shown, and the number of a cell beside it must not be: not so many digits."""

_CONFIDENCE: Final = re.compile(r"[0-9]{1,3}")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
# RFC 3339 section 5.6; `fromisoformat` alone takes much more, times without an offset included.
_DATE_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ][0-2]\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_BETWEEN_COUNTRIES: Final = re.compile(r"[\s,;/]+")


@dataclass(frozen=True, slots=True)
class Life:
    """What was read, and the first `trouble` that was met; what is in trouble is left out."""

    confidence: int | None
    first_seen: datetime | None
    last_seen: datetime | None
    review_by: datetime | None
    expires_at: datetime | None
    jurisdictions: tuple[str, ...]
    list: str
    trouble: RowCode | None


def read_life(row: "ListRow") -> Life:
    """Read the cells of a row that say how an entry lives."""
    confidence = _find_confidence(row.confidence)
    first_seen, last_seen, review_by = map(
        _find_start, (row.first_seen, row.last_seen, row.review_by)
    )
    if first_seen is not None and last_seen is not None:
        # Of one day, a cell may hold the moment, and the other the day alone.
        is_backwards = first_seen.date() > last_seen.date()
        first_seen = min(first_seen, last_seen)
    else:
        is_backwards = False
    expires_at = _find_end(row.expires_at)
    jurisdictions = _find_jurisdictions(row.jurisdictions)
    name = row.list.lower() or DEFAULT_LIST
    return Life(
        confidence=confidence,
        first_seen=first_seen,
        last_seen=last_seen,
        review_by=review_by,
        expires_at=expires_at,
        jurisdictions=jurisdictions or (),
        list=name if LIST_NAME.fullmatch(name) else DEFAULT_LIST,
        trouble=_first(
            ("bad_confidence", bool(row.confidence) and confidence is None),
            ("bad_expires_at", bool(row.expires_at) and expires_at is None),
            ("bad_date", bool(row.first_seen) and first_seen is None),
            ("bad_date", bool(row.last_seen) and last_seen is None),
            ("bad_date", bool(row.review_by) and review_by is None),
            ("bad_date", is_backwards),
            ("bad_jurisdictions", jurisdictions is None),
            ("bad_list", not LIST_NAME.fullmatch(name)),
        ),
    )


def _first(*troubles: tuple[RowCode, bool]) -> RowCode | None:
    return next((code for code, is_so in troubles if is_so), None)


def _find_confidence(text: str) -> int | None:
    return int(text) if _CONFIDENCE.fullmatch(text) and int(text) <= 100 else None


def _find_start(text: str) -> datetime | None:
    """Return a moment in UTC; a date means the beginning of that day."""
    return _find_moment(text, time_of_day="00:00:00")


def _find_end(text: str) -> datetime | None:
    """Return the last second in force, in UTC; a date means to the end of that day."""
    return _find_moment(text, time_of_day="23:59:59")


def _find_moment(text: str, *, time_of_day: str) -> datetime | None:
    if _DATE.fullmatch(text):
        text += f"T{time_of_day}Z"
    if not _DATE_TIME.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):  # no such day, or outside the years that can be counted
        return None


def _find_jurisdictions(text: str) -> tuple[str, ...] | None:
    """Return the countries that a cell names, sorted; None where one is not written as one."""
    written = set(_BETWEEN_COUNTRIES.split(text)) - {""}
    if text and not written:
        return None  # nothing but separators: to read it as "anywhere" would say too much
    if not all(map(is_region, written)):
        return None
    return tuple(sorted({name.upper() for name in written}))
