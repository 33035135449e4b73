"""Whether console or indexer was restored, since when the spools stand still."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from intelligence.spool.tables import RestoredRow
from screening.vocabulary.errors import OperatorError


def is_restored(session: Session) -> bool:
    """Tell whether a side was restored, and the spools were not resumed to the end since."""
    return session.scalar(select(RestoredRow.at)) is not None


def require_resumed(session: Session) -> None:
    """Raise `OperatorError` since a restore, and until it is resumed after.

    Numbers may be used that nobody here knows of, and the restored side may be either.
    """
    if is_restored(session):
        raise OperatorError(
            "the console or its indexer was restored, and the spools were not resumed to the end "
            "since; bring the indexer's status, and run: intelligence spool resume"
        )
