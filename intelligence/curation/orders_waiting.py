"""Orders that wait: for others to decide of, or for whoever gave them to note a refusal."""

from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from intelligence.curation.overview import IS_BACK
from intelligence.curation.tables import ChangeSet
from intelligence.staff.sessions import SignedIn


class WaitingOrders(NamedTuple):
    """How many wait for somebody to decide or to look after, and `refused` ones of their own."""

    many: int
    refused: int


def count_orders(
    session: Session,
    who: SignedIn,
    waits: ColumnElement[bool],
    refused: ColumnElement[bool],
    *,
    of: ColumnElement[bool],
) -> WaitingOrders:
    """Count those `of` one concern, by what chooses each, in one statement."""
    is_theirs = (ChangeSet.author_id != who.account_id) | IS_BACK
    of_own = select(func.count()).where(refused, of).scalar_subquery()
    counted = select(func.count(), of_own).where(waits, is_theirs, of)
    return WaitingOrders(*session.execute(counted).one())
