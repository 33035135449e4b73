"""What is written before a decision undoes none of it: the indexer refuses that, by what is signed.

So whoever signs is told here what would come back from there. Where columns here say otherwise than
what was signed, the indexer goes by the latter all the same.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intelligence.curation.entries import by_term, canonical_of
from intelligence.curation.retractions import DECIDED
from intelligence.curation.safety_lists import all_taken_off
from intelligence.curation.tables import ChangeRow, ChangeSet
from intelligence.days import moment_text
from intelligence.errors import FormRefused
from intelligence.store.sealing import Seals
from screening.spools.changes import Change, Lift, Retract


def require_not_outdone(
    session: Session, seals: Seals, row: ChangeSet, changes: Sequence[Change], *, now: float
) -> None:
    """Raise `FormRefused` where a selector that a change set allows again was taken off after it.

    That is after it was submitted. What hands did at the indexer is of the moment that it has told.
    """
    latest = max(_retracted_at(session, seals, changes), default=0)
    require_past(latest, now)
    if latest > (row.submitted_at or 0):
        raise FormRefused(
            "a selector that this allows again was taken off after it was written, so the indexer "
            "would refuse it; its page says which and why: have it written anew where it is right "
            "all the same"
        )


def require_past(decided_at: int, now: float) -> None:
    """Raise `FormRefused` where what is to be undone was decided later than `now`.

    A clock was ahead then, or is behind: what is signed now would count as of before that.
    """
    if decided_at > now:
        raise FormRefused(
            f"what this undoes is of {moment_text(decided_at)}, and by the clock of this console "
            "that has not come yet, so the indexer would refuse this; have whoever runs the "
            "service set the clocks right, and sign it once that minute is over"
        )


def _retracted_at(session: Session, seals: Seals, changes: Sequence[Change]) -> Iterator[int]:
    lifted = {canonical_of(one) for one in changes if isinstance(one, Lift)}
    if not lifted:
        return
    by_hand = all_taken_off(session, seals)
    yield from (by_hand[one] for one in by_hand.keys() & lifted)
    for of in by_term(seals, ChangeRow, lifted):
        signed = (
            select(ChangeRow.kind, ChangeRow.canonical_term, func.max(ChangeSet.submitted_at))
            .join(ChangeSet, ChangeSet.id == ChangeRow.change_set_id)
            .where(
                ChangeRow.canonical_term.in_([term for _, term in of]),
                ChangeRow.operation == Retract.__name__,
                ChangeSet.state.in_(DECIDED),
            )
            .group_by(ChangeRow.kind, ChangeRow.canonical_term)
        )
        for kind, term, at in session.execute(signed):
            if (kind, term) in of and at is not None:
                yield at
