"""How much one change, or one person in a day, may do before an approver has to say how much it is.

A slip of an import and an insider who empties the list look alike: far more than on other days.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intelligence.curation.tables import ChangeRow, ChangeSet, ChangeState, EntryRow
from screening.spools.changes import Add, Change, Retract

DAY_S: Final = 24 * 3600
_COUNTED: Final[tuple[tuple[type[Change], str], ...]] = ((Add, "adds"), (Retract, "takes off"))


@dataclass(frozen=True, slots=True)
class Limits:
    """What needs no further word: a share of the list or so many, and so many of one in a day."""

    share_percent: int = 5
    fewest: int = 20
    per_day: int = 100


@dataclass(frozen=True, slots=True)
class Excess:
    """Why a change is more than usual, and the number by which an approver names that."""

    count: int
    sentence: str


def find_excess(
    session: Session, limits: Limits, row: ChangeSet, of: tuple[Mapping[type[Change], int], float]
) -> Excess | None:
    """Return by how much a change set of so many operations goes beyond the limits.

    As of a time in Unix seconds.
    """
    counts, now = of
    listed = session.scalar(select(func.count()).where(EntryRow.ended_by.is_(None))) or 0
    for kind, does in _COUNTED:
        count = counts.get(kind, 0)
        if not count:
            continue
        in_a_day = count + _done_before(session, row, kind, now - DAY_S)
        # Who takes off does so alone: one by one, they could empty a small list.
        at_once = in_a_day if kind is Retract else count
        if at_once > limits.fewest and at_once * 100 > limits.share_percent * listed:
            return Excess(
                at_once, f"its author {does} {at_once}, and the list has {listed} entries"
            )
        if in_a_day > limits.per_day:
            return Excess(in_a_day, f"its author {does} {in_a_day} within 24 hours")
    return None


def _done_before(session: Session, row: ChangeSet, kind: type[Change], since: float) -> int:
    """Count what the author of a change set has submitted beside it."""
    chosen = (
        select(func.count())
        .select_from(ChangeRow)
        .join(ChangeSet, ChangeSet.id == ChangeRow.change_set_id)
        .where(
            ChangeSet.author_id == row.author_id,
            ChangeSet.id != row.id,
            ChangeSet.submitted_at > since,
            ChangeSet.state != ChangeState.REFUSED,
            ChangeRow.operation == kind.__name__,
        )
    )
    return session.scalar(chosen) or 0
