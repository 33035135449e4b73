"""What is kept of disclosure no longer than it is of use: deleted by the service itself."""

from collections.abc import Callable
from typing import Final

from sqlalchemy import ColumnElement, delete, func, select

from intelligence.curation.tables import ChangeSet, ChangeState
from intelligence.disclosure.tables import BulkRow, FeedbackRow, ToldYesRow
from intelligence.journal import CONSOLE, Journal
from intelligence.store.database import Database
from screening.vocabulary.unix_time import DAY_S

ABOUT_MATCHES_KEPT_S: Final = 400 * DAY_S
"""As long as journals of API hosts, as a rule: what is said there is of nothing that is left."""
_LOOK_EVERY_S: Final = 3_600.0

_Row = type[FeedbackRow] | type[ToldYesRow] | type[BulkRow]


class Retention:
    """Deletes what is overdue, and says on record how much; `clock` is in Unix seconds."""

    def __init__(self, database: Database, journal: Journal, clock: Callable[[], float]) -> None:
        self._database, self._journal, self._clock = database, journal, clock
        self._again_at = 0.0

    def drop_overdue(self) -> None:
        """Look once an hour, however often this is called."""
        now = self._clock()
        if now < self._again_at:
            return
        for name, table, is_over in _overdue(int(now)):
            with self._database.reading() as session:
                if not session.scalar(select(func.count()).select_from(table).where(is_over)):
                    continue
            with self._database.writing() as session:
                rows = session.scalars(delete(table).where(is_over).returning(table.id)).all()
                self._journal.record(CONSOLE, "kept long enough", what=name, rows=len(rows))
        self._again_at = now + _LOOK_EVERY_S


def _overdue(now: int) -> list[tuple[str, _Row, ColumnElement[bool]]]:
    """Return what is over: feedback, who heard of a retraction, exports that nobody may take."""
    told = select(ChangeSet.id).where(
        ChangeSet.state == ChangeState.APPLIED, ChangeSet.decided_at <= now - ABOUT_MATCHES_KEPT_S
    )
    return [
        ("feedback", FeedbackRow, FeedbackRow.at <= now - ABOUT_MATCHES_KEPT_S),
        ("notices", ToldYesRow, ToldYesRow.order_id.in_(told)),
        ("exports", BulkRow, BulkRow.expires_at <= now),
    ]
