"""Who was told "match" of what was taken off since, and hears of that once a person says so.

What was taken off was not always false: it may have been somebody's once. So nobody is told before
one of those who keep the list says so. Which order tells of a row is kept: where nothing comes of
that order, whatever the reason, the row waits for somebody again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select
from sqlalchemy.orm import Session

from intelligence.curation.ordering import checked
from intelligence.curation.purposes import reason_typed
from intelligence.curation.tables import ChangeSet, ChangeState
from intelligence.disclosure.forgetting import TakenOffBy
from intelligence.disclosure.tables import ToldYesRow
from intelligence.errors import FormRefused, NotThere
from intelligence.journal import CONSOLE
from intelligence.partners.orders import Orders
from intelligence.partners.tables import PartnerRow
from intelligence.staff.accounts import acting
from intelligence.staff.privileges import Shown
from intelligence.staff.roles import RecordType, Verb
from intelligence.staff.sessions import SignedIn
from screening.spools.order import MOST_ROWS, Notify
from screening.vocabulary.unix_time import DAY_S

NOTICES_KEPT_S: Final = 30 * DAY_S
"""For so long a partner may be away: its indexer pushes out no notice that is younger."""
_BY: Final = (ToldYesRow.change_set_id, ToldYesRow.by_hand_at)
_NEEDED = (Verb.ADD, RecordType.NOTICE, {"partner", "matches", "reason"})
_CAME_BACK: Final = ToldYesRow.order_id.in_(
    select(ChangeSet.id).where(ChangeSet.state == ChangeState.REFUSED)
)
_IS_DUE: Final = or_(ToldYesRow.order_id.is_(None), _CAME_BACK)
_NOBODY: Final = (
    "none of these partners can be told now: each is no partner any more, or was told of "
    f"{MOST_ROWS} matches within 30 days, as many as it can fetch; tell it later, or have whoever "
    "runs the indexer see: indexer notice --help"
)


@dataclass(frozen=True, slots=True)
class Due:
    """A partner that may have to hear of matches: `is_known` where the indexer has told of it.

    `came_back` tells that an order to tell it was signed, and nothing came of that.
    """

    record: Shown
    is_known: bool
    came_back: bool


@dataclass(frozen=True, slots=True)
class Notices:
    """Shows what partners may have to hear, and has it told."""

    orders: Orders

    def due(self, who: SignedIn) -> dict[TakenOffBy, list[Due]]:
        """Return which partners had how many matches, by what took these off."""
        orders = self.orders
        with orders.database.reading() as session:
            privileges = acting(session, who, orders.clock, lock=False)
            privileges.require(Verb.READ, RecordType.NOTICE, {"partner"})
            partner = ToldYesRow.partner
            known = exists().where(PartnerRow.name == partner)
            chosen = (
                select(*_BY, partner, func.count().label("matches"))
                .add_columns(
                    known.label("is_known"), func.count(ToldYesRow.order_id).label("signed")
                )
                .where(_IS_DUE)
                .group_by(*_BY, partner)
                .order_by(func.min(ToldYesRow.at), partner)
            )
            found: dict[TakenOffBy, list[Due]] = {}
            for one in session.execute(chosen):
                record = {"partner": one.partner, "matches": one.matches}
                shown = privileges.shown(RecordType.NOTICE, record)
                due = Due(shown, bool(one.is_known), one.signed > 0)
                by = TakenOffBy(one.change_set_id, one.by_hand_at)
                found.setdefault(by, []).append(due)
            return found

    def count_due(self, who: SignedIn) -> int:
        """Return by how many changes these are, and by how many retractions by hand."""
        orders = self.orders
        with orders.database.reading() as session:
            privileges = acting(session, who, orders.clock, lock=False)
            privileges.require(Verb.READ, RecordType.NOTICE, {"partner"})
            several = select(*_BY).where(_IS_DUE).distinct().subquery()
            return session.scalar(select(func.count()).select_from(several)) or 0

    def give(self, who: SignedIn, by: TakenOffBy, reason: str | None, password: str) -> None:
        """Have the partners told that were told "match" of what was taken off.

        Who is no partner, and more than a partner can fetch, stays due. Raises `FormRefused`, also
        where nobody can be told, and `NotThere` where nobody was, or that was decided already.
        """
        why, orders = reason_typed(reason), self.orders
        with orders.database.reading() as session:
            acting(session, who, orders.clock, lock=False).require(*_NEEDED)
        signer = orders.signing(who, password)
        with orders.database.writing() as session:
            orders.database.take_turns(session)
            acting(session, who, orders.clock).require(*_NEEDED)
            told = self._told_now(session, by)
            if not told:
                raise FormRefused(_NOBODY)
            for partner, rows in told.items():
                named = sorted(f"{one.receipt}.{one.row}" for one in rows)
                order_id = orders.give_within(
                    session, who, checked(Notify(partner, why, rows=named)), signer
                )
                for row in rows:
                    row.order_id = order_id
        orders.nudge()

    def dismiss(self, who: SignedIn, by: TakenOffBy) -> None:
        """Note that nobody is to be told of what was taken off; raises `NotThere`."""
        orders = self.orders
        with orders.database.writing() as session:
            acting(session, who, orders.clock).require(*_NEEDED)
            matches = len(self._due_of(session, by))
            session.execute(delete(ToldYesRow).where(_is_by(by), _IS_DUE))
            facts = {**_named(by), "matches": matches}
            orders.journal.record(who.actor, "no notice given", **facts)

    def _due_of(self, session: Session, by: TakenOffBy) -> Sequence[ToldYesRow]:
        """Return what is due of what was taken off, locked, the oldest first; raises `NotThere`."""
        chosen = select(ToldYesRow).where(_is_by(by), _IS_DUE)
        in_order = chosen.order_by(ToldYesRow.at, ToldYesRow.receipt, ToldYesRow.row)
        rows = session.scalars(in_order.with_for_update()).all()
        if not rows:
            raise NotThere
        return rows

    def _told_now(self, session: Session, by: TakenOffBy) -> dict[str, list[ToldYesRow]]:
        """Return what can be told of what was taken off, by the partners that there are."""
        by_partner: dict[str, list[ToldYesRow]] = {}
        due = self._due_of(session, by)
        held = [one for one in due if self.orders.seals.holds(one)]
        if len(held) < len(due):
            facts = {**_named(by), "matches": len(due) - len(held)}
            self.orders.journal.record(CONSOLE, "matches not read", **facts)
        for row in held:
            by_partner.setdefault(row.partner, []).append(row)
        known = session.scalars(select(PartnerRow.name).where(PartnerRow.name.in_(by_partner)))
        found = {}
        for partner in sorted(known):
            rows = by_partner[partner][: self._room(session, partner)]
            if rows:
                found[partner] = rows
        return found

    def _room(self, session: Session, partner: str) -> int:
        """Return of how many matches more a partner can hear, with what it may not have fetched."""
        lately = (
            select(func.count())
            .select_from(ToldYesRow)
            .join(ChangeSet, ChangeSet.id == ToldYesRow.order_id)
            .where(ToldYesRow.partner == partner, ChangeSet.state != ChangeState.REFUSED)
            .where(ChangeSet.decided_at > self.orders.clock() - NOTICES_KEPT_S)
        )
        return max(0, MOST_ROWS - (session.scalar(lately) or 0))


def _is_by(by: TakenOffBy) -> ColumnElement[bool]:
    """Tell of a row whether it is of what was taken off so."""
    return and_(*(column.is_not_distinct_from(one) for column, one in zip(_BY, by, strict=True)))


def _named(by: TakenOffBy) -> dict[str, object]:
    """Return what a ledger says of what has taken somebody off."""
    if by.by_hand_at is None:
        return {"change": str(by.change_set_id)}
    return {"taken_off_at": datetime.fromtimestamp(by.by_hand_at, UTC)}
