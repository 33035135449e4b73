"""What may be disclosed of a selector: one rule for showing, following and counting."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy.orm import Session

from intelligence.curation.entries import VICTIM, Entries, Said
from intelligence.curation.retractions import is_retracted
from intelligence.curation.safety_lists import find_taken_off_at, may_be_listed
from intelligence.curation.sealing import Seals
from intelligence.curation.tables import EntryRow
from screening.vocabulary.selector import Canonical

WITHHELD: Final = "what lies behind this receipt is not disclosed here; ask whoever keeps the list"


def entries_to_disclose(session: Session, seals: Seals, selector: Canonical) -> Sequence[EntryRow]:
    """Return what is said of a selector, nothing where it protects somebody or is kept off.

    Off are what was taken off, from the decision on or by hand, and what a safety list keeps off.
    Where part of what is said cannot be read, that may protect somebody. An entry whose last day is
    over is told: matches of before are why somebody asks (decision 54).
    """
    return to_disclose_of(session, seals, selector, Entries(session, seals).said_of(selector))


def to_disclose_of(
    session: Session, seals: Seals, selector: Canonical, said: Said
) -> Sequence[EntryRow]:
    """Return the same for whoever has looked up what is said of the selector."""
    is_protected = bool(said.unread) or any(one.role == VICTIM for one in said.open)
    if is_protected or is_retracted(session, seals, selector):
        return []
    if find_taken_off_at(session, seals, selector) is not None:
        return []
    return said.open if may_be_listed(session, seals, selector) else []
