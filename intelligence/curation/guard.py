"""How much one change, or one person in a day, may do before an approver has to say how much it is.

A slip of an import and an insider who empties the list look alike: far more than on other days.
And who would take one off by a large change has others stand beside it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from intelligence.curation.counting import count_listed
from intelligence.curation.entries import by_term
from intelligence.curation.in_a_day import Submission
from intelligence.curation.lessening import Lessening
from intelligence.curation.safety_lists import is_outdated, taken_off_of
from intelligence.curation.tables import ChangeRow, ChangeSet, ChangeState
from intelligence.settings import IntelligenceSettings
from intelligence.store.sealing import Seals
from screening.spools.changes import Add, Change, Retract

NAMED: Final = "named"
LESSENED: Final = "lessened"
_NOT_READ: Final = "part of what is on record cannot be read"
_COUNTED: Final[tuple[tuple[type[Change], str], ...]] = ((Add, "adds"), (Retract, "takes off"))


@dataclass(frozen=True, slots=True)
class Limits:
    """What needs no further word: a share of the list or so many, and so many of one in a day."""

    share_percent: int = 5
    fewest: int = 20
    per_day: int = 100


@dataclass(frozen=True, slots=True)
class Excess:
    """Why a change is more than usual, and the number by which an approver names that.

    They type it in a field of that name: a change may be so in both ways.
    """

    count: int
    sentence: str
    field: str = NAMED


def limits_of(settings: IntelligenceSettings) -> Limits:
    """Return what is not more than usual."""
    return Limits(settings.guard_share_percent, settings.guard_fewest, settings.guard_per_day)


def find_excess(
    session: Session,
    limits: Limits,
    row: ChangeSet,
    now: float,
    *,
    seals: Seals,
    done: Collection[Submission],
    is_all: bool,
) -> Excess | None:
    """Return by how much a change set goes beyond the limits, as of a time in Unix seconds.

    `done` are the change sets that its author has submitted within 24 hours, by what is on record,
    and `is_all` tells whether there can be no more: part of the record may not have been read.
    Selectors are counted on both sides, each once, of the list those that are answered with yes: by
    entries that have expired, or many of one selector, a list would look larger than it is. Whom
    hands had taken off before is on neither side: not of the list, nor taken off it.
    """
    ids = {one.change_id for one in done}
    listed = count_listed(session, seals, now)
    for kind, does in _COUNTED:
        is_own = ChangeSet.id == row.id
        count = _selectors(session, is_own, kind)
        if not count:
            continue
        in_a_day = _selectors(session, is_own | _is_one_of(ids), kind)
        at_once = count
        if kind is Retract:
            # Who takes off does so alone: one by one, they could empty a small list.
            at_once = min(in_a_day, _taken_off(session, seals, row, done))
        if at_once > limits.fewest and at_once * 100 > limits.share_percent * listed:
            return Excess(at_once, f"its author {does} {at_once}, and {listed} are listed")
        if in_a_day > limits.per_day:
            return Excess(in_a_day, f"its author {does} {in_a_day} within 24 hours")
        if not is_all:
            sentence = f"its author {does} {in_a_day} or more within 24 hours, for {_NOT_READ}"
            return Excess(in_a_day, sentence)
    return None


def find_hidden(found: Lessening) -> Excess | None:
    """Return how much of a change lessens the list, where its other operations could hide that."""
    if found.to_name is None:
        return None
    effect, count = found.to_name
    sentence = f"{count} of its {len(found.operations)} operations {effect.words(count)}"
    return Excess(count, sentence, LESSENED)


def _is_one_of(done: Collection[UUID]) -> ColumnElement[bool]:
    """Return what is true of those that were done, and not refused since."""
    return ChangeSet.id.in_(done) & (ChangeSet.state != ChangeState.REFUSED)


def count_off_by_hand(session: Session, seals: Seals, row: ChangeSet) -> int:
    """Count whom a change set takes off while hands keep them off already.

    None where what is known of hands is outdated: who was let back meanwhile is taken off by it.
    """
    if is_outdated(session):
        return 0
    chosen = select(ChangeRow.kind, ChangeRow.canonical_term).where(
        ChangeRow.change_set_id == row.id, ChangeRow.operation == Retract.__name__
    )
    own = {(kind, term) for kind, term in session.execute(chosen)}
    if not own:
        return 0
    off = taken_off_of(session, seals)
    return len({one for of in by_term(seals, ChangeRow, off) for one in own & of.keys()})


def _taken_off(session: Session, seals: Seals, row: ChangeSet, done: Collection[Submission]) -> int:
    """Count whom a change set takes off, and those that its author has submitted.

    Less whom hands had taken off as each was submitted. Who is in two of them counts twice.
    """
    before = {one.change_id: one.off_by_hand for one in done}
    before[row.id] = count_off_by_hand(session, seals, row)
    which = (ChangeSet.id == row.id) | _is_one_of(before.keys())
    counted = (
        select(ChangeRow.change_set_id, func.count())
        .join(ChangeSet, ChangeSet.id == ChangeRow.change_set_id)
        .where(which, ChangeRow.operation == Retract.__name__)
        .group_by(ChangeRow.change_set_id)
    )
    return sum(max(0, many - before[change_id]) for change_id, many in session.execute(counted))


def _selectors(session: Session, which: ColumnElement[bool], kind: type[Change]) -> int:
    """Count the selectors of the operations of a kind, each once."""
    chosen = (
        select(ChangeRow.kind, ChangeRow.canonical_term)
        .join(ChangeSet, ChangeSet.id == ChangeRow.change_set_id)
        .where(which, ChangeRow.operation == kind.__name__)
        .distinct()
    )
    return session.scalar(select(func.count()).select_from(chosen.subquery())) or 0
