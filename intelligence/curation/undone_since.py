"""What is written before a decision undoes none of it: the indexer refuses that, by what is signed.

So whoever signs is told here what would come back from there. Where columns here say otherwise than
what was signed, the indexer goes by the latter all the same.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from intelligence.curation.entries import by_term, canonical_of
from intelligence.curation.retractions import DECIDED
from intelligence.curation.safety_lists import all_taken_off
from intelligence.curation.tables import ChangeRow, ChangeSet
from intelligence.days import moment_text
from intelligence.errors import FormRefused, Undecipherable
from intelligence.store.sealing import Seals
from screening.spools.changes import Change, Lift, Retract
from screening.spools.order import parse_signed
from screening.vocabulary.errors import SpoolRefused

_CLOCKS_DIFFER_S: Final = 300
"""What is of a later time than so much from now is of a clock that was ahead, here or there."""


def require_not_outdone(
    session: Session, seals: Seals, row: ChangeSet, changes: Sequence[Change], *, now: float
) -> None:
    """Raise `FormRefused` where a selector that a change set allows again was taken off after it.

    That is after it was submitted. What hands did at the indexer is of the moment that it has told.
    """
    latest = max(not_ahead(_retracted_at(session, seals, changes), now), default=0)
    require_past(latest, now)
    if latest > max(_written_at(seals, [row]), default=0):
        raise FormRefused(
            "a selector that this allows again was taken off after it was written, so the indexer "
            "would refuse it; its page says which and why: have it written anew where it is right "
            "all the same"
        )


def not_ahead(moments: Iterable[int], now: float) -> Iterator[int]:
    """Yield the moments of decisions but for those of a clock that was ahead (Unix seconds).

    By those nobody could undo them until then. The indexer takes them to be of when it first
    applies a file by a clock that is right, and refuses what was written before that.
    """
    return (one for one in moments if one <= now + _CLOCKS_DIFFER_S)


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
        found = (
            select(ChangeRow.kind, ChangeRow.canonical_term, ChangeSet)
            .join(ChangeSet, ChangeSet.id == ChangeRow.change_set_id)
            .where(
                ChangeRow.canonical_term.in_([term for _, term in of]),
                ChangeRow.operation == Retract.__name__,
                ChangeSet.state.in_(DECIDED),
            )
        )
        rows = {row for kind, term, row in session.execute(found) if (kind, term) in of}
        yield from _written_at(seals, rows)


def _written_at(seals: Seals, rows: Iterable[ChangeSet]) -> Iterator[int]:
    """Yield when each was written, by what people have signed: no column is believed."""
    for row in rows:
        with suppress(SpoolRefused, Undecipherable):
            yield int(parse_signed(seals.open(row, "content")).written_at.timestamp())
