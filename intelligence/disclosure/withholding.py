"""What may be disclosed of a selector: one rule for showing, following and counting."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy.orm import Session

from intelligence.curation.entries import Entries
from intelligence.curation.sealing import Seals
from intelligence.curation.standing import is_retracted
from intelligence.curation.tables import EntryRow
from screening.vocabulary.selector import Canonical

WITHHELD: Final = "what lies behind this receipt is not disclosed here; ask whoever keeps the list"
VICTIM: Final = "victim"


def entries_to_disclose(session: Session, seals: Seals, selector: Canonical) -> Sequence[EntryRow]:
    """Return what is said of a selector, nothing where it is off the list or protects somebody.

    Off the list is also what is only decided to be taken off: it is withheld from then on.
    """
    entries = Entries(session, seals).open_of(selector)
    is_protected = any(one.role == VICTIM for one in entries)
    return [] if is_protected or is_retracted(session, seals, selector) else entries
