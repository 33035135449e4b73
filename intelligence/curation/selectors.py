"""One selector: what is said of it and where that comes from, and what was done with it when."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from intelligence.curation.entries import Entries, Said, blind_id
from intelligence.curation.purposes import Purpose
from intelligence.curation.showing import Showing, revealed
from intelligence.curation.standing import (
    SHOWN_AT_MOST,
    Stand,
    count_changes,
    some_changes,
    stand_of,
)
from intelligence.curation.tables import ChangeRow, ChangeSet, EntryRow, ExportRow
from intelligence.errors import NotThere
from intelligence.journal import Journal
from intelligence.paging import paging
from intelligence.staff.accounts import acting
from intelligence.staff.privileges import Privileges, Shown
from intelligence.staff.roles import RecordType, Verb
from intelligence.staff.sessions import SignedIn
from intelligence.store.database import Database
from intelligence.store.sealing import Seals
from screening.vocabulary.selector import Canonical


@dataclass(frozen=True, slots=True)
class Entry:
    """What one source says, from the file that began it to the one that ended it, if any."""

    says: Shown
    change_id: UUID
    begun_by: int
    ended_by: int | None


@dataclass(frozen=True, slots=True)
class Done:
    """What a change has done with the selector, or is to do: who wanted it, who decided, when.

    `release` is the one as which its file came into force.
    """

    change_id: UUID
    operation: str
    record: Shown
    submitted_at: int | None
    decided_at: int | None
    file: int | None
    release: int | None


@dataclass(frozen=True, slots=True)
class ShownSelector:
    """A selector as somebody may see it: masked, unless it was revealed for this one page.

    Of its entries and of its history a page is there, of either the same.
    """

    id: UUID
    kind: str
    spelled: str
    is_revealed: bool
    stand: Stand
    entries: Sequence[Entry]
    history: Sequence[Done]
    page: int
    pages: int

    @property
    def first(self) -> int:
        """Return the place in the whole of the first thing on the page, from 0."""
        return (self.page - 1) * SHOWN_AT_MOST


@dataclass(frozen=True, slots=True)
class Selectors:
    """Looks selectors up by an id that says nothing of them; each look is on record.

    `beside` is how many of something else is shown, page by page, beside what is known here.
    """

    database: Database
    seals: Seals
    journal: Journal
    clock: Callable[[], float]

    def one(
        self, who: SignedIn, selector_id: UUID, *, page: int = 1, beside: int = 0
    ) -> ShownSelector:
        """Return a page of a selector, masked; raises `NotThere`."""
        with self.database.reading() as session:
            showing = Showing(
                session, self.seals, self._permitted(session, who), self.journal.on_record
            )
            selector = self._required(session, selector_id)
            said = Entries(session, self.seals).said_of(selector)
            shown = self._shown(showing, (selector_id, selector), said, (page, beside))
        facts = {"selector": blind_id(self.seals, selector), **said.facts}
        self.journal.record(who.actor, "selector looked at", **facts)
        return shown

    def revealed(
        self, who: SignedIn, selector_id: UUID, why: Purpose, *, page: int = 1, beside: int = 0
    ) -> ShownSelector:
        """Return a page of a selector, once it is on record who sees it, and why."""
        with self.database.reading() as session:
            privileges = self._permitted(session, who)
            privileges.require(Verb.REVEAL, RecordType.ENTRY, {"canonical"})
            selector = self._required(session, selector_id)
            showing = Showing(session, self.seals, privileges, self.journal.on_record, revealed)
            said = Entries(session, self.seals).said_of(selector)
            shown = self._shown(showing, (selector_id, selector), said, (page, beside))
        facts = {"selector": blind_id(self.seals, selector), **why.facts, **said.facts}
        self.journal.record(who.actor, "selector revealed", **facts)
        return shown

    def canonical(self, who: SignedIn, selector_id: UUID) -> Canonical:
        """Return which selector it is, for an operation on it; no page shows it."""
        with self.database.reading() as session:
            self._permitted(session, who)
            return self._required(session, selector_id)

    def _permitted(self, session: Session, who: SignedIn) -> Privileges:
        privileges = acting(session, who, self.clock, lock=False)
        privileges.require(Verb.READ, RecordType.ENTRY, {"canonical"})
        return privileges

    def _required(self, session: Session, selector_id: UUID) -> Canonical:
        row = session.get(ChangeRow, selector_id)
        if row is None:
            raise NotThere
        return self.seals.selector(row)

    def _shown(
        self,
        showing: Showing,
        which: tuple[UUID, Canonical],
        said: Said,
        of: tuple[int, int],
    ) -> ShownSelector:
        session, seals = showing.session, self.seals
        (selector_id, selector), (page, beside) = which, of
        rows = [*said.unread, *reversed(said.open), *reversed(said.ended)]
        whole = max(len(rows), count_changes(session, seals, selector), beside)
        at = paging(page, whole, SHOWN_AT_MOST)
        done = some_changes(session, seals, selector, first=at.first)
        return ShownSelector(
            id=selector_id,
            kind=selector.kind.value,
            spelled=showing.spell(selector),
            is_revealed=showing.spell is revealed,
            stand=stand_of(session, seals, selector, (said, self.clock())),
            entries=[_entry(showing, row) for row in rows[at.first :][:SHOWN_AT_MOST]],
            history=[_done(showing, row) for row in done],
            page=at.page,
            pages=at.pages,
        )


def _entry(showing: Showing, row: EntryRow) -> Entry:
    return Entry(showing.entry(row), row.change_set_id, row.begun_by, row.ended_by)


def _done(showing: Showing, row: ChangeRow) -> Done:
    change = showing.session.get_one(ChangeSet, row.change_set_id)
    release = select(ExportRow.release).where(ExportRow.sequence == change.export_sequence)
    record = {
        "state": change.state,
        "author": showing.author(change),
        "decided_by": showing.decider(change),
    }
    return Done(
        change_id=change.id,
        operation=row.operation.lower(),
        record=showing.privileges.shown(RecordType.CHANGE, record),
        submitted_at=change.submitted_at,
        decided_at=change.decided_at,
        file=change.export_sequence,
        release=showing.session.scalar(release),
    )
