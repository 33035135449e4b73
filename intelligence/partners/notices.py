"""Who was told "match" of what was taken off since, and hears of that once a person says so.

What was taken off was not always false: it may have been somebody's once. So nobody is told before
one of those who keep the list says so.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, func, select

from intelligence.disclosure.tables import ToldYesRow
from intelligence.errors import FormRefused, NotThere
from intelligence.partners.orders import Orders
from intelligence.partners.proposals import checked
from intelligence.staff.accounts import acting
from intelligence.staff.privileges import Shown
from intelligence.staff.roles import RecordType, Verb
from intelligence.staff.sessions import SignedIn
from screening.spools.order import MOST_ROWS, Notify

_NEEDED = (Verb.ADD, RecordType.NOTICE, {"partner", "matches", "reason"})


@dataclass(frozen=True, slots=True)
class Notices:
    """Shows what partners may have to hear, and has it told."""

    orders: Orders

    def due(self, who: SignedIn) -> dict[UUID, list[Shown]]:
        """Return which partners had how many matches, by the change that took these off."""
        orders = self.orders
        with orders.database.reading() as session:
            privileges = acting(session, who, orders.clock, lock=False)
            privileges.require(Verb.READ, RecordType.NOTICE, {"partner"})
            chosen = (
                select(ToldYesRow.change_set_id, ToldYesRow.partner, func.count().label("matches"))
                .group_by(ToldYesRow.change_set_id, ToldYesRow.partner)
                .order_by(func.min(ToldYesRow.at), ToldYesRow.partner)
            )
            found: dict[UUID, list[Shown]] = {}
            for one in session.execute(chosen):
                record = {"partner": one.partner, "matches": one.matches}
                shown = privileges.shown(RecordType.NOTICE, record)
                found.setdefault(one.change_set_id, []).append(shown)
            return found

    def give(self, who: SignedIn, change_id: UUID, reason: str | None, password: str) -> None:
        """Have all partners told that were told "match" of what a change has taken off.

        Raises `FormRefused`, and `NotThere` where nobody was, or that was decided already.
        """
        if reason is None:
            raise FormRefused("the reason is missing: say why, for those who look at it later")
        orders = self.orders
        with orders.database.reading() as session:
            acting(session, who, orders.clock, lock=False).require(*_NEEDED)
        by = orders.signing(who, password)
        with orders.database.writing() as session:
            orders.database.take_turns(session)
            acting(session, who, orders.clock).require(*_NEEDED)
            chosen = select(ToldYesRow).where(ToldYesRow.change_set_id == change_id)
            rows = session.scalars(chosen.with_for_update()).all()
            if not rows:
                raise NotThere
            for partner in sorted({row.partner for row in rows}):
                named = sorted(f"{one.receipt}.{one.row}" for one in rows if one.partner == partner)
                for start in range(0, len(named), MOST_ROWS):
                    order = Notify(partner, reason, rows=named[start : start + MOST_ROWS])
                    orders.give_within(session, who, checked(order), by)
            session.execute(delete(ToldYesRow).where(ToldYesRow.change_set_id == change_id))
        orders.nudge()

    def dismiss(self, who: SignedIn, change_id: UUID) -> None:
        """Note that nobody is to be told of what a change has taken off; raises `NotThere`."""
        orders = self.orders
        with orders.database.writing() as session:
            acting(session, who, orders.clock).require(*_NEEDED)
            is_of_it = ToldYesRow.change_set_id == change_id
            matches = session.scalar(select(func.count()).where(is_of_it)) or 0
            if not matches:
                raise NotThere
            session.execute(delete(ToldYesRow).where(is_of_it))
            facts = {"change": str(change_id), "matches": matches}
            orders.journal.record(who.actor, "no notice given", **facts)
