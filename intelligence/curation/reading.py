"""What pages show of the list and of changes to it, as far as somebody's roles reach."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from intelligence.curation.as_approved import digest_of_shown
from intelligence.curation.changes import Changes
from intelligence.curation.differences import shown_operations
from intelligence.curation.entries import Entries, blind_id, canonical_of
from intelligence.curation.lessening import Lessening
from intelligence.curation.overview import IS_BACK, IS_DUE, OF_LIST
from intelligence.curation.purposes import Purpose
from intelligence.curation.refused_changes import refused_to_note
from intelligence.curation.showing import Showing, revealed
from intelligence.curation.shown_changes import Checked, Queue, ShownChange
from intelligence.curation.standing import (
    SHOWN_AT_MOST,
    first_change,
    stand_of,
)
from intelligence.curation.tables import OPEN_STATES, ChangeRow, ChangeSet, ChangeState, Concern
from intelligence.curation.under_way import states_of, under_way
from intelligence.errors import NotThere, Undecipherable
from intelligence.journal import Journal
from intelligence.paging import paging
from intelligence.staff.accounts import acting
from intelligence.staff.roles import RecordType, Verb
from intelligence.staff.sessions import SignedIn
from intelligence.store.database import Database
from intelligence.store.sealing import Seals
from screening.spools.changes import Change, Retract
from screening.vocabulary.selector import Canonical

CHECKED_AT_MOST: Final = 50
"""Entries of a selector that is checked, and changes of it: what is told is kept in memory."""
LISTED_AT_MOST: Final = 3
"""Operations of a change, where it is one of many."""
LOOKED_THROUGH_AT_MOST: Final = 20
"""Operations of one of many that waits, for whether it can be approved: a page has 200 of these."""
_TAKES_NOBODY_OFF: Final = ~exists().where(
    ChangeRow.change_set_id == ChangeSet.id, ChangeRow.operation == Retract.__name__
)


class _Part(NamedTuple):
    """Some operations, which page of how many they are, and what lessens the list of all.

    And all, None where these were not looked through.
    """

    operations: Sequence[Change]
    page: int
    pages: int
    lessening: Lessening | None = None
    whole: Sequence[Change] | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """Looks things up; looking for a selector is on record."""

    database: Database
    seals: Seals
    changes: Changes
    journal: Journal
    clock: Callable[[], float]

    def check(self, who: SignedIn, selector: Canonical) -> Checked:
        """Return where a selector stands, once it is on record that it was asked."""
        with self.database.reading() as session:
            privileges = acting(session, who, self.clock, lock=False)
            privileges.require(Verb.READ, RecordType.ENTRY, {"canonical"})
            showing = Showing(session, self.seals, privileges, self.journal.on_record)
            said = Entries(session, self.seals).said_of(selector)
            known = first_change(session, self.seals, selector)
            rows, changes = [*said.unread, *said.open], under_way(session, self.seals, selector)
            found = Checked(
                selector=selector,
                known_as=None if known is None else known.id,
                entries=[showing.entry(row) for row in rows[:CHECKED_AT_MOST]],
                stand=stand_of(session, self.seals, selector, (said, self.clock())),
                changes=states_of(session, changes[:CHECKED_AT_MOST]),
                others=sum(max(0, len(of) - CHECKED_AT_MOST) for of in (rows, changes)),
            )
        facts = {"selector": blind_id(self.seals, selector), **said.facts}
        self.journal.record(who.actor, "selector checked", **facts)
        return found

    def one(self, who: SignedIn, change_id: UUID, *, page: int = 1) -> ShownChange:
        """Return a page of one change, its selectors masked; raises `NotThere`."""
        with self.database.reading() as session:
            privileges = acting(session, who, self.clock, lock=False)
            privileges.require(Verb.READ, RecordType.CHANGE, {"state"})
            showing = Showing(session, self.seals, privileges, self.journal.on_record)
            shown = self._legible(showing, _required(session, change_id), who, page=page)
        self.journal.record(who.actor, "change looked at", change=str(change_id), page=shown.page)
        return shown

    def revealed(
        self, who: SignedIn, change_id: UUID, why: Purpose, *, page: int = 1
    ) -> ShownChange:
        """Return a page of one change, its selectors whole, once who sees them is on record."""
        with self.database.reading() as session:
            privileges = acting(session, who, self.clock, lock=False)
            privileges.require(Verb.READ, RecordType.CHANGE, {"state"})
            privileges.require(Verb.REVEAL, RecordType.CHANGE, {"canonical"})
            row = _required(session, change_id)
            showing = Showing(session, self.seals, privileges, self.journal.on_record, revealed)
            part = self._part(showing, row, page)
            shown = self._change(showing, row, who, part=part)
        selectors = [blind_id(self.seals, canonical_of(one)) for one in part.operations]
        facts = {"change": str(change_id), "selectors": selectors, **why.facts}
        self.journal.record(who.actor, "change revealed", **facts)
        return shown

    def waiting(self, who: SignedIn, *, page: int = 1) -> Queue:
        """Return what is submitted."""
        return self._queue(who, ChangeSet.state == ChangeState.SUBMITTED, page)

    def scheduled(self, who: SignedIn, *, page: int = 1) -> Queue:
        """Return what is approved and leaves later."""
        return self._queue(who, ChangeSet.state == ChangeState.SCHEDULED, page)

    def drafts(self, who: SignedIn, *, page: int = 1) -> Queue:
        """Return the drafts of the one who asks."""
        is_own = ChangeSet.author_id == who.account_id
        return self._queue(who, is_own & (ChangeSet.state == ChangeState.DRAFT), page)

    def to_review(self, who: SignedIn, *, page: int = 1) -> Queue:
        """Return what one person has taken off, and no other has looked at yet."""
        return self._queue(who, IS_DUE, page)

    def came_back(self, who: SignedIn, *, page: int = 1) -> Queue:
        """Return what was decided and came back."""
        return self._queue(who, IS_BACK, page)

    def refused(self, who: SignedIn, *, page: int = 1) -> Queue:
        """Return what colleagues have refused of one's own, and one may note."""
        with self.database.reading() as session:
            privileges = acting(session, who, self.clock, lock=False)
        return self._queue(who, refused_to_note(who, privileges, RecordType.CHANGE), page)

    def _queue(self, who: SignedIn, which: ColumnElement[bool], page: int) -> Queue:
        """Return a page of what takes somebody off, and then of the others, each oldest first."""
        with self.database.reading() as session:
            privileges = acting(session, who, self.clock, lock=False)
            privileges.require(Verb.READ, RecordType.CHANGE, {"state"})
            many = session.scalar(select(func.count(ChangeSet.id)).where(which, OF_LIST)) or 0
            at = paging(page, many, SHOWN_AT_MOST)
            in_order = (_TAKES_NOBODY_OFF, ChangeSet.created_at, ChangeSet.id)
            chosen = select(ChangeSet).where(which, OF_LIST).order_by(*in_order)
            rows = session.scalars(chosen.offset(at.first).limit(SHOWN_AT_MOST)).all()
            showing = Showing(session, self.seals, privileges, self.journal.on_record)
            shown = [self._legible(showing, row, who) for row in rows]
            return Queue(shown, many, at.page, at.pages)

    def _legible(
        self, showing: Showing, row: ChangeSet, who: SignedIn, *, page: int | None = None
    ) -> ShownChange:
        """Return a change as far as it opens: one that does not hides none of the others."""
        try:
            part = self._first(showing, row) if page is None else self._part(showing, row, page)
            return self._change(showing, row, who, part=part)
        except Undecipherable:
            return self._change(showing, row, who, part=None)

    def _first(self, showing: Showing, row: ChangeSet) -> _Part:
        """Return the first operations of one of many changes, which nobody signs by that."""
        may_look = showing.privileges.may(Verb.READ, RecordType.ENTRY)
        is_waiting = row.state == ChangeState.SUBMITTED and may_look
        most = LOOKED_THROUGH_AT_MOST + 1 if is_waiting else LISTED_AT_MOST
        found = self.changes.sets.operations(showing.session, row, most=most)
        is_whole = is_waiting and len(found) < most
        return _Part(found[:LISTED_AT_MOST], 1, 1, whole=found if is_whole else None)

    def _part(self, showing: Showing, row: ChangeSet, page: int) -> _Part:
        """Return a page of operations, those first that lessen the list in force.

        What became of those of a change that is in force already, its version tells.
        """
        sets, session = self.changes.sets, showing.session
        at = paging(page, sum(sets.counts(session, row).values()), SHOWN_AT_MOST)
        if row.state not in OPEN_STATES or not showing.privileges.may(Verb.READ, RecordType.ENTRY):
            found = sets.operations(session, row, first=at.first, most=SHOWN_AT_MOST)
            return _Part(found, at.page, at.pages)
        all_of_it = self.changes.lessening(session, row, sets.operations(session, row))
        shown = all_of_it.operations[at.first :][:SHOWN_AT_MOST]
        return _Part(shown, at.page, at.pages, all_of_it, all_of_it.operations)

    def _change(
        self, showing: Showing, row: ChangeSet, who: SignedIn, *, part: _Part | None
    ) -> ShownChange:
        """Return a change with a part of its operations, None of one that does not open."""
        sets, session = self.changes.sets, showing.session
        is_waiting = row.state == ChangeState.SUBMITTED and part is not None
        operations, page, pages, found, whole = part or _Part([], 1, 1)
        hindrance = self.changes.find_hindrance(session, row, whole) if is_waiting else None
        return ShownChange(
            id=row.id,
            record=showing.decision(row),
            operations=shown_operations(showing, operations, row),
            page=page,
            pages=pages,
            counts={kind.__name__.lower(): n for kind, n in sets.counts(session, row).items()},
            lessened={} if found is None else found.counts,
            shown="" if found is None else digest_of_shown(self.seals, found),
            unread_ahead={} if found is None else found.unread_ahead,
            hindrance=hindrance,
            is_for_anybody=hindrance is not None and self.changes.is_for_anybody(session, row),
            excess=self.changes.excess(session, row, found) if is_waiting else [],
            leaves_at=row.leaves_at,
            is_own=row.author_id == who.account_id,
            is_revealed=showing.spell is revealed,
            created_at=row.created_at,
            submitted_at=row.submitted_at,
            decided_at=row.decided_at,
            review_due_at=row.review_due_at,
            reviewed_at=row.reviewed_at,
            came_back_at=row.came_back_at,
            noted_at=row.noted_at,
            was_refused=row.was_refused,
            is_overdue=row.is_overdue(self.clock()),
            is_unreadable=part is None,
            file=row.export_sequence,
        )


def _required(session: Session, change_id: UUID) -> ChangeSet:
    row = session.get(ChangeSet, change_id)
    if row is None or row.concerns != Concern.LIST:
        raise NotThere
    return row
