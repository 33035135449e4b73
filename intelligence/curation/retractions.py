"""What has taken a selector off, and what is to allow it again: by decisions here, and by hand."""

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select, true
from sqlalchemy.orm import Session

from intelligence.curation.entries import VICTIM, by_term, canonical_of
from intelligence.curation.marks import Mark, Of, mark
from intelligence.curation.safety_lists import all_taken_off
from intelligence.curation.tables import NOT_LEFT, ChangeRow, ChangeSet, ChangeState
from intelligence.store.sealing import Seals
from screening.spools.changes import Add, Change, Lift, Retract
from screening.vocabulary.selector import Canonical

DECIDED: Final = (ChangeState.APPROVED, ChangeState.EXPORTED, ChangeState.APPLIED)
_SIGNED: Final = (*NOT_LEFT, ChangeState.EXPORTED)
"""By one or two, and not in force yet."""
_TAKING_OFF: Final = (Retract.__name__, Lift.__name__)


class Waiting(NamedTuple):
    """A change that does something with a selector, and is signed and not in force yet.

    `leaves_at` is when it leaves (Unix seconds), None of one that has no such time.
    """

    change_id: UUID
    is_approved: bool
    leaves_at: int | None


def is_retracted(
    session: Session,
    seals: Seals,
    selector: Canonical,
    *,
    before: int | None = None,
    states: Collection[ChangeState] = DECIDED,
) -> bool:
    """Tell whether the last decision of a selector that took it off was not lifted since.

    Those that leave `before` a turn count, all where none is given, of those in these `states`.
    """
    return find_retraction(session, seals, selector, before=before, states=states) is not None


def retracted_of(
    session: Session,
    seals: Seals,
    selectors: Collection[Canonical],
    *,
    before: int | None = None,
) -> set[Canonical]:
    """Return those of many selectors of which `is_retracted` is true."""
    last: dict[Canonical, tuple[int, str]] = {}
    for of in by_term(seals, ChangeRow, selectors):
        decided = (
            select(ChangeRow.kind, ChangeRow.canonical_term, ChangeSet.turn, ChangeRow.operation)
            .join(ChangeSet, ChangeSet.id == ChangeRow.change_set_id)
            .where(
                ChangeRow.canonical_term.in_([term for _, term in of]),
                ChangeRow.operation.in_(_TAKING_OFF),
                ChangeSet.state.in_(DECIDED),
                is_earlier(before),
            )
        )
        for kind, term, turn, operation in session.execute(decided):
            if (kind, term) in of:
                selector, found = of[kind, term], (turn or 0, operation)
                last[selector] = max(last.get(selector, found), found)
    return {one for one, (_, operation) in last.items() if operation == Retract.__name__}


def find_retraction(
    session: Session,
    seals: Seals,
    selector: Canonical,
    *,
    before: int | None = None,
    states: Collection[ChangeState] = DECIDED,
) -> ChangeRow | None:
    """Return the decision that took a selector off, None of one that was lifted since."""
    last = session.scalars(
        of_selector(seals, selector)
        .where(
            ChangeRow.operation.in_(_TAKING_OFF),
            ChangeSet.state.in_(states),
            is_earlier(before),
        )
        .order_by(ChangeSet.turn.desc(), ChangeRow.operation.desc())
        .limit(1)
    ).one_or_none()
    return last if last is not None and last.operation == Retract.__name__ else None


def marks_of_retractions(
    session: Session, seals: Seals, changes: Sequence[Change], *, before: int | None = None
) -> frozenset[Mark]:
    """Return what stands for each decision, here or by hand, against which changes list somebody.

    What only adds leaves before what takes off `before` a turn or later; what is allowed again is
    to be off by no decision but those that were known, whenever the others leave. Whom they take
    off themselves they list by nothing, and that is to wait for nobody.
    """
    own = {canonical_of(one) for one in changes if isinstance(one, Retract)}
    lifted = {canonical_of(one) for one in changes if isinstance(one, Lift)} - own
    listed = {canonical_of(one) for one in changes if isinstance(one, Add) and one.role != VICTIM}
    listed -= own
    by_hand = all_taken_off(session, seals)
    marks = {mark(Of.HANDS, one, by_hand[one]) for one in by_hand.keys() & (lifted | listed)}
    for of in by_term(seals, ChangeRow, lifted | listed):
        decided = (
            select(ChangeRow.kind, ChangeRow.canonical_term, ChangeSet.turn, ChangeSet.id)
            .join(ChangeSet, ChangeSet.id == ChangeRow.change_set_id)
            .where(
                ChangeRow.canonical_term.in_([term for _, term in of]),
                ChangeRow.operation == Retract.__name__,
                ChangeSet.state.in_(DECIDED),
            )
        )
        for kind, term, turn, change_id in session.execute(decided):
            selector = of.get((kind, term))
            is_before = before is None or (turn or 0) < before
            if selector is not None and (is_before or selector in lifted):
                marks.add(mark(Of.DECISION, selector, change_id))
    return frozenset(marks)


def find_last_retraction(
    session: Session, seals: Seals, selector: Canonical, *, before: int | None = None
) -> ChangeRow | None:
    """Return the last decision that took a selector off, whether or not that was lifted since.

    Those that leave `before` a turn count, all where none is given.
    """
    return session.scalars(
        of_selector(seals, selector)
        .where(
            ChangeRow.operation == Retract.__name__,
            ChangeSet.state.in_(DECIDED),
            is_earlier(before),
        )
        .order_by(ChangeSet.turn.desc())
        .limit(1)
    ).one_or_none()


def waiting_lifts(session: Session, seals: Seals, selector: Canonical) -> list[Waiting]:
    """Return what is to allow a selector again, and is not in force, the oldest first."""
    return _waiting(session, seals, selector, by=Lift, states=_SIGNED)


def waiting_additions(session: Session, seals: Seals, selector: Canonical) -> list[Waiting]:
    """Return what adds a selector, and is signed and has not left, the oldest first."""
    return _waiting(session, seals, selector, by=Add, states=NOT_LEFT)


def _waiting(
    session: Session,
    seals: Seals,
    selector: Canonical,
    *,
    by: type[Change],
    states: Collection[ChangeState],
) -> list[Waiting]:
    chosen = (
        select(ChangeSet.id, ChangeSet.state, ChangeSet.leaves_at)
        .where(
            ChangeSet.id.in_(
                of_selector(seals, selector)
                .with_only_columns(ChangeRow.change_set_id)
                .where(ChangeRow.operation == by.__name__, ChangeSet.state.in_(states))
            )
        )
        .order_by(ChangeSet.created_at, ChangeSet.id)
    )
    return [
        Waiting(change_id, state != ChangeState.SUBMITTED, leaves_at)
        for change_id, state, leaves_at in session.execute(chosen)
    ]


def of_selector(seals: Seals, selector: Canonical) -> Select[ChangeRow]:
    """Return what chooses the operations on a selector, each with its change set joined."""
    return (
        select(ChangeRow)
        .join(ChangeSet, ChangeSet.id == ChangeRow.change_set_id)
        .where(
            ChangeRow.kind == selector.kind.value,
            ChangeRow.canonical_term.in_(seals.terms(ChangeRow, selector)),
        )
    )


def is_earlier(before: int | None) -> ColumnElement[bool]:
    """Tell of a change set whether it leaves before a turn; all do where none is given."""
    return true() if before is None else ChangeSet.turn < before
