"""When a selector of a challenge is concluded, and who may say that it is right.

What is to go off the list is concluded once that is signed, and is looked into again where nothing
comes of it. Whoever has listed a selector does not say that this was right.
"""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from intelligence.challenges.tables import ChallengedRow, Conclusion
from intelligence.curation.retractions import DECIDED
from intelligence.curation.tables import ChangeRow, ChangeSet, ChangeState, SignatureRow
from intelligence.store.sealing import Seals
from screening.spools.changes import Add, Lift
from screening.vocabulary.selector import Canonical

_WAITING: Final = (ChangeState.SUBMITTED, ChangeState.SCHEDULED)
_IN: Final = select(ChangeSet.id)
_IS_SIGNED: Final = ChallengedRow.conclusion.is_(None) & ChallengedRow.change_set_id.in_(
    _IN.where(ChangeSet.state.in_(DECIDED))
)
_IS_BACK: Final = (ChallengedRow.conclusion == Conclusion.RETRACT) & (
    ChallengedRow.change_set_id.in_(_IN.where(ChangeSet.state == ChangeState.REFUSED))
)
_HAS_LISTED: Final = (
    "you have written or signed that this is listed; a colleague who has not says whether that is "
    "right"
)
_UNREADABLE: Final = (
    'this selector is unreadable; record what the letter names anew, and conclude "nothing" here'
)
Conclusions = Mapping[Conclusion, str]
"""What somebody may not conclude, and why."""


def is_unsettled(session: Session) -> bool:
    """Tell whether `settle` would change anything."""
    chosen = select(ChallengedRow.id).where(or_(_IS_SIGNED, _IS_BACK)).limit(1)
    return session.scalar(chosen) is not None


def settle(session: Session, seals: Seals) -> None:
    """Have concluded what was signed since, and looked into again what came back."""
    for which, conclusion in ((_IS_SIGNED, Conclusion.RETRACT.value), (_IS_BACK, None)):
        session.flush()
        for row in session.scalars(select(ChallengedRow).where(which).with_for_update()).all():
            seals.alter(row, conclusion=conclusion)


def find_waiting(session: Session, row: ChallengedRow, now: float) -> ChangeSet | None:
    """Return the change that takes the selector off the list, while that waits.

    For somebody to sign it, or, once that is done, for the moment at which it leaves.
    """
    if row.conclusion is not None or row.change_set_id is None:
        return None
    change = session.get_one(ChangeSet, row.change_set_id)
    is_over = change.expires_at is not None and now >= change.expires_at
    return change if change.state in _WAITING and not is_over else None


def refused_conclusions(
    session: Session, seals: Seals, account_id: UUID, selector: Canonical | None
) -> Conclusions:
    """Return what an account may not conclude of a selector, None of one that does not open."""
    if selector is None:
        return dict.fromkeys((Conclusion.RETRACT, Conclusion.KEEP), _UNREADABLE)
    if _has_listed(session, seals, account_id, selector):
        return dict.fromkeys((Conclusion.KEEP, Conclusion.NOTHING), _HAS_LISTED)
    return {}


def _has_listed(session: Session, seals: Seals, account_id: UUID, selector: Canonical) -> bool:
    """Tell whether an account has written or signed what lists a selector, or may yet."""
    has_signed = exists().where(
        SignatureRow.change_set_id == ChangeSet.id, SignatureRow.account_id == account_id
    )
    chosen = (
        select(ChangeRow.id)
        .join(ChangeSet, ChangeSet.id == ChangeRow.change_set_id)
        .where(
            ChangeRow.kind == selector.kind.value,
            ChangeRow.canonical_term.in_(seals.terms(ChangeRow, selector)),
            ChangeRow.operation.in_((Add.__name__, Lift.__name__)),
            ChangeSet.state != ChangeState.REFUSED,
            or_(ChangeSet.author_id == account_id, ChangeSet.decided_by == account_id, has_signed),
        )
        .limit(1)
    )
    return session.scalar(chosen) is not None
