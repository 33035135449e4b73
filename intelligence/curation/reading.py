"""What pages show of the list and of changes to it, as far as somebody's roles reach."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from intelligence.curation.changes import Changes
from intelligence.curation.entries import Entries, canonical_of
from intelligence.curation.sealing import Seals
from intelligence.curation.standing import is_retracted, under_way
from intelligence.curation.tables import ChangeSet, ChangeState, EntryRow
from intelligence.errors import NotThere
from intelligence.journal import Journal
from intelligence.staff.accounts import acting
from intelligence.staff.privileges import Privileges, Shown
from intelligence.staff.roles import RecordType, Verb
from intelligence.staff.sessions import SignedIn
from intelligence.staff.tables import Account
from intelligence.store.database import Database
from screening.spools.changes import Add, Change
from screening.vocabulary.selector import Canonical, SelectorKind

SHOWN_AT_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Checked:
    """Where a selector stands; `changes` are under way."""

    selector: Canonical
    entries: Sequence[Shown]
    is_listed: bool
    is_protected: bool
    is_retracted: bool
    changes: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a change, and what the same source says until then."""

    name: str
    says: Shown
    before: Sequence[Shown]


@dataclass(frozen=True, slots=True)
class ShownChange:
    """A change as somebody may see it, and what they may do with it."""

    id: UUID
    record: Shown
    operations: Sequence[Operation]
    is_own: bool
    created_at: int
    submitted_at: int | None
    decided_at: int | None
    review_due_at: int | None
    reviewed_at: int | None
    file: int | None


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
            rows = Entries(session, self.seals).open_of(selector)
            is_gone = is_retracted(session, self.seals, selector)
            is_protected = any(row.role == "victim" for row in rows)
            found = Checked(
                selector=selector,
                entries=[self._entry(privileges, row) for row in rows],
                is_listed=not is_gone and not is_protected and any(map(self._lists, rows)),
                is_protected=is_protected,
                is_retracted=is_gone,
                changes=[one.change_set_id for one in under_way(session, self.seals, selector)],
            )
        self.journal.record(who.actor, "selector checked", selector=self.seals.blind_id(selector))
        return found

    def one(self, who: SignedIn, change_id: UUID) -> ShownChange:
        """Return one change; raises `NotThere`."""
        with self.database.reading() as session:
            privileges = acting(session, who, self.clock, lock=False)
            privileges.require(Verb.READ, RecordType.CHANGE, {"state"})
            row = session.get(ChangeSet, change_id)
            if row is None:
                raise NotThere
            shown = self._change(session, privileges, row, who)
        self.journal.record(who.actor, "change looked at", change=str(change_id))
        return shown

    def waiting(self, who: SignedIn) -> list[ShownChange]:
        """Return what is submitted, the oldest first."""
        return self._listed(who, ChangeSet.state == ChangeState.SUBMITTED)

    def drafts(self, who: SignedIn) -> list[ShownChange]:
        """Return the drafts of the one who asks."""
        is_own = ChangeSet.author_id == who.account_id
        return self._listed(who, is_own & (ChangeSet.state == ChangeState.DRAFT))

    def to_review(self, who: SignedIn) -> list[ShownChange]:
        """Return what one person has taken off, and no other has looked at yet."""
        is_due = ChangeSet.review_due_at.is_not(None) & ChangeSet.reviewed_at.is_(None)
        return self._listed(who, is_due)

    def _listed(self, who: SignedIn, which: ColumnElement[bool]) -> list[ShownChange]:
        with self.database.reading() as session:
            privileges = acting(session, who, self.clock, lock=False)
            privileges.require(Verb.READ, RecordType.CHANGE, {"state"})
            chosen = select(ChangeSet).where(which).order_by(ChangeSet.created_at)
            rows = session.scalars(chosen.limit(SHOWN_AT_MOST)).all()
            return [self._change(session, privileges, row, who) for row in rows]

    def _change(
        self, session: Session, privileges: Privileges, row: ChangeSet, who: SignedIn
    ) -> ShownChange:
        record = {
            "state": row.state,
            "author": _name(session, row.author_id),
            "decided_by": None if row.decided_by is None else _name(session, row.decided_by),
            "outcome": self.seals.text(row, "outcome"),
        }
        return ShownChange(
            id=row.id,
            record=privileges.shown(RecordType.CHANGE, record),
            operations=[
                self._operation(session, privileges, one)
                for one in self.changes.operations(session, row)
            ],
            is_own=row.author_id == who.account_id,
            created_at=row.created_at,
            submitted_at=row.submitted_at,
            decided_at=row.decided_at,
            review_due_at=row.review_due_at,
            reviewed_at=row.reviewed_at,
            file=row.export_sequence,
        )

    def _operation(self, session: Session, privileges: Privileges, change: Change) -> Operation:
        selector = canonical_of(change)
        said = {name: getattr(change, name) for name in change.__struct_fields__}
        said["canonical"] = selector.shown()
        rows = Entries(session, self.seals).open_of(selector)
        if isinstance(change, Add):
            rows = [one for one in rows if (one.list, one.source) == (change.list, change.source)]
        before = (
            [self._entry(privileges, row) for row in rows]
            if privileges.may(Verb.READ, RecordType.ENTRY)
            else []
        )
        name = type(change).__name__.lower()
        return Operation(name, privileges.shown(RecordType.CHANGE, said), before)

    def _entry(self, privileges: Privileges, row: EntryRow) -> Shown:
        names = privileges.fields(Verb.READ, RecordType.ENTRY) - {"canonical", "reason"}
        record: dict[str, object] = {name: getattr(row, name) for name in names}
        selector = Canonical(SelectorKind(row.kind), self.seals.text(row, "canonical"))
        record |= {"canonical": selector.shown(), "reason": self.seals.text(row, "reason")}
        return privileges.shown(RecordType.ENTRY, record)

    def _lists(self, row: EntryRow) -> bool:
        """Tell whether an entry has its selector answered with yes."""
        is_over = row.expires_at is not None and self.clock() >= row.expires_at
        return not is_over and row.role not in ("victim", "disputed", "unknown")


def _name(session: Session, account_id: UUID) -> str:
    account = session.get(Account, account_id)
    return "" if account is None else f"{account.display_name} ({account.name})"
