"""Challenges that somebody has changed in the database: found, and closed as recorded anew.

Nobody answers or concludes one. Another than its recorder closes it, on record, and it is counted
no more and forgotten in time. One that was put back as it was is open again, and so is one that
was changed once more.
"""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from intelligence.challenges.tables import IS_OPEN, ChallengeRow, ClosedRow
from intelligence.challenges.whole import is_whole, letter_of, require_changed
from intelligence.errors import FormRefused
from intelligence.store.sealing import Seals

_CLOSED: Final = "this was closed already; look at what the letter names where it is recorded anew"


def closed(session: Session, seals: Seals) -> Mapping[UUID, ClosedRow]:
    """Return what was closed, by the ids of the challenges."""
    chosen = select(ClosedRow, ChallengeRow).join(ChallengeRow, ChallengeRow.id == ClosedRow.id)
    found = session.execute(chosen).all()
    return {one.id: one for one, row in found if _is_closed_by(seals, row, one)}


def is_to_review(session: Session, seals: Seals) -> ColumnElement[bool]:
    """Tell of a challenge whether somebody has to look into it, or close it.

    One that does not hold is of these whatever it says of what was concluded.
    """
    others = session.scalars(select(ChallengeRow).where(~IS_OPEN)).all()
    changed = [row.id for row in others if not is_whole(seals, row)]
    is_closed = ChallengeRow.id.in_(list(closed(session, seals)))
    return (IS_OPEN | ChallengeRow.id.in_(changed)) & ~is_closed


def close(
    session: Session, seals: Seals, row: ChallengeRow, *, by: UUID, at: int, reason: str
) -> None:
    """Note that a challenge is closed; raises `FormRefused` for one that holds, or was closed."""
    require_changed(seals, row)
    found = session.get(ClosedRow, row.id)
    if found is not None and _is_closed_by(seals, row, found):
        raise FormRefused(_CLOSED)
    if found is None:
        found = ClosedRow(id=row.id)
        session.add(found)
    found.closed_by, found.closed_at, found.letter = by, at, letter_of(seals, row)
    found.reason = seals.seal(found, "reason", reason.encode())
    seals.bind(found)


def _is_closed_by(seals: Seals, row: ChallengeRow, one: ClosedRow) -> bool:
    """Tell whether a challenge that does not hold stands as it did when it was closed."""
    holds = seals.holds(one) and not is_whole(seals, row)
    return holds and one.letter == letter_of(seals, row)
