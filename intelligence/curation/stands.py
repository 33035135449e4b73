"""What the list says of many selectors, asked for together."""

from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from intelligence.curation.safety_lists import find_rules
from intelligence.curation.sealing import Seals
from intelligence.curation.standing import answers_yes, is_retracted
from intelligence.curation.tables import ChangeRow, EntryRow
from screening.spools.changes import Retract
from screening.vocabulary.selector import Canonical

_AT_ONCE: Final = 400


class Stands:
    """Where selectors stand by now; those that it was not made of are none."""

    def __init__(self, session: Session, seals: Seals, selectors: Set[Canonical]) -> None:
        self._said: dict[Canonical, list[EntryRow]] = defaultdict(list)
        for terms in _parted(seals, EntryRow, selectors):
            is_open = EntryRow.canonical_term.in_(terms) & EntryRow.ended_by.is_(None)
            for row in session.scalars(select(EntryRow).where(is_open)):
                self._said[terms[row.canonical_term]].append(row)
        self._retracted: set[Canonical] = set()
        for terms in _parted(seals, ChangeRow, selectors):
            is_off = ChangeRow.canonical_term.in_(terms) & (ChangeRow.operation == Retract.__name__)
            named = session.scalars(select(ChangeRow.canonical_term).where(is_off).distinct())
            found = {terms[one] for one in named}
            self._retracted |= {one for one in found if is_retracted(session, seals, one)}
        self._excluded = find_rules(session, seals, selectors).keys()

    def said(self, selector: Canonical) -> Sequence[EntryRow]:
        """Return what is said of a selector."""
        return self._said.get(selector, [])

    def is_retracted(self, selector: Canonical) -> bool:
        """Tell whether it was taken off, and not allowed again since."""
        return selector in self._retracted

    def is_excluded(self, selector: Canonical) -> bool:
        """Tell whether a safety list keeps it off."""
        return selector in self._excluded

    def is_listed(self, selector: Canonical, now: float) -> bool:
        """Tell whether it is answered with yes at a time in Unix seconds."""
        is_off = self.is_retracted(selector) or self.is_excluded(selector)
        return not is_off and answers_yes(self.said(selector), now)


def _parted(
    seals: Seals, table: type[EntryRow] | type[ChangeRow], selectors: Set[Canonical]
) -> Iterator[dict[bytes, Canonical]]:
    """Yield by what selectors are found, of as many as one statement takes."""
    pairs = [(term, one) for one in selectors for term in seals.terms(table, one)]
    for first in range(0, len(pairs), _AT_ONCE):
        yield dict(pairs[first : first + _AT_ONCE])
