"""Who has recorded a challenge: of one that was changed in the database, the record says so.

Its row may name another then: it is still to be recorded anew by whoever has its letter, and shown
to them as theirs. Of one that holds, the column is bound to it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from intelligence.challenges.tables import ChallengeRow
from intelligence.challenges.whole import is_whole
from intelligence.on_record import OnRecord
from intelligence.store.sealing import Seals


@dataclass(frozen=True, slots=True)
class Recorders:
    """Asks who has recorded challenges, in a transaction of the caller's."""

    session: Session
    seals: Seals
    on_record: OnRecord

    def of(self, row: ChallengeRow) -> UUID:
        """Return who has recorded a challenge; whom its row names where the record knows nobody."""
        if is_whole(self.seals, row):
            return row.recorded_by
        return self.on_record.of(row.id).author or row.recorded_by

    def of_changed(self) -> dict[UUID, UUID]:
        """Return who has recorded those that were changed, by their ids."""
        rows = self.session.scalars(select(ChallengeRow)).all()
        return {row.id: self.of(row) for row in rows if not is_whole(self.seals, row)}


def is_by(ids: Collection[UUID], changed: dict[UUID, UUID]) -> ColumnElement[bool]:
    """Tell of a challenge whether one of these has recorded it, of `changed` ones as told."""
    theirs = [one for one, by in changed.items() if by in ids]
    is_named = ChallengeRow.recorded_by.in_(list(ids)) & ChallengeRow.id.not_in(list(changed))
    return is_named | ChallengeRow.id.in_(theirs)


def is_of_others(who: UUID, changed: dict[UUID, UUID]) -> ColumnElement[bool]:
    """Tell of a challenge whether somebody may look into it: neither record nor row names them."""
    return (ChallengeRow.recorded_by != who) & ~is_by([who], changed)
