"""Orders of the safety lists: signed by one and approved by another, each on record.

A rule too many is silent, for nobody misses what it hides, and one too few brands the innocent: so
neither is for one person alone.
"""

from dataclasses import dataclass
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from intelligence.curation.ordering import Ordering
from intelligence.curation.safety_lists import find_told
from intelligence.curation.tables import ChangeSet, ChangeState, Concern
from intelligence.errors import FormRefused
from intelligence.exclusions.tables import RuleOrderRow
from intelligence.staff.accounts import acting
from intelligence.staff.roles import RecordType, Verb
from intelligence.staff.sessions import SignedIn
from screening.spools.exclusion_order import Exclude, OfRules
from screening.spools.spelling import spell

_decoder: msgspec.json.Decoder[OfRules] = msgspec.json.Decoder(OfRules)


@dataclass(frozen=True, slots=True)
class RuleOrders(Ordering[OfRules]):
    """Takes orders of the safety lists on their way."""

    row_type = RuleOrderRow
    concern = Concern.EXCLUSIONS
    record_type = RecordType.SAFETY_ORDER
    noun_alone = "order"
    noted = "noted that an order"

    def give(self, who: SignedIn, order: OfRules, password: str) -> UUID:
        """Sign an order, which waits for another person; return its id. Raises `FormRefused`."""
        needed = (Verb.ADD, self.record_type, set(order.__struct_fields__))
        self._permit(who, needed)
        deployment, private = self.signing(who, password)
        with self.database.writing() as session:
            self.database.take_turns(session)
            acting(session, who, self.clock).require(*needed)
            self._require_possible(session, order)
            row = self.sets.begun(session, who)
            kept = RuleOrderRow(id=row.id, operation=type(order).__name__)
            kept.said = self.seals.seal(kept, "said", spell(order))
            session.add(kept)
            session.flush()
            self.sets.fix_order(row, order, deployment)
            self.sets.sign(session, row, who, private)
            row.submitted_at, row.state = int(self.clock()), ChangeState.SUBMITTED
            self._record_decision(session, who, "order given", row)
        return row.id

    @staticmethod
    def _parsed(said: bytes) -> OfRules:
        return _decoder.decode(said)

    def _require_possible(self, session: Session, order: OfRules) -> None:
        told = find_told(session, self.seals)
        named = (order.kind, order.match.value, order.value)
        known = None if told is None else next((r for r in told.rules if r.identity == named), None)
        if isinstance(order, Exclude):
            if known is not None:
                raise FormRefused("this rule is in force already; nothing is to be done")
        elif known is None:
            raise FormRefused("no such rule is in force, as the indexer has told last")
        elif known.added_at is None:
            raise FormRefused(
                "this rule comes with the indexer, whose rules go by category: whoever runs it "
                "sees INDEXER_EXCLUDED_CATEGORIES"
            )

    def _facts(self, session: Session, row: ChangeSet) -> dict[str, object]:
        order = self.legible(session, row)
        return {} if order is None else {"kind": order.kind, "match": order.match}
