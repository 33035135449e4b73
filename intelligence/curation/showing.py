"""Rows of the list, and operations, as somebody may see them: selectors masked, or revealed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session, joinedload

from intelligence.curation.entries import canonical_of
from intelligence.curation.safety_lists import Known, find_known
from intelligence.curation.tables import ADOPTED, ChangeSet, ChangeState, EntryRow
from intelligence.on_record import OnRecord
from intelligence.staff.privileges import Privileges, Shown
from intelligence.staff.roles import RecordType, Verb
from intelligence.staff.tables import Account
from intelligence.store.sealing import ILLEGIBLE, Seals
from screening.spools.changes import Change
from screening.vocabulary.selector import Canonical

_DAYS: Final = frozenset(("first_seen", "last_seen", "review_by"))


@dataclass(frozen=True, slots=True)
class Showing:
    """Makes records of the rows of one transaction; `spell` is how a selector looks."""

    session: Session
    seals: Seals
    privileges: Privileges
    on_record: OnRecord
    spell: Callable[[Canonical], str] = Canonical.masked
    _people: dict[object, str] = field(default_factory=dict, init=False, repr=False, compare=False)
    """By account, what colleagues call those who were asked for already."""
    _known: list[Known | None] = field(default_factory=list, init=False, repr=False, compare=False)
    """What keeps off, once it was asked for."""

    def entry(self, row: EntryRow) -> Shown:
        """Return what an entry says, as an operation says it; nothing where it was changed."""
        selector = self.seals.find_selector(row)
        if selector is None:
            return self.privileges.shown(RecordType.ENTRY, {"canonical": ILLEGIBLE})
        names = self.privileges.fields(Verb.READ, RecordType.ENTRY) - {"canonical", "reason"}
        record: dict[str, object] = {name: getattr(row, name) for name in names}
        record |= {name: _day(row, name) for name in _DAYS & names}
        record["jurisdictions"] = row.jurisdictions.split()
        if row.expires_at is not None:
            record["expires_at"] = datetime.fromtimestamp(row.expires_at, UTC)
        record |= {"canonical": self.spell(selector), "reason": self.seals.legible(row, "reason")}
        return self.privileges.shown(RecordType.ENTRY, record)

    def operation(self, change: Change) -> Shown:
        """Return what an operation says."""
        said = {name: getattr(change, name) for name in change.__struct_fields__}
        said["canonical"] = self.spell(canonical_of(change))
        return self.privileges.shown(RecordType.CHANGE, said)

    def decision(self, row: ChangeSet) -> Shown:
        """Return how far a change has come, by whom, and why nothing came of it."""
        record = {
            "state": row.state,
            "author": self.author(row),
            "decided_by": self.decider(row),
            "reviewed_by": self.reviewer(row),
            "outcome": self.seals.legible(row, "outcome"),
        }
        return self.privileges.shown(RecordType.CHANGE, record)

    def person(self, account_id: object) -> str:
        """Return what colleagues call somebody; looked up once, whatever they have decided."""
        if account_id not in self._people:
            self._people[account_id] = self._looked_up(account_id)
        return self._people[account_id]

    def _looked_up(self, account_id: object) -> str:
        roles = joinedload(Account.role_rows)  # by which it is told whether the account holds
        account = self.session.get(Account, account_id, options=[roles])
        if account is None:
            return ""
        return f"{account.display_name} ({account.name}){account.remark}"

    def known(self) -> Known | None:
        """Return what keeps off, as `find_known` does; opened once, however many ask for it."""
        if not self._known:
            self._known.append(find_known(self.session, self.seals))
        return self._known[0]

    def author(self, row: ChangeSet) -> str:
        """Return who has written a change or an order, by the record where the row differs."""
        return self._named(row, row.author_id, self.on_record.of(row.id).author)

    def reviewer(self, row: ChangeSet) -> str | None:
        """Return who has looked at what one person did alone, as `author` does; None: nobody."""
        if row.reviewed_at is None:
            return None
        return self._named(row, row.reviewed_by, self.on_record.of(row.id).reviewed_by)

    def decider(self, row: ChangeSet) -> str | None:
        """Return who has decided it last, as `author` does; None while nobody has.

        Of what the console has kept back, a restored database may know no decision: it is of then.
        """
        people = self.on_record.of(row.id)
        is_waiting = row.state in (ChangeState.DRAFT, ChangeState.SUBMITTED)
        is_undecided = people.decided_by is None or is_waiting or people.is_kept_back
        if row.decided_by is None and is_undecided:
            return None
        name = self._named(row, row.decided_by, people.decided_by)
        if people.ended_by is None:
            return name
        return f"{name}; it left though {self.person(people.ended_by)} had ended it, on record"

    def _named(self, row: ChangeSet, account_id: UUID | None, recorded: UUID | None) -> str:
        if recorded is None and row.export_sequence == ADOPTED:
            return self.person(account_id)  # of a list that was taken over nothing is on record
        return self.named(row.id, account_id, recorded)

    def named(self, subject_id: UUID, account_id: UUID | None, recorded: UUID | None) -> str:
        """Return whom the record names, and whether its row differs; else whom its row does."""
        if recorded is None:
            name, is_all = self.person(account_id), self.on_record.of(subject_id).is_all
            return f"{'not on record' if is_all else 'the record cannot be read'}: {name}"
        name = self.person(recorded)
        return name if recorded == account_id else f"{name}, on record; the database says otherwise"


def _day(row: EntryRow, name: str) -> date | None:
    at = getattr(row, name)
    return None if at is None else datetime.fromtimestamp(at, UTC).date()


def revealed(selector: Canonical) -> str:
    """Spell a selector whole."""
    return selector.text
