"""What pages show of partners and of orders for them, as far as somebody's roles reach."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from intelligence.curation.orders_waiting import WaitingOrders, count_orders
from intelligence.curation.overview import IS_BACK, IS_DUE
from intelligence.curation.refused_changes import refused_to_note
from intelligence.curation.showing import Showing
from intelligence.curation.standing import SHOWN_AT_MOST
from intelligence.curation.tables import ChangeSet, ChangeState, Concern
from intelligence.disclosure.tables import MatchRow, RecordRow, ToldYesRow
from intelligence.errors import NotThere
from intelligence.journal import Journal
from intelligence.paging import PageOf, listed
from intelligence.partners.kits import Kits
from intelligence.partners.orders import Orders
from intelligence.partners.proposals import described
from intelligence.partners.tables import OrderRow, PartnerRow
from intelligence.partners.trouble import Trouble, find_told, in_short, is_in_trouble, troubles_of
from intelligence.partners.usage import find_usage
from intelligence.staff.accounts import acting
from intelligence.staff.privileges import Shown
from intelligence.staff.roles import RecordType, Verb
from intelligence.staff.sessions import SignedIn
from intelligence.store.sealing import ILLEGIBLE
from screening.spools.order import Admit, Notify
from screening.spools.partners_told import ToldPartner
from screening.vocabulary.kit import PARTNER_PATTERN
from screening.vocabulary.unix_time import DAY_S

_MATCHES_S: Final = 30 * DAY_S
"""For so long a partner's matches are counted on its page."""
_OF_PARTNERS: Final = ChangeSet.concerns == Concern.PARTNERS
_WAITS: Final = (ChangeSet.state == ChangeState.SUBMITTED) | IS_DUE | IS_BACK
_NAME: Final = re.compile(PARTNER_PATTERN)
_OF_KEYS: Final = ("mode", "scopes", "api_url", "overlap_days")


@dataclass(frozen=True, slots=True)
class ShownOrder:
    """An order as somebody may see it."""

    id: UUID
    record: Shown
    is_own: bool
    is_as_signed: bool
    created_at: int
    decided_at: int | None
    review_due_at: int | None
    reviewed_at: int | None
    came_back_at: int | None
    noted_at: int | None
    was_refused: bool
    is_overdue: bool
    file: int | None
    kit_came_at: int | None
    kit_taken_at: int | None


class Limits(NamedTuple):
    """How much a partner may ask, and since when that is counted (Unix seconds).

    None is what is not known.
    """

    selectors_per_second: int | None
    daily_selectors: int | None
    matches_per_30_days: int | None
    counted_from: int | None


_UNREAD: Final = {
    "state": "unreadable",
    "mode": "not known",
    "suspected": [],
    "token_keys": [],
    "api_keys": [],
    "limits": Limits(None, None, None, None),
}
"""What is said of a partner whose row does not open as what was told of that name."""


@dataclass(frozen=True, slots=True)
class Troubles:
    """How many partners there are, which are in trouble and why, and orders that wait."""

    partners: int
    suspended: list[str]
    in_trouble: dict[str, list[Trouble]]
    orders: WaitingOrders


@dataclass(frozen=True, slots=True)
class Partners:
    """Looks things up; who looks at a partner is on record."""

    orders: Orders
    kits: Kits
    journal: Journal
    clock: Callable[[], float]

    def all(self, who: SignedIn) -> list[Shown]:
        """Return all partners, those in trouble first."""
        with self.orders.database.reading() as session:
            showing = self._showing(session, who)
            rows = session.scalars(select(PartnerRow).order_by(PartnerRow.name)).all()
            told = [(row.name, find_told(row)) for row in rows]
            told.sort(key=lambda one: not is_in_trouble(one[1]))
            return [self._partner(showing, *one) for one in told]

    def told_at(self, who: SignedIn) -> int | None:
        """Return when the indexer has told last how partners stand, None where it never has."""
        with self.orders.database.reading() as session:
            self._showing(session, who)
            return session.scalar(select(func.max(PartnerRow.told_at)))

    def troubles(self, who: SignedIn) -> Troubles | None:
        """Return what is to be looked at, None for whoever may see nothing of it."""
        with self.orders.database.reading() as session:
            privileges = acting(session, who, self.clock, lock=False)
            if not privileges.may(Verb.READ, RecordType.PARTNER, "trouble"):
                return None
            rows = session.scalars(select(PartnerRow).order_by(PartnerRow.name))
            told = {row.name: find_told(row) for row in rows}
            refused = refused_to_note(who, privileges, RecordType.PARTNER_ORDER)
            return Troubles(
                partners=len(told),
                suspended=[name for name, one in told.items() if one and one.state == "suspended"],
                in_trouble={
                    name: troubles_of(one) for name, one in told.items() if is_in_trouble(one)
                },
                orders=count_orders(session, who, _WAITS, refused, of=_OF_PARTNERS),
            )

    def one(self, who: SignedIn, name: str, *, page: int = 1) -> tuple[Shown, PageOf[ShownOrder]]:
        """Return a partner and a page of its orders, the latest first; raises `NotThere`."""
        with self.orders.database.reading() as session:
            showing = self._showing(session, who)
            # PostgreSQL takes no NUL, and what is no name nobody has.
            row = session.get(PartnerRow, name) if _NAME.fullmatch(name) else None
            if row is None:
                raise NotThere
            usage = find_usage(session, name, self.clock())
            partner = self._partner(showing, name, find_told(row), usage=usage)
            of_partner = ChangeSet.id.in_(select(OrderRow.id).where(OrderRow.partner == name))
            orders = self._listed(showing, who, of_partner, page=page)
        self.journal.record(who.actor, "partner looked at", partner=name)
        return partner, orders

    def waiting(self, who: SignedIn, *, page: int = 1) -> PageOf[ShownOrder]:
        """Return a page of orders that wait for somebody: to be approved, reviewed, or noted."""
        with self.orders.database.reading() as session:
            showing = self._showing(session, who)
            refused = refused_to_note(who, showing.privileges, RecordType.PARTNER_ORDER)
            return self._listed(showing, who, _WAITS | refused, page=page)

    def order(self, who: SignedIn, order_id: UUID) -> ShownOrder:
        """Return one order; raises `NotThere`."""
        with self.orders.database.reading() as session:
            showing = self._showing(session, who)
            row = session.get(ChangeSet, order_id)
            if row is None or row.concerns != Concern.PARTNERS:
                raise NotThere
            return self._order(showing, row, who)

    def _showing(self, session: Session, who: SignedIn) -> Showing:
        privileges = acting(session, who, self.clock, lock=False)
        privileges.require(Verb.READ, RecordType.PARTNER, {"name"})
        return Showing(session, self.orders.seals, privileges, self.orders.journal.on_record)

    def _listed(
        self, showing: Showing, who: SignedIn, which: ColumnElement[bool], *, page: int
    ) -> PageOf[ShownOrder]:
        chosen = select(ChangeSet).where(which, _OF_PARTNERS)
        latest = chosen.order_by(ChangeSet.created_at.desc(), ChangeSet.id)

        def shown(row: ChangeSet) -> ShownOrder:
            return self._order(showing, row, who)

        return listed(showing.session, latest, shown, page=page, size=SHOWN_AT_MOST)

    def _partner(
        self, showing: Showing, name: str, told: ToldPartner | None, **more: object
    ) -> Shown:
        since = self.clock() - _MATCHES_S
        record = {
            "name": name,
            "trouble": in_short(told),
            "matches": _matches(showing.session, name, since),
            **(_UNREAD if told is None else _said(told)),
            **more,
        }
        return showing.privileges.shown(RecordType.PARTNER, record)

    def _order(self, showing: Showing, row: ChangeSet, who: SignedIn) -> ShownOrder:
        order = self.orders.legible(showing.session, row)
        said = showing.session.get(OrderRow, row.id)
        if said is None:
            raise NotThere
        reason = ILLEGIBLE if order is None else order.reason
        named = self.orders.named(showing.session, row)
        is_notice = named["operation"] == Notify.__name__
        record = {
            "partner": named["partner"],
            "operation": named["operation"].lower(),
            "reason": None if is_notice else reason,
            "notice_reason": reason if is_notice else None,
            **{name: getattr(order, name, None) for name in _OF_KEYS},
            "entitlement": described(order.entitlement) if isinstance(order, Admit) else None,
            "state": row.state,
            "author": showing.author(row),
            "decided_by": showing.decider(row),
            "reviewed_by": showing.reviewer(row),
            "outcome": self.orders.seals.legible(row, "outcome"),
        }
        return ShownOrder(
            id=row.id,
            record=showing.privileges.shown(RecordType.PARTNER_ORDER, record),
            is_own=row.author_id == who.account_id,
            is_as_signed=self.orders.is_as_signed(showing.session, row),
            created_at=row.created_at,
            decided_at=row.decided_at,
            review_due_at=row.review_due_at,
            reviewed_at=row.reviewed_at,
            came_back_at=row.came_back_at,
            noted_at=row.noted_at,
            was_refused=row.was_refused,
            is_overdue=row.is_overdue(self.clock()),
            file=row.export_sequence,
            kit_came_at=said.kit_came_at,
            kit_taken_at=said.kit_taken_at,
        )


def _said(told: ToldPartner) -> dict[str, object]:
    """Return what the indexer has told of a partner, as fields of its record."""
    return {
        "state": told.state,
        "mode": told.mode,
        "suspected": troubles_of(told) or (None if told.suspected is None else []),
        "token_keys": told.token_keys,
        "api_keys": told.api_keys,
        "limits": Limits(
            told.selectors_per_second,
            told.daily_selectors,
            told.matches_per_30_days,
            None if told.counted_from is None else int(told.counted_from.timestamp()),
        ),
    }


def _matches(session: Session, partner: str, since: float) -> int:
    """Count the matches on record of a partner that came here, since a time.

    Those of what was taken off count on: whoever has recorded a challenge of it sees no fall. What
    two logs tell of differently counts for nothing, for it does not count on once it is deleted.
    """
    on_record = (
        select(func.count())
        .select_from(MatchRow)
        .join(RecordRow, RecordRow.id == MatchRow.record_id)
        .where(RecordRow.partner == partner, RecordRow.at > since)
        .where(RecordRow.is_contested.is_(False))
    )
    taken_off = select(func.count()).where(ToldYesRow.partner == partner, ToldYesRow.at > since)
    return sum(session.scalar(chosen) or 0 for chosen in (on_record, taken_off))
