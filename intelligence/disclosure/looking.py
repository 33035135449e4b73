"""One look at what lies behind a receipt, as far as the roles of the one who looks reach."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select, true
from sqlalchemy.orm import Session

from intelligence.curation.entries import Entries, blind_id
from intelligence.curation.tables import EntryRow
from intelligence.disclosure.deconfliction import at_work, keys_of, others_work_on
from intelligence.disclosure.sightings import (
    count_sightings,
    is_as_told,
    sightings_far_apart,
    sightings_of,
)
from intelligence.disclosure.tables import OPENED, MapRow, MatchRow, MatchState, RecordRow
from intelligence.disclosure.withholding import WITHHELD, to_disclose_of
from intelligence.errors import FormRefused
from intelligence.journal import CONSOLE, Journal
from intelligence.staff.privileges import Privileges, Shown
from intelligence.staff.roles import RecordType, Verb
from intelligence.store.sealing import Seals
from screening.vocabulary.selector import Canonical

MOST_MATCHES: Final = 16
"""As many as one check may have; of a file that was screened a row is named."""
MOST_SIGHTINGS: Final = 200
_UNKNOWN: Final = (
    "no match of this receipt is known here: it is of none, has not arrived yet, or is of what was "
    "taken off the list since; ask whoever keeps the list"
)
_NOT_YET: Final = "the match has arrived, and what it is of has not; ask again tomorrow"
_NOT_OPENED: Final = "the match cannot be opened here; tell whoever runs the service"
_CONTESTED: Final = (
    "two logs tell of this receipt, and not the same, so nothing is shown; tell whoever runs the "
    "service, who can find out which is right, and say so"
)
_WHY_NOT: Final = (
    (MatchState.WAITING, _NOT_YET),
    (MatchState.SEALED, _NOT_OPENED),
    (MatchState.DAMAGED, _NOT_OPENED),
)


@dataclass(frozen=True, slots=True)
class Found:
    """What lies behind one match: `is_shared` where another organisation works on it, too.

    `are_over` tells of each entry whether its last day is over. Of the sightings that are there,
    those that are shown are the newest. `is_told_twice` where another log tells of the receipt what
    nobody here can open.
    """

    disclosure_id: UUID
    match: Shown
    entry_ids: Sequence[UUID]
    entries: Sequence[Shown]
    are_over: Sequence[bool]
    sightings: Sequence[Shown]
    sightings_there: int
    is_shared: bool
    is_told_twice: bool


@dataclass(frozen=True, slots=True)
class Matched:
    """A match, and what is said of its selector now."""

    match: MatchRow
    record: RecordRow
    row: MapRow
    selector: Canonical
    entries: Sequence[EntryRow]


@dataclass(frozen=True, slots=True)
class Looking:
    """In one transaction; `organisation` is that of an external user."""

    session: Session
    seals: Seals
    privileges: Privileges
    organisation: str | None
    clock: Callable[[], float]
    journal: Journal
    with_sightings: bool = True

    @property
    def shows_sightings(self) -> bool:
        """Whether it shows any, which an export does not."""
        return self.with_sightings and self.privileges.may(Verb.READ, RecordType.SIGHTING)

    def matches(self, receipt: str, row: int | None) -> list[Matched]:
        """Return the matches of a receipt that can be shown; raises `FormRefused` where none can.

        Of several, those are left out that protect somebody, are off the list, or were changed in
        the database, which is on record.
        """
        found = self._found(receipt, row, MatchRow.state.in_(OPENED))
        if any(record.is_contested for _, record, _ in found):
            raise FormRefused(_CONTESTED)
        found = found or self._found(receipt, row, true())
        if len(found) > MOST_MATCHES:
            raise FormRefused("this receipt is of a whole file; give it with .ROW behind it")
        known = [one for one in found if one[0].map_id is not None]
        if not known:
            states = {match.state for match, _, _ in found}
            raise FormRefused(next((why for state, why in _WHY_NOT if state in states), _UNKNOWN))
        told = [
            (match, record, of)
            for match, record, of in known
            if is_as_told(self.seals, match, record, of) and self.seals.find_selector(of)
        ]
        if len(told) < len(known):
            rows = [one[0].row for one in known if one not in told]
            self.journal.record(CONSOLE, "matches not read", receipt=receipt, rows=rows)
        if not told:
            raise FormRefused(_NOT_OPENED)
        matched = [self._matched(*one) for one in told]
        open_ones = [one for one in matched if one is not None]
        if not open_ones:
            raise FormRefused(WITHHELD)
        return open_ones

    def _found(
        self, receipt: str, row: int | None, which: ColumnElement[bool]
    ) -> Sequence[tuple[MatchRow, RecordRow, MapRow]]:
        chosen = (
            select(MatchRow, RecordRow, MapRow)
            .join(RecordRow, RecordRow.id == MatchRow.record_id)
            .outerjoin(MapRow, MapRow.id == MatchRow.map_id)
            .where(RecordRow.receipt == receipt, which)
            .order_by(MatchRow.row)
            .limit(MOST_MATCHES + 1)
        )
        if row is not None:
            chosen = chosen.where(MatchRow.row == row)
        return [(match, record, of) for match, record, of in self.session.execute(chosen)]

    def _matched(self, match: MatchRow, record: RecordRow, row: MapRow) -> Matched | None:
        selector = self.seals.selector(row)
        said = Entries(self.session, self.seals).said_of(selector)
        entries = to_disclose_of(self.session, self.seals, selector, said)
        if said.facts:
            blind = blind_id(self.seals, selector)
            self.journal.record(CONSOLE, "entries not read", selector=blind, **said.facts)
        return Matched(match, record, row, selector, entries) if entries else None

    def found(self, of: Matched, disclosure_id: UUID) -> Found:
        """Return what is shown of a match."""
        match, record, selector, entries = of.match, of.record, of.selector, of.entries
        shown = self.privileges.shown
        matched = {
            "receipt": f"{record.receipt}.{match.row}",
            "matched_at": record.at,
            "partner": record.partner,
            "booking_region": match.booking_region,
        }
        return Found(
            disclosure_id=disclosure_id,
            match=shown(RecordType.DISCLOSURE, matched),
            entry_ids=[one.id for one in entries],
            entries=[shown(RecordType.DISCLOSURE, self._entry(selector, one)) for one in entries],
            are_over=[self._is_over(one) for one in entries],
            sightings=self._sightings(selector),
            sightings_there=count_sightings(self.session, self.seals, selector),
            is_shared=self._is_shared(selector),
            is_told_twice=self._is_told_twice(record),
        )

    def _is_over(self, row: EntryRow) -> bool:
        return row.expires_at is not None and self.clock() >= row.expires_at

    def _is_told_twice(self, record: RecordRow) -> bool:
        by_another = (RecordRow.receipt == record.receipt) & (RecordRow.id != record.id)
        return bool(self.session.scalar(select(exists().where(by_another))))

    def _sightings(self, selector: Canonical) -> list[Shown]:
        if not self.shows_sightings:
            return []
        found = sightings_of(self.session, self.seals, selector, at_most=MOST_SIGHTINGS)
        if found.unread:
            facts = {"selector": blind_id(self.seals, selector), "matches": found.unread}
            self.journal.record(CONSOLE, "matches not read", **facts)
        too_far = sightings_far_apart(self.session, self.seals, selector)
        return [
            self.privileges.shown(
                RecordType.SIGHTING,
                {
                    "at": record.at,
                    "partner": record.partner,
                    "kind": selector.kind.value,
                    "receipt": f"{record.receipt}.{match.row}",
                    "booking_region": match.booking_region,
                    "far_apart": None if match.booking_region is None else match.id in too_far,
                },
            )
            for match, record in found.rows
        ]

    def _is_shared(self, selector: Canonical) -> bool:
        if self.organisation is None:
            return False
        keys = keys_of(self.seals, selector)
        working = at_work(self.session, keys, now=self.clock())
        return others_work_on(keys, working, organisation=self.organisation)

    def _entry(self, selector: Canonical, row: EntryRow) -> dict[str, object]:
        return {
            "kind": row.kind,
            "canonical": selector.shown(),
            "list": row.list,
            "source": row.source,
            "role": row.role,
            "reason": self.seals.text(row, "reason"),
            "confidence": row.confidence,
            "jurisdictions": row.jurisdictions.split(),
            "first_seen": _day(row.first_seen),
            "last_seen": _day(row.last_seen),
            "review_by": _day(row.review_by),
            "expires_at": _moment(row.expires_at),
        }


def _moment(at: int | None) -> datetime | None:
    return None if at is None else datetime.fromtimestamp(at, UTC)


def _day(at: int | None) -> date | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).date()
