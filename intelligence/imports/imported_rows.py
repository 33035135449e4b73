"""Rows of an upload as they would become a draft: each an addition, or why it is none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final, cast

from sqlalchemy.orm import Session

from intelligence.curation.entries import Entries, canonical_of
from intelligence.curation.proposals import LIFETIME_DAYS, checked
from intelligence.curation.stands import Stands
from intelligence.days import FIRST, MOST_AHEAD
from intelligence.errors import FormRefused
from intelligence.imports.read_upload import NO_ROLE, Listed, NotListed
from intelligence.store.sealing import Seals
from screening.importers.entry import IMPORT_SENTENCES, Role
from screening.spools.changes import Add, ChangedRole, Kind
from screening.vocabulary.selector import SelectorKind

SENTENCES: Final[Mapping[str, str]] = {
    **{code: one.replace(" by hand", " from Check one") for code, one in IMPORT_SENTENCES.items()},
    "region_required": "no country code; write it with +, or fill in the country of phones without "
    "+, in two letters (GB)",
    "not_a_phone": "not a phone number; check its digits, and the country of phones without +",
    "row_too_long": "too long; shorten its texts to 2,000 characters each, or look for a missing "
    "line end",
    "bad_date": "give days such as 2026-12-31, from 2000 on and less than 100 years ahead, and "
    "first_seen not after last_seen, or nothing",
    "nothing_found": "nothing in this text looks like a phone or an e-mail address; look whether "
    "it is the right one, and whole",
    NO_ROLE: "no role is named; under What it holds, choose which column is the role, or one role "
    "of all that name none",
    "unknown_role": "its role is none of trafficker, facilitator, buyer, business, victim, "
    "disputed, unknown; or speaks of another, victim, bystander, cleared; correct it, or use "
    "Check one",
    "column_not_read": "looks like a selector in a column that is ignored; choose what that column "
    "holds, or add it from Check one",
    "excluded": "is on a safety list, such as a hotline's, and is never listed; see Safety lists",
    "retracted": "was taken off the list; have it allowed again first, which needs two people",
    "said_before": "an earlier row says something of the same selector for the same source and "
    "list; the first is taken",
    "said": "the list says just this already; nothing is to be done",
    "over": "its last day on the list is over; correct that day, or leave the row out",
    "no_source": "no source is named for it; fill in the source for all that name none",
    "no_reason": "no reason is named for it; fill in the reason for all that name none",
}
"""Why rows are not taken, in words of this console."""
ROW_SENTENCES: Final[Mapping[str, str]] = {**SENTENCES, NO_ROLE: "no role is named, see above"}
"""Of a row, why it is not: what holds of a whole file is said of that, once."""
_IDLE: Final = (Role.DISPUTED, Role.UNKNOWN)
_SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class ImportedRow:
    """A row: `add` is what would be drafted of it, None where `code` says why nothing.

    `known` tells that something is said of the selector already, and `is_unread` that part of that
    cannot be read: it may say just this, or more. One that is `undated` names no day of last seen.
    """

    line: int
    kind: str
    code: str = ""
    protects: bool = False
    column: str = ""
    add: Add | None = None
    known: bool = False
    is_unread: bool = False
    undated: bool = False

    @property
    def is_undated(self) -> bool:
        """Tell whether it would be drafted as seen today, for it names no day."""
        return self.add is not None and self.undated

    @property
    def lists_nobody(self) -> bool:
        """Tell whether it would be drafted, and by its role list nobody, nor protect anybody."""
        return self.add is not None and self.add.role in _IDLE

    def __repr__(self) -> str:
        return f"ImportedRow(line {self.line}, {self.code})"


def imported_rows(
    session: Session, seals: Seals, rows: Sequence[Listed | NotListed], now: float
) -> list[ImportedRow]:
    """Return what would become of each row, as the list stands at a time in Unix seconds."""
    today = datetime.fromtimestamp(now, UTC).date()
    made = [_made(row, today) for row in rows]
    selectors = {canonical_of(one.add) for one in made if one.add is not None}
    of = Stands(session, seals, selectors), Entries(session, seals)
    return [one if one.add is None else _held_against(*of, one, one.add) for one in made]


def _made(row: Listed | NotListed, today: date) -> ImportedRow:
    if isinstance(row, NotListed):
        return ImportedRow(row.line, row.kind, row.code, row.protects, row.column)
    is_victim = row.role == "victim"
    add = _addition(row, today)
    if isinstance(add, str):
        return ImportedRow(row.line, row.kind, add, protects=is_victim)
    return ImportedRow(row.line, row.kind, add=add, undated=row.last_seen is None)


def _addition(row: Listed, today: date) -> Add | str:
    """Return the addition that a row makes, or the code of why it makes none."""
    kind = SelectorKind(row.kind)
    last_seen = today if row.last_seen is None else row.last_seen.date()
    first_seen = last_seen if row.first_seen is None else row.first_seen.date()
    review_by = None if row.review_by is None else row.review_by.date()
    # The form of one addition names the day after the last one: up to there it is listed.
    end = row.expires_at and row.expires_at.replace(microsecond=0) + _SECOND
    last = end or _start(today + timedelta(days=LIFETIME_DAYS[kind] + 1))
    days = [first_seen, last_seen, last.date(), *([review_by] if review_by else [])]
    if not all(FIRST <= day <= today + MOST_AHEAD for day in days):
        return "bad_date"
    if last_seen > today:
        return "seen_in_future"
    if row.role != "victim" and last <= _start(today):
        return "over"
    if not row.source or not row.reason:
        return "no_reason" if row.source else "no_source"
    made = Add(
        kind=cast("Kind", row.kind),
        canonical=row.canonical,
        list=row.list,
        source=row.source,
        role=cast("ChangedRole", row.role),
        reason=row.reason,
        confidence=row.confidence,
        jurisdictions=row.jurisdictions,
        first_seen=min(first_seen, last_seen),
        last_seen=last_seen,
        review_by=review_by,
        expires_at=None if row.role == "victim" else last,
    )
    try:
        return checked(lambda: made)
    except FormRefused:
        return "row_too_long"


def _start(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _held_against(stands: Stands, entries: Entries, row: ImportedRow, add: Add) -> ImportedRow:
    """Return a row as what the list says leaves it."""
    selector = canonical_of(add)
    said = stands.said(selector)
    if entries.is_said(said, add):
        return replace(row, add=None, code="said")
    if stands.is_retracted(selector) and add.role != "victim":
        return replace(row, add=None, code="retracted")
    if stands.is_excluded(selector) and add.role != "victim":
        return replace(row, add=None, code="excluded")
    is_unread = bool(said.unread)
    return replace(row, known=bool(said.open) or is_unread, is_unread=is_unread)
