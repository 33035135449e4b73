"""The file that is under way, and how many retractions wait for what the indexer says of it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from intelligence.curation.tables import (
    UNDER_WAY,
    ChangeRow,
    ChangeSet,
    ChangeState,
    ExportRow,
    ExportState,
)
from screening.spools.changes import Retract

LATE_AFTER: Final = timedelta(minutes=1)
"""A file is in force and acknowledged within ten seconds, where both sides run on one host."""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A file that was written at a time in Unix seconds; retractions wait in it, and behind it."""

    sequence: int
    written_at: int
    in_it: int
    behind: int

    @property
    def retractions(self) -> str:
        """Return in words how many wait."""
        return f"{_counted(self.in_it)} in it and {self.behind} behind it"


def find_unanswered(session: Session) -> Unanswered | None:
    """Return the file under way, None of none."""
    chosen = select(ExportRow).where(ExportRow.state.in_(UNDER_WAY))
    row = session.scalars(chosen.order_by(ExportRow.sequence).limit(1)).one_or_none()
    return None if row is None else _unanswered(session, row)


def find_late(session: Session, now: float) -> Unanswered | None:
    """Return the file of which nothing was told for too long at a time, None of none."""
    chosen = select(ExportRow).where(
        ExportRow.state == ExportState.WAITING,
        ExportRow.written_at <= now - LATE_AFTER.total_seconds(),
    )
    row = session.scalars(chosen.limit(1)).one_or_none()
    return None if row is None else _unanswered(session, row)


def said_of(unanswered: Unanswered | None) -> str:
    """Return in words what waits."""
    if unanswered is None:
        return "what leaves is not acknowledged"
    return f"file {unanswered.sequence} waits, with {unanswered.retractions}"


def said_of_lost(lost: Exception, unanswered: Unanswered | None) -> str:
    """Return in words that an up file is lost, and what waits therefore."""
    return f"{lost}; nothing is read from there on, and {said_of(unanswered)}"


def _unanswered(session: Session, row: ExportRow) -> Unanswered:
    in_it = count_retractions(session, ChangeSet.export_sequence == row.sequence)
    behind = count_retractions(session, ChangeSet.state == ChangeState.APPROVED)
    return Unanswered(row.sequence, row.written_at, in_it, behind)


def count_retractions(session: Session, which: ColumnElement[bool]) -> int:
    """Count the changes of these that take somebody off the list."""
    chosen = (
        select(func.count(ChangeSet.id.distinct()))
        .join(ChangeRow, ChangeRow.change_set_id == ChangeSet.id)
        .where(which, ChangeRow.operation == Retract.__name__)
    )
    return session.scalar(chosen) or 0


def _counted(many: int) -> str:
    return f"{many} retraction{'' if many == 1 else 's'}"
