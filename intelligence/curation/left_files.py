"""What became of files that have left for the indexer, and of that what somebody may see."""

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from intelligence.curation.tables import ADOPTED, ExportRow, ExportState
from intelligence.staff.privileges import Privileges, Shown
from intelligence.staff.roles import RecordType, Verb


class FileOf(NamedTuple):
    """The file in which something has left, and since when that is in force, in Unix seconds.

    `in_force_at` is None where it is not, or `is_unheard`: nobody knows. `record` is of the file,
    whatever else is in it, None for whoever may see none.
    """

    left_at: int
    in_force_at: int | None
    is_unheard: bool
    record: Shown | None


def find_file(session: Session, privileges: Privileges, sequence: int | None) -> FileOf | None:
    """Return what became of the file in which something has left, None of none."""
    row = None if sequence is None else session.get(ExportRow, sequence)
    if row is None:
        return None
    return FileOf(
        left_at=row.written_at,
        in_force_at=row.told_at if row.state == ExportState.APPLIED else None,
        is_unheard=row.state == ExportState.UNHEARD,
        record=shown_file(privileges, row),
    )


def find_refused(session: Session) -> ExportRow | None:
    """Return the first file that the indexer refuses, None where it refuses none."""
    chosen = select(ExportRow).where(ExportRow.state == ExportState.REFUSED)
    return session.scalars(chosen.order_by(ExportRow.sequence).limit(1)).one_or_none()


def last_written(session: Session) -> ExportRow | None:
    """Return the file with the highest number that is not to be written anew."""
    chosen = select(ExportRow).where(ExportRow.state != ExportState.WITHDRAWN)
    return session.scalars(chosen.order_by(ExportRow.sequence.desc()).limit(1)).one_or_none()


def has_own_list(session: Session) -> bool:
    """Tell whether files of this console are in force: no list from before it is taken over."""
    in_force = (ExportState.APPLIED, ExportState.SKIPPED, ExportState.UNHEARD)
    is_ours = (ExportRow.sequence > ADOPTED) & ExportRow.state.in_(in_force)
    return session.scalar(select(ExportRow.sequence).where(is_ours).limit(1)) is not None


def shown_file(privileges: Privileges, row: ExportRow | None) -> Shown | None:
    """Return what may be seen of a file, None of none, and for whoever may see nothing of any."""
    if row is None or not privileges.may(Verb.READ, RecordType.VERSION):
        return None
    names = ("sequence", "state", "written_at", "told_at", "release", "outcome")
    return privileges.shown(RecordType.VERSION, {name: getattr(row, name) for name in names})
