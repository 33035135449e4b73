"""What may be disclosed of a selector: one rule for showing, following and counting."""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy.orm import Session

from intelligence.curation.entries import VICTIM, Entries, Said
from intelligence.curation.retractions import retracted_of
from intelligence.curation.safety_lists import find_listable, taken_off_of
from intelligence.curation.tables import EntryRow
from intelligence.store.sealing import Seals
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
    return to_disclose_of_each(session, seals, {selector: said})[selector]


def to_disclose_of_each(
    session: Session, seals: Seals, said: Mapping[Canonical, Said]
) -> dict[Canonical, Sequence[EntryRow]]:
    """Return the same of many selectors, asked for together."""
    off = retracted_of(session, seals, said.keys()) | taken_off_of(session, seals, said).keys()
    listable = find_listable(session, seals, said)

    def is_protected(of: Said) -> bool:
        return bool(of.unread) or any(one.role == VICTIM for one in of.open)

    return {
        one: of.open if one in listable and one not in off and not is_protected(of) else []
        for one, of in said.items()
    }
