"""What colleagues have refused of somebody's own, until its author has noted that."""

from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, false, literal_column, select

from intelligence.curation.showing import Showing
from intelligence.curation.tables import ChangeSet, Concern
from intelligence.staff.privileges import Privileges, Shown
from intelligence.staff.roles import RecordType, Verb
from intelligence.staff.sessions import SignedIn

SHOWN_AT_MOST: Final = 3
"""On the start page: its queue has the others."""
_IS_REFUSED: Final = (
    (ChangeSet.state == literal_column("'refused'"))
    & ChangeSet.came_back_at.is_(None)
    & ChangeSet.noted_at.is_(None)
    & (ChangeSet.decided_by != ChangeSet.author_id)
)
"""Word for word what the index of these says, or the index is of no use to it."""


class RefusedChange(NamedTuple):
    """A change of one's own that a colleague has refused, without what it says."""

    id: UUID
    record: Shown
    created_at: int
    decided_at: int | None


def refused_of(who: SignedIn) -> ColumnElement[bool]:
    """Return what chooses them, whatever they concern."""
    return _IS_REFUSED & (ChangeSet.author_id == who.account_id)


def refused_to_note(
    who: SignedIn, privileges: Privileges, record_type: RecordType
) -> ColumnElement[bool]:
    """Return what chooses those that they may note: what nobody can be rid of is told to nobody."""
    may_note = privileges.may(Verb.CHANGE, record_type, "note")
    return refused_of(who) if may_note else false()


def last_refused(showing: Showing, who: SignedIn) -> list[RefusedChange]:
    """Return the latest of somebody's own changes that were refused."""
    chosen = select(ChangeSet).where(refused_of(who), ChangeSet.concerns == Concern.LIST)
    latest = chosen.order_by(ChangeSet.decided_at.desc(), ChangeSet.id).limit(SHOWN_AT_MOST)
    return [
        RefusedChange(row.id, _why(showing, row), row.created_at, row.decided_at)
        for row in showing.session.scalars(latest)
    ]


def _why(showing: Showing, row: ChangeSet) -> Shown:
    record = {"decided_by": showing.decider(row), "outcome": showing.seals.legible(row, "outcome")}
    return showing.privileges.shown(RecordType.CHANGE, record)
