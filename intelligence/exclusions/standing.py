"""What pages show of the safety lists and of orders for them, as far as somebody's roles reach."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from intelligence.curation.counting import count_kept_off
from intelligence.curation.orders_waiting import WaitingOrders, count_orders
from intelligence.curation.overview import IS_BACK
from intelligence.curation.refused_changes import refused_to_note
from intelligence.curation.safety_lists import find_told
from intelligence.curation.showing import Showing
from intelligence.curation.standing import SHOWN_AT_MOST
from intelligence.curation.tables import ChangeSet, ChangeState, Concern
from intelligence.errors import NotThere
from intelligence.exclusions.orders import RuleOrders
from intelligence.exclusions.proposals import rule_of
from intelligence.paging import PageOf, listed
from intelligence.staff.accounts import acting
from intelligence.staff.privileges import Privileges, Shown
from intelligence.staff.roles import RecordType, Verb
from intelligence.staff.sessions import SignedIn
from intelligence.store.sealing import ILLEGIBLE
from screening.spools.exclusion_order import Exclude
from screening.spools.exclusions_told import ToldRule

_OF_EXCLUSIONS: Final = ChangeSet.concerns == Concern.EXCLUSIONS
_WAITS: Final = (ChangeSet.state == ChangeState.SUBMITTED) | IS_BACK
_OF_RULE: Final = ("kind", "match", "value", "category", "note", "source")


@dataclass(frozen=True, slots=True)
class ShownRuleOrder:
    """An order as somebody may see it.

    `keeps_off` is how many of the selectors that the list names a new rule covers, and whether all
    were counted; None for its author and for whoever may not approve it, once it is decided, and
    where it is not of a new rule.
    """

    id: UUID
    record: Shown
    is_own: bool
    is_as_signed: bool
    created_at: int
    decided_at: int | None
    came_back_at: int | None
    noted_at: int | None
    was_refused: bool
    file: int | None
    keeps_off: tuple[int, bool] | None


@dataclass(frozen=True, slots=True)
class SafetyLists:
    """Looks things up."""

    orders: RuleOrders
    clock: Callable[[], float]

    def all(self, who: SignedIn) -> list[Shown]:
        """Return all rules, the deployment's own first, as the indexer has told last.

        Whoever is shown values is on record before: some are shelters' own.
        """
        with self.orders.database.reading() as session:
            privileges = self._permitted(session, who)
            told = find_told(session, self.orders.seals)
        rules = [] if told is None else sorted(told.rules, key=lambda one: not one.added_at)
        if rules and privileges.may(Verb.READ, RecordType.SAFETY_RULE, "value"):
            self.orders.journal.record(who.actor, "safety lists shown", rules=len(rules))
        return [_shown(privileges, one) for one in rules]

    def waiting(self, who: SignedIn, *, page: int = 1) -> PageOf[ShownRuleOrder]:
        """Return a page of orders that wait for somebody: to be approved, or noted."""
        with self.orders.database.reading() as session:
            privileges = self._permitted(session, who)
            refused = refused_to_note(who, privileges, RecordType.SAFETY_ORDER)
            chosen = select(ChangeSet).where(_WAITS | refused, _OF_EXCLUSIONS)
            latest = chosen.order_by(ChangeSet.created_at.desc(), ChangeSet.id)
            showing = Showing(session, self.orders.seals, privileges, self.orders.journal.on_record)

            def shown(row: ChangeSet) -> ShownRuleOrder:
                return self._order(showing, row, who)

            return listed(session, latest, shown, page=page, size=SHOWN_AT_MOST)

    def count_waiting(self, who: SignedIn) -> WaitingOrders | None:
        """Return how many orders wait for somebody, None for whoever may see nothing of them."""
        with self.orders.database.reading() as session:
            privileges = acting(session, who, self.clock, lock=False)
            if not privileges.may(Verb.READ, RecordType.SAFETY_ORDER, "state"):
                return None
            refused = refused_to_note(who, privileges, RecordType.SAFETY_ORDER)
            return count_orders(session, who, _WAITS, refused, of=_OF_EXCLUSIONS)

    def order(self, who: SignedIn, order_id: UUID) -> ShownRuleOrder:
        """Return one order, once it is on record who is shown its value, or a count.

        Raises `NotThere`.

        By orders that are taken back again, whoever is told how many listed selectors their own
        rules cover could halve a range until a listed one is left. So another person is told, to
        decide of it, and nobody else. The number is not on record, which authors may read, too.
        """
        with self.orders.database.reading() as session:
            privileges = self._permitted(session, who)
            row = session.get(ChangeSet, order_id)
            if row is None or row.concerns != Concern.EXCLUSIONS:
                raise NotThere
            may_decide = privileges.may(Verb.CHANGE, RecordType.SAFETY_ORDER, "approval")
            is_counted = may_decide and row.author_id != who.account_id
            showing = Showing(session, self.orders.seals, privileges, self.orders.journal.on_record)
            shown = self._order(showing, row, who, counted=is_counted)
        if shown.record.get("value"):
            self.orders.journal.record(who.actor, "safety order shown", change=str(order_id))
        if shown.keeps_off is not None:
            self.orders.journal.record(who.actor, "order counted", change=str(order_id))
        return shown

    def _permitted(self, session: Session, who: SignedIn) -> Privileges:
        privileges = acting(session, who, self.clock, lock=False)
        privileges.require(Verb.READ, RecordType.SAFETY_RULE, {"kind"})
        return privileges

    def _order(
        self, showing: Showing, row: ChangeSet, who: SignedIn, *, counted: bool = False
    ) -> ShownRuleOrder:
        session, orders, seals = showing.session, self.orders, self.orders.seals
        order = orders.legible(session, row)
        record = {
            "operation": orders.named(session, row)["operation"].lower(),
            "reason": ILLEGIBLE if order is None else order.reason,
            **{name: getattr(order, name, "") for name in _OF_RULE},
            "is_wide": isinstance(order, Exclude) and order.is_wide,
            "state": row.state,
            "author": showing.author(row),
            "decided_by": showing.decider(row),
            "reviewed_by": showing.reviewer(row),
            "outcome": seals.legible(row, "outcome"),
        }
        keeps_off = None
        if counted and isinstance(order, Exclude) and row.state == ChangeState.SUBMITTED:
            keeps_off = count_kept_off(session, seals, rule_of(order), self.clock())
        return ShownRuleOrder(
            id=row.id,
            record=showing.privileges.shown(RecordType.SAFETY_ORDER, record),
            is_own=row.author_id == who.account_id,
            is_as_signed=orders.is_as_signed(session, row),
            created_at=row.created_at,
            decided_at=row.decided_at,
            came_back_at=row.came_back_at,
            noted_at=row.noted_at,
            was_refused=row.was_refused,
            file=row.export_sequence,
            keeps_off=keeps_off,
        )


def _shown(privileges: Privileges, told: ToldRule) -> Shown:
    record: dict[str, object] = {name: getattr(told, name) for name in _OF_RULE}
    record |= {"added_at": told.added_at, "keeps_off": told.keeps_off}
    return privileges.shown(RecordType.SAFETY_RULE, record)
