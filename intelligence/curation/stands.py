"""What the list says of many selectors, asked for together."""

from collections.abc import Sequence, Set

from sqlalchemy.orm import Session

from intelligence.curation.entries import Entries
from intelligence.curation.safety_lists import find_rules, taken_off_of
from intelligence.curation.sealing import Seals
from intelligence.curation.standing import retracted_of
from intelligence.curation.tables import EntryRow
from screening.vocabulary.selector import Canonical


class Stands:
    """Where selectors stand by now; those that it was not made of are none."""

    def __init__(self, session: Session, seals: Seals, selectors: Set[Canonical]) -> None:
        self._said = Entries(session, seals).counted_of_each(selectors)
        self._retracted = retracted_of(session, seals, selectors)
        self._excluded = find_rules(session, seals, selectors).keys()
        self._taken_off = taken_off_of(session, seals, selectors)

    def said(self, selector: Canonical) -> Sequence[EntryRow]:
        """Return what is said of a selector."""
        return self._said.get(selector, [])

    def is_retracted(self, selector: Canonical) -> bool:
        """Tell whether it was taken off, here or by hand, and not allowed again since."""
        return selector in self._retracted or selector in self._taken_off

    def is_excluded(self, selector: Canonical) -> bool:
        """Tell whether a safety list keeps it off."""
        return selector in self._excluded

    def is_off(self, selector: Canonical) -> bool:
        """Tell whether it is answered with no, whatever is said of it."""
        return self.is_retracted(selector) or self.is_excluded(selector)
