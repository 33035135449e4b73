"""What is to be done with a selector, and has not come into force."""

from collections.abc import Sequence
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from intelligence.curation.retractions import of_selector
from intelligence.curation.tables import OPEN_STATES, ChangeRow, ChangeSet, ChangeState
from intelligence.store.sealing import Seals
from screening.vocabulary.selector import Canonical

_NOT_IN_FORCE: Final = (*OPEN_STATES, ChangeState.EXPORTED)


class UnderWay(NamedTuple):
    """A change of which nothing has come yet, and what it does with a selector: add, retract."""

    change_id: UUID
    state: str
    operation: str


def under_way(session: Session, seals: Seals, selector: Canonical) -> Sequence[ChangeRow]:
    """Return the operations on a selector that nothing has come of yet."""
    chosen = of_selector(seals, selector).where(ChangeSet.state.in_(_NOT_IN_FORCE))
    return session.scalars(chosen.order_by(ChangeSet.created_at)).all()


def states_of(session: Session, rows: Sequence[ChangeRow]) -> list[UnderWay]:
    """Return the change of each operation, how far it has come, and what that does."""
    ids = [one.change_set_id for one in rows]
    chosen = select(ChangeSet.id, ChangeSet.state).where(ChangeSet.id.in_(ids))
    states = {row.id: row.state for row in session.execute(chosen)}
    return [
        UnderWay(row.change_set_id, states[row.change_set_id], row.operation.lower())
        for row in rows
    ]
