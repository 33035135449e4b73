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
from intelligence.curation.ordering import Ordering, checked
from intelligence.curation.tables import NOT_LEFT, ChangeSet, ChangeState, Concern
from intelligence.curation.undone_since import not_ahead, require_past
from intelligence.errors import FormRefused, NotThere
from intelligence.journal import CONSOLE
from intelligence.partners.kits import kit_key
from intelligence.partners.suspensions import suspensions_of
from intelligence.partners.tables import OrderRow, PartnerRow
from intelligence.staff.accounts import acting
from intelligence.staff.roles import RecordType, Verb
from intelligence.staff.sessions import SignedIn
from screening.spools.order import Admit, Notify, Order, Resume, Rotate, Suspend
from screening.spools.spelling import spell

_decoder: msgspec.json.Decoder[Order] = msgspec.json.Decoder(Order)
CUT_OFF: Final = (
    "the partner was suspended after this was ordered; order it anew once it may be answered again"
)


@dataclass(frozen=True, slots=True)
class Orders(Ordering[Order]):
    """Takes orders on their way."""

    row_type = OrderRow
    unsealed = ("partner",)
    concern = Concern.PARTNERS
    record_type = RecordType.PARTNER_ORDER
    noun_alone = "suspension"
    noted = "noted that an order"

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
            self._require_possible(session, order)
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
            .where(ChangeSet.state.in_(NOT_LEFT))
            .with_for_update()
        )
        for row in session.scalars(chosen).all():
            self.sets.send_back(session, row, CUT_OFF)
            self.journal.record(CONSOLE, f"{self.concern.noun} kept back", change=str(row.id))

    @staticmethod
    def _parsed(said: bytes) -> Order:
        return _decoder.decode(said)

    def _facts(self, session: Session, row: ChangeSet) -> dict[str, object]:
        return {"partner": self.named(session, row)["partner"]}

    def _require_possible(self, session: Session, order: Order) -> None:
        row = session.get(PartnerRow, order.partner)
        if isinstance(order, Admit):
            if row is not None:
                raise FormRefused(
                    "there is a partner of that name already; choose another name", "name"
                )
        elif row is None:
            raise NotThere
        if isinstance(order, Resume | Admit):
            found = suspensions_of(session, self.seals, order.partner)
            now = self.clock()
            moments = not_ahead((one.written_at for one in found), now)
            require_past(max(moments, default=0), now)
