"""Orders on their way: each leaves alone in its file, signed by one and then by another."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from intelligence.curation.deciding import Deciding
from intelligence.curation.tables import ChangeSet, ChangeState, KeptOrder
from intelligence.errors import FormRefused, NotThere, Undecipherable
from intelligence.staff.accounts import acting
from intelligence.staff.sessions import SignedIn

Said = TypeVar("Said")


@dataclass(frozen=True, slots=True)
class Ordering(Deciding, Generic[Said]):
    """Decides of orders of one concern, each of which says one `Said`."""

    row_type: ClassVar[type[KeptOrder]]

    def approve(self, who: SignedIn, order_id: UUID, password: str) -> None:
        """Sign what a colleague has ordered: it leaves for the indexer."""
        needed = self._changing("approval")
        self._permit(who, needed)
        private = self.signing_keys.unlocked(who, password)
        with self.database.writing() as session:
            self.database.take_turns(session)
            acting(session, who, self.clock).require(*needed)
            row = self.sets.required(session, order_id, ChangeState.SUBMITTED)
            self._require_other(row, who)
            self._require_author(session, row)
            if row.expires_at is None or self.clock() >= row.expires_at:
                raise FormRefused("this was ordered too long ago; have it ordered anew")
            self.sets.sign(session, row, who, private)
            self.sets.decide(session, row, who)
            self.sets.give_turn(session, row)
            self._record_decision(session, who, "order approved", row)
        self.nudge()

    def kept(self, session: Session, row: ChangeSet) -> KeptOrder:
        """Return the row of what a change set orders; raises `NotThere`."""
        found = session.get(self.row_type, row.id)
        if found is None:
            raise NotThere
        return found

    def legible(self, session: Session, row: ChangeSet) -> Said | None:
        """Return what a change set orders, None of one that does not open.

        So whoever finds an order unreadable can be rid of it, and sees the others. Raises
        `NotThere`.
        """
        kept = self.kept(session, row)
        try:
            return self._parsed(self.seals.open(kept, "said"))
        except Undecipherable:
            return None

    @staticmethod
    @abstractmethod
    def _parsed(said: bytes) -> Said:
        """Return what an order says of its bytes."""

    def _record_decision(self, session: Session, who: SignedIn, event: str, row: ChangeSet) -> None:
        operation = self.kept(session, row).operation.lower()
        facts = self._facts(session, row)
        self.journal.record(who.actor, event, change=str(row.id), order=operation, **facts)

    @abstractmethod
    def _facts(self, session: Session, row: ChangeSet) -> dict[str, object]:
        """Return what is on record of an order beside its name; none of what is sealed of it."""
