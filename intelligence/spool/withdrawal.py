"""Files that are taken back: what they did is undone, and their numbers are written anew.

So it is where the indexer will never apply the very bytes of a file, or has not the list any more
that the files after it were reckoned from.
"""

from contextlib import suppress

from sqlalchemy import select
from sqlalchemy.orm import Session

from intelligence.curation.entries import Entries
from intelligence.curation.tables import ChangeSet, ChangeState, ExportRow, ExportState
from intelligence.errors import Undecipherable
from intelligence.store.sealing import Seals
from screening.spools.order import parse_signed

_LEFT = (ChangeState.EXPORTED, ChangeState.APPLIED)


def withdraw(session: Session, seals: Seals, since: int) -> None:
    """Take back all files from one on; their change sets wait again, in their turns."""
    chosen = select(ExportRow).where(ExportRow.sequence >= since)
    for row in session.scalars(chosen.order_by(ExportRow.sequence.desc())).all():
        Entries(session, seals).undo(row.sequence)
        for one in change_sets_of(session, row.sequence):
            one.export_sequence = None
            if one.state in _LEFT:
                one.state = ChangeState.APPROVED
        row.state, row.document, row.release = ExportState.WITHDRAWN, None, None
    session.flush()


def find_change_set(session: Session, seals: Seals, sequence: int, batch: str) -> ChangeSet | None:
    """Return the change set of a file that its batch of this name is."""
    for one in change_sets_of(session, sequence):
        # One that somebody has changed in the database hides no other.
        with suppress(Undecipherable):
            if one.state in _LEFT and parse_signed(seals.open(one, "content")).batch == batch:
                return one
    return None


def change_sets_of(session: Session, sequence: int) -> list[ChangeSet]:
    """Return the change sets of a file."""
    chosen = select(ChangeSet).where(ChangeSet.export_sequence == sequence)
    return list(session.scalars(chosen).all())
