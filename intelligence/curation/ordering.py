"""Orders on their way: each leaves alone in its file, signed by one and then by another."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Final, Generic, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from intelligence.curation.deciding import NOT_AS_SIGNED, Deciding
from intelligence.curation.tables import ChangeSet, ChangeState, KeptOrder
from intelligence.errors import FormRefused, NotThere, Undecipherable
from intelligence.staff.accounts import acting
from intelligence.staff.sessions import SignedIn
from screening.spools.spelling import spell
from screening.vocabulary.errors import SpoolRefused
from screening.vocabulary.unreadable import UNREADABLE

Said = TypeVar("Said")
_Order = TypeVar("_Order", bound=msgspec.Struct)
_OPERATION: Final = "operation"


def checked(order: _Order) -> _Order:
    """Hold an order against what its format permits; a struct that is made is not checked."""
    try:
        spell(order)
    except SpoolRefused:
        raise FormRefused(
            "a text is too long, or holds characters that it must not; shorten it, or check it"
        ) from None
    return order


@dataclass(frozen=True, slots=True)
class Ordering(Deciding, Generic[Said]):
    """Decides of orders of one concern, each of which says one `Said`."""

    row_type: ClassVar[type[KeptOrder]]
    unsealed: ClassVar[tuple[str, ...]] = ()
    """What of an order stands in columns of its row, by which it is found, beside `operation`."""

    def approve(self, who: SignedIn, order_id: UUID, password: str) -> None:
        """Sign what a colleague has ordered: it leaves for the indexer.

        Raises `FormRefused`, also where what pages show of it is not what is signed.
        """
        needed = self._changing("approval")
        self._permit(who, needed)
        private = self.signing_keys.unlocked(who, password)
        with self.database.writing() as session:
            self.database.take_turns(session)
            acting(session, who, self.clock).require(*needed)
            row = self.sets.required(session, order_id, ChangeState.SUBMITTED)
            self._require_other(session, row, who)
            if row.expires_at is None or self.clock() >= row.expires_at:
                raise FormRefused("this was ordered too long ago; have it ordered anew")
            if not self.is_as_signed(session, row):
                raise FormRefused(NOT_AS_SIGNED)
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
        except (Undecipherable, *UNREADABLE):
            return None

    def is_as_signed(self, session: Session, row: ChangeSet) -> bool:
        """Tell whether what a row says of an order, sealed and beside it, is what people sign."""
        order, kept = self.legible(session, row), self.kept(session, row)
        is_signed = order is not None and order == self.sets.find_order(row)
        return is_signed and self._named(kept, order) == self._named(kept, None)

    def named(self, session: Session, row: ChangeSet) -> dict[str, str]:
        """Return the operation of an order, and what else stands unsealed of it; raises `NotThere`.

        By what is sealed, for whoever writes in the database can have a column say anything; of one
        that does not open, by its columns.
        """
        return self._named(self.kept(session, row), self.legible(session, row))

    def _named(self, kept: KeptOrder, order: Said | None) -> dict[str, str]:
        operation = kept.operation if order is None else type(order).__name__
        of: object = kept if order is None else order
        return {_OPERATION: operation, **{name: getattr(of, name) for name in self.unsealed}}

    @staticmethod
    @abstractmethod
    def _parsed(said: bytes) -> Said:
        """Return what an order says of its bytes."""

    def _record_decision(self, session: Session, who: SignedIn, event: str, row: ChangeSet) -> None:
        operation = self.named(session, row)[_OPERATION].lower()
        facts = self._facts(session, row)
        self.journal.record(who.actor, event, change=str(row.id), order=operation, **facts)

    @abstractmethod
    def _facts(self, session: Session, row: ChangeSet) -> dict[str, object]:
        """Return what is on record of an order beside its name; none of what is sealed of it."""
