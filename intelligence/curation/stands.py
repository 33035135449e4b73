"""What the list says of many selectors, asked for together."""

from collections.abc import Set

from sqlalchemy.orm import Session

from intelligence.curation.entries import Entries, Said
from intelligence.curation.retractions import retracted_of
from intelligence.curation.safety_lists import find_rules, taken_off_of
from intelligence.store.sealing import Seals
from screening.vocabulary.selector import Canonical


class Stands:
    """Where selectors stand by now, of those that it was made of."""

    def __init__(self, session: Session, seals: Seals, selectors: Set[Canonical]) -> None:
        self._said = Entries(session, seals).said_of_each(selectors)
        self._retracted = retracted_of(session, seals, selectors)
        self._excluded = find_rules(session, seals, selectors).keys()
        self._taken_off = taken_off_of(session, seals, selectors)

    def said(self, selector: Canonical) -> Said:
        """Return what is said of a selector."""
        return self._said[selector]

    def is_retracted(self, selector: Canonical) -> bool:
        """Tell whether it was taken off, here or by hand, and not allowed again since."""
        return selector in self._retracted or selector in self._taken_off

    def is_excluded(self, selector: Canonical) -> bool:
        """Tell whether a safety list keeps it off."""
        return selector in self._excluded
