"""Versions of the list: what each file made of it, what differs between two, and the way back.

Version 0 is the list before the first file. Going back is a proposal like any other: who adds again
needs another person, and who takes off is looked at after.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from intelligence.curation.changes import Changes
from intelligence.curation.left_files import last_written
from intelligence.curation.rollback import MOST_UNDONE, Undoing, undoing
from intelligence.curation.showing import Showing
from intelligence.curation.standing import LIST_NOBODY, SHOWN_AT_MOST
from intelligence.curation.tables import ChangeSet, EntryRow, ExportRow, ExportState
from intelligence.errors import FormRefused, NotThere
from intelligence.journal import Journal
from intelligence.paging import paging
from intelligence.staff.accounts import acting
from intelligence.staff.privileges import Privileges, Shown
from intelligence.staff.roles import RecordType, Verb
from intelligence.staff.sessions import SignedIn
from intelligence.store.database import Database
from intelligence.store.sealing import Seals
from screening.spools.spelling import MOST_SEQUENCES

FIRST: Final = 0
_MOST_TRIES: Final = 3
"""To read while no file is written: one is every few seconds, at the most."""


class Files(NamedTuple):
    """A page of the files that were written."""

    shown: Sequence[Shown]
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Compared:
    """What differs between two versions: how many entries, and a page of them, masked.

    What has ended comes first, and then, of what has begun, what lists nobody, such as that
    somebody is a victim. Who may see no entries is told the numbers alone.
    """

    since: int
    sequence: int
    record: Shown
    changes: Sequence[UUID]
    begun: int
    ended: int
    shown_begun: Sequence[Shown]
    shown_ended: Sequence[Shown]
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Versions:
    """Looks versions up, and proposes to go back to one."""

    database: Database
    seals: Seals
    changes: Changes
    journal: Journal
    clock: Callable[[], float]
    most_undone: int = MOST_UNDONE

    def all(self, who: SignedIn, *, page: int = 1) -> Files:
        """Return a page of the files, the latest first."""
        with self.database.reading() as session:
            privileges = self._permitted(session, who)
            showing = Showing(session, self.seals, privileges, self.journal.on_record)
            whole = session.scalar(select(func.count()).select_from(ExportRow)) or 0
            at = paging(page, whole, SHOWN_AT_MOST)
            latest = select(ExportRow).order_by(ExportRow.sequence.desc()).offset(at.first)
            rows = session.scalars(latest.limit(SHOWN_AT_MOST))
            return Files([_record(showing, row) for row in rows], at.page, at.pages)

    def compared(
        self, who: SignedIn, sequence: int, since: int | None = None, *, page: int = 1
    ) -> Compared:
        """Return a page of what a version has that another had not, of itself what its file did.

        Raises `NotThere`.
        """
        since = max(FIRST, sequence - 1) if since is None else since
        with self.database.reading() as session:
            showing = Showing(
                session, self.seals, self._permitted(session, who), self.journal.on_record
            )
            earlier, later = sorted((since, sequence))
            row = _require(session, later)
            _require(session, earlier)
            begun, ended = _begun(earlier, later), _ended(earlier, later)
            many = _count(session, begun), _count(session, ended)
            may_see = showing.privileges.may(Verb.READ, RecordType.ENTRY)
            at = paging(page, sum(many) if may_see else 0, SHOWN_AT_MOST)
            shown_ended = _entries(showing, ended, at.first, SHOWN_AT_MOST)
            left = SHOWN_AT_MOST - len(shown_ended)
            of_file = select(ChangeSet.id).where(ChangeSet.export_sequence == later)
            found = Compared(
                since=earlier,
                sequence=later,
                record=Shown() if row is None else _record(showing, row),
                changes=session.scalars(of_file.order_by(ChangeSet.turn)).all(),
                begun=many[0],
                ended=many[1],
                shown_begun=_entries(showing, begun, max(0, at.first - many[1]), left),
                shown_ended=shown_ended,
                page=at.page,
                pages=at.pages,
            )
        facts = {"version": found.sequence, "since": found.since}
        self.journal.record(who.actor, "version looked at", **facts)
        return found

    def roll_back(self, who: SignedIn, sequence: int) -> list[UUID]:
        """Keep as drafts what undoes all later files; return them, of retractions first.

        What that is, is read while others write, and anew where a file was written meanwhile.
        Raises `FormRefused` where nothing is to be undone, or more than fits.
        """
        for _ in range(_MOST_TRIES):
            with self.database.reading() as session:
                privileges = acting(session, who, self.clock, lock=False)
                _require_may_go_back(privileges)
                _require_was_in_force(session, sequence)
                file = _last_file(session)
                found = undoing(session, self.seals, sequence, self.clock(), most=self.most_undone)
            if not found.sets:
                raise FormRefused(f"nothing that a later file did is to be undone{_staying(found)}")
            with self.database.writing() as session:
                _require_may_go_back(acting(session, who, self.clock))
                if _last_file(session) == file:
                    return self._drafted(session, who, sequence, found)
        raise FormRefused("files left meanwhile, again and again; press it once more")

    def _drafted(
        self, session: Session, who: SignedIn, sequence: int, found: Undoing
    ) -> list[UUID]:
        ids = [self.changes.draft_within(session, who, changes) for changes in found.sets]
        named = [str(one) for one in ids]
        facts = {"version": sequence, "changes": named, "stays": found.stays}
        self.journal.record(who.actor, "rollback proposed", **facts)
        return ids

    def _permitted(self, session: Session, who: SignedIn) -> Privileges:
        privileges = acting(session, who, self.clock, lock=False)
        privileges.require(Verb.READ, RecordType.VERSION, {"sequence"})
        return privileges


def _require_may_go_back(privileges: Privileges) -> None:
    privileges.require(Verb.READ, RecordType.VERSION, {"sequence"})
    privileges.require(Verb.ADD, RecordType.CHANGE, {"canonical"})


def _require_was_in_force(session: Session, sequence: int) -> None:
    row = _require(session, sequence)
    if row is not None and row.state != ExportState.APPLIED:
        raise FormRefused(
            "this version was never in force, as far as is known; choose one that was"
        )


def _last_file(session: Session) -> tuple[str, str] | None:
    """Return hash and state of the last file: while they are the same, no entry begins or ends."""
    last = last_written(session)
    return None if last is None else (last.sha256, last.state)


def _staying(found: Undoing) -> str:
    if not found.stays:
        return ""
    return f"; what was added of {found.stays} stays, by which nobody is listed anew"


def _require(session: Session, sequence: int) -> ExportRow | None:
    """Return the file of a version, None of the first; raises `NotThere`, for what is none, too."""
    if not FIRST <= sequence <= MOST_SEQUENCES:  # no database holds whatever an address may name
        raise NotThere
    row = session.get(ExportRow, sequence)
    if row is None and sequence != FIRST:
        raise NotThere
    return row


def _record(showing: Showing, row: ExportRow) -> Shown:
    session = showing.session
    of_file = session.scalars(select(ChangeSet).where(ChangeSet.export_sequence == row.sequence))
    people = {name for one in of_file for name in (showing.author(one), showing.decider(one))}
    record = {
        "sequence": row.sequence,
        "state": row.state,
        "written_at": row.written_at,
        "told_at": row.told_at,
        "release": row.release,
        "outcome": row.outcome,
        "statements": row.statements,
        "people": sorted(filter(None, people)),
        "begun": _count(session, EntryRow.begun_by == row.sequence),
        "ended": _count(session, EntryRow.ended_by == row.sequence),
    }
    return showing.privileges.shown(RecordType.VERSION, record)


def _begun(earlier: int, later: int) -> ColumnElement[bool]:
    is_there = EntryRow.ended_by.is_(None) | (EntryRow.ended_by > later)
    return (EntryRow.begun_by > earlier) & (EntryRow.begun_by <= later) & is_there


def _ended(earlier: int, later: int) -> ColumnElement[bool]:
    is_gone = (EntryRow.ended_by > earlier) & (EntryRow.ended_by <= later)
    return (EntryRow.begun_by <= earlier) & is_gone


def _count(session: Session, which: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(EntryRow).where(which)) or 0


def _entries(showing: Showing, which: ColumnElement[bool], first: int, most: int) -> list[Shown]:
    """Return entries from a place, those first that list nobody."""
    if not showing.privileges.may(Verb.READ, RecordType.ENTRY):
        return []
    lists_somebody = EntryRow.role.not_in(LIST_NOBODY)
    in_order = (lists_somebody, EntryRow.begun_by, EntryRow.id)
    chosen = select(EntryRow).where(which).order_by(*in_order).offset(first).limit(most)
    return [showing.entry(row) for row in showing.session.scalars(chosen)]
