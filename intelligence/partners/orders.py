"""Orders for partners: written and signed by one, signed by another, each on record.

Whoever cuts a partner off does so alone, and another person looks at it after.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from intelligence.curation.deciding import REVIEW_S, Signing
from intelligence.curation.leaving import CUT_OFF
from intelligence.curation.ordering import Ordering
from intelligence.curation.tables import ChangeSet, ChangeState, Concern
from intelligence.errors import FormRefused, NotThere, Undecipherable
from intelligence.journal import CONSOLE
from intelligence.partners.kits import kit_key
from intelligence.partners.proposals import checked
from intelligence.partners.tables import OrderRow, PartnerRow
from intelligence.staff.accounts import acting
from intelligence.staff.roles import RecordType, Verb
from intelligence.staff.sessions import SignedIn
from screening.spools.order import Admit, Notify, Order, Resume, Rotate, Suspend
from screening.spools.spelling import spell

_decoder: msgspec.json.Decoder[Order] = msgspec.json.Decoder(Order)
_NOT_LEFT: Final = (ChangeState.SUBMITTED, ChangeState.APPROVED)


@dataclass(frozen=True, slots=True)
class Orders(Ordering):
    """Takes orders on their way."""

    concern = Concern.PARTNERS
    record_type = RecordType.PARTNER_ORDER
    noun = "order"
    noun_alone = "suspension"
    noted = "noted that an order came back"

    def give(self, who: SignedIn, order: Order, password: str) -> UUID:
        """Sign an order: it waits for another person, or leaves where one is enough.

        A kit that it gives is sealed to the one who signs here, whatever `sealed_to` says. Returns
        its id. Raises `FormRefused`, and `NotThere` where there is no such partner.
        """
        checked(order)
        given = set(order.__struct_fields__) - {"sealed_to"}
        needed = (Verb.ADD, RecordType.PARTNER_ORDER, given | {"operation"})
        self._permit(who, needed)
        by = self.signing(who, password)
        with self.database.writing() as session:
            self.database.take_turns(session)
            acting(session, who, self.clock).require(*needed)
            _require_possible(session, order)
            order_id = self.give_within(session, who, order, by)
        self.nudge()
        return order_id

    def give_within(self, session: Session, who: SignedIn, order: Order, by: Signing) -> UUID:
        """Sign an order in a transaction of the caller's, who has seen that it is permitted.

        `by` is the deployment that it is for, and the signer's key.
        """
        deployment, private = by
        row = self.sets.begun(session, who)
        if isinstance(order, Admit | Rotate):
            public = kit_key(private, row.id).public_key().public_bytes_raw()
            order = msgspec.structs.replace(order, sealed_to=public)
        self._keep(session, row, order)
        self.sets.fix_order(row, order, deployment)
        self.sets.sign(session, row, who, private)
        row.submitted_at = int(self.clock())
        if isinstance(order, Suspend):
            row.review_due_at = row.submitted_at + REVIEW_S
            self._send_back_resumptions(session, order.partner)
        if isinstance(order, Suspend | Notify):
            self.sets.decide(session, row, who)
            self.sets.give_turn(session, row)
        else:
            row.state = ChangeState.SUBMITTED
        self._record_decision(session, who, "order given", row)
        return row.id

    def said(self, session: Session, row: ChangeSet) -> Order:
        """Return what a change set orders."""
        found = session.get(OrderRow, row.id)
        if found is None:
            raise NotThere
        return _decoder.decode(self.seals.open(found, "said"))

    def legible(self, session: Session, row: ChangeSet) -> Order | None:
        """Return what a change set orders, None of one that does not open.

        So whoever finds an order unreadable can be rid of it, and sees the others.
        """
        try:
            return self.said(session, row)
        except Undecipherable:
            return None

    def _keep(self, session: Session, row: ChangeSet, order: Order) -> None:
        kept = OrderRow(id=row.id, operation=type(order).__name__, partner=order.partner)
        kept.said = self.seals.seal(kept, "said", spell(order))
        session.add(kept)
        session.flush()

    def _send_back_resumptions(self, session: Session, partner: str) -> None:
        """Have nothing come of what would answer a partner again that is cut off now.

        A suspension leaves before what was ordered before it, which would undo it.
        """
        chosen = (
            select(ChangeSet)
            .join(OrderRow, OrderRow.id == ChangeSet.id)
            .where(OrderRow.partner == partner, OrderRow.operation == Resume.__name__)
            .where(ChangeSet.state.in_(_NOT_LEFT))
            .with_for_update()
        )
        for row in session.scalars(chosen).all():
            self.sets.send_back(session, row, CUT_OFF)
            self.journal.record(CONSOLE, "order kept back", change=str(row.id))

    def _record_decision(self, session: Session, who: SignedIn, event: str, row: ChangeSet) -> None:
        found = session.get(OrderRow, row.id)
        if found is None:
            raise NotThere
        order = self.legible(session, row)
        operation = found.operation if order is None else type(order).__name__
        partner = found.partner if order is None else order.partner
        facts = {"order": operation.lower(), "partner": partner}
        self.journal.record(who.actor, event, change=str(row.id), **facts)


def _require_possible(session: Session, order: Order) -> None:
    row = session.get(PartnerRow, order.partner)
    if isinstance(order, Admit):
        if row is not None:
            raise FormRefused(
                "there is a partner of that name already; choose another name", "name"
            )
    elif row is None:
        raise NotThere
