"""Orders for partners: written and signed by one, signed by another, each on record.

Whoever cuts a partner off does so alone, and another person looks at it after.
"""

from dataclasses import dataclass
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from intelligence.curation.deciding import REVIEW_S, Deciding
from intelligence.curation.tables import ChangeSet, ChangeState, Concern
from intelligence.errors import FormRefused, NotThere
from intelligence.partners.tables import OrderRow, PartnerRow
from intelligence.staff.accounts import acting
from intelligence.staff.roles import RecordType, Verb
from intelligence.staff.sessions import SignedIn
from screening.spools.order import Order, Suspend
from screening.spools.spelling import spell
from screening.vocabulary.errors import SpoolRefused

_decoder: msgspec.json.Decoder[Order] = msgspec.json.Decoder(Order)


@dataclass(frozen=True, slots=True)
class Orders(Deciding):
    """Takes orders on their way."""

    concern = Concern.PARTNERS
    record_type = RecordType.PARTNER_ORDER
    noun = "order"
    noun_alone = "suspension"
    noted = "noted that an order came back"

    def give(self, who: SignedIn, order: Order, password: str) -> UUID:
        """Sign an order: it waits for another person, or leaves where one is enough.

        Returns its id; raises `NotThere` where there is no such partner.
        """
        _checked(order)
        needed = (Verb.ADD, RecordType.PARTNER_ORDER, {"partner", "operation", "reason"})
        self._permit(who, needed)
        deployment, private = self._deployment(), self.signing_keys.unlocked(who, password)
        with self.database.writing() as session:
            self.database.take_turns(session)
            acting(session, who, self.clock).require(*needed)
            if session.get(PartnerRow, order.partner) is None:
                raise NotThere
            row = self.sets.begun(session, who)
            self._keep(session, row, order)
            self.sets.fix_order(row, order, deployment)
            self.sets.sign(session, row, who, private)
            row.submitted_at = int(self.clock())
            if isinstance(order, Suspend):
                row.review_due_at = row.submitted_at + REVIEW_S
                self.sets.decide(session, row, who)
                self.sets.give_turn(session, row)
            else:
                row.state = ChangeState.SUBMITTED
            self._record_decision(session, who, "order given", row)
        self.nudge()
        return row.id

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

    def said(self, session: Session, row: ChangeSet) -> Order:
        """Return what a change set orders."""
        found = session.get(OrderRow, row.id)
        if found is None:
            raise NotThere
        return _decoder.decode(self.seals.open(found, "said"))

    def _keep(self, session: Session, row: ChangeSet, order: Order) -> None:
        kept = OrderRow(id=row.id, operation=type(order).__name__, partner=order.partner)
        kept.said = self.seals.seal(kept, "said", spell(order))
        session.add(kept)
        session.flush()

    def _record_decision(self, session: Session, who: SignedIn, event: str, row: ChangeSet) -> None:
        order = self.said(session, row)
        operation = type(order).__name__.lower()
        facts = {"order": operation, "partner": order.partner}
        self.journal.record(who.actor, event, change=str(row.id), **facts)


def _checked(order: Order) -> None:
    """Hold an order against what its format permits; a struct that is made is not checked."""
    try:
        spell(order)
    except SpoolRefused:
        raise FormRefused(
            "a text is too long, or holds characters that cannot be shown; use up to 2000"
        ) from None
