"""What is approved for a later time: given its turn when that has come, and not before.

Until then it stands in no queue, so nothing waits behind it. Turns are the order in which changes
leave, and by which the last decision of a selector is known.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from intelligence.curation.as_approved import require_as_approved
from intelligence.curation.change_sets import ChangeSets
from intelligence.curation.standing import require_possible
from intelligence.curation.tables import ChangeSet, ChangeState
from intelligence.errors import FormRefused, Undecipherable
from intelligence.journal import CONSOLE, Journal
from intelligence.store.database import Database
from intelligence.store.sealing import Seals


@dataclass(frozen=True, slots=True)
class Schedule:
    """Looks for what is due."""

    database: Database
    seals: Seals
    journal: Journal
    clock: Callable[[], float]

    def release_due(self) -> None:
        """Have what is due leave, in the order of its times; each in a transaction of its own.

        What the list as it is by now does not permit any more is refused, and says why.
        """
        is_due = (ChangeSet.state == ChangeState.SCHEDULED) & (ChangeSet.leaves_at <= self.clock())
        with self.database.reading() as session:
            chosen = select(ChangeSet.id).where(is_due)
            due = session.scalars(chosen.order_by(ChangeSet.leaves_at, ChangeSet.id)).all()
        for change_id in due:
            self._release(change_id)

    def _release(self, change_id: UUID) -> None:
        sets = ChangeSets(self.seals, self.clock)
        with self.database.writing() as session:
            self.database.take_turns(session)
            row = session.get(ChangeSet, change_id, with_for_update=True)
            if row is None or row.state != ChangeState.SCHEDULED:
                return  # taken back meanwhile
            try:
                changes = sets.operations(session, row)
                require_possible(session, self.seals, changes)
                require_as_approved(session, sets, row, changes)
            except (FormRefused, Undecipherable) as error:
                sets.send_back(session, row, str(error))
            else:
                sets.give_turn(session, row)
            self.journal.record(CONSOLE, "change due", change=str(row.id), state=row.state)
