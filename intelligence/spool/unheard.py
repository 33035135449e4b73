"""Files that the indexer is done with, and of which nobody here has heard: what is known of each.

So it is where a restored indexer has done several once more, and an up file is lost. The last of
them it names itself. Of one before that, its answers tell, where none behind them is missing; else
the list does, which the file after it had to result in: where that comes to the same without it,
nobody knows whether the indexer has done it, or passed it over.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from intelligence.curation.change_sets import ChangeSets
from intelligence.curation.entries import VICTIM, Entries, by_term, canonical_of, line_of
from intelligence.curation.tables import Concern, EntryRow, ExportRow
from intelligence.errors import Undecipherable
from intelligence.spool.withdrawal import change_sets_of
from intelligence.store.sealing import Seals
from screening.spools.acknowledgement import Applied, Outcome, Skipped
from screening.spools.changes import Change, Lift
from screening.vocabulary.selector import Canonical

_Signed = tuple[UUID, Change]
"""An operation, and the change set that it is of."""


@dataclass(slots=True)
class Unheard:
    """Files in their order, the last of which is in force; `answers` were told of some of them."""

    session: Session
    seals: Seals
    sets: ChangeSets
    rows: Sequence[ExportRow]
    answers: Mapping[int, Outcome]
    _signed: Mapping[int, Mapping[Canonical, Sequence[_Signed]] | None] = field(init=False)
    _said: Mapping[Canonical, Sequence[EntryRow]] = field(init=False)

    def __post_init__(self) -> None:
        self._signed = {row.sequence: self._read(row) for row in self.rows}
        self._said = self._all_of_each(chain(*(of or () for of in self._signed.values())))

    def answer_to(self, row: ExportRow) -> Outcome | None:
        """Return what was told last of the very bytes of a file, None of nothing."""
        found = self.answers.get(row.sequence)
        return found if found is not None and found.sha256 in (None, row.sha256) else None

    def not_known(self) -> set[int]:
        """Return the numbers of those of which nobody knows whether they are in force."""
        found = set[int]()
        for following in range(1, len(self.rows)):
            if not self._is_applied(following):
                continue
            for first in range(following - 1, -1, -1):
                if isinstance(self.answer_to(self.rows[first]), Applied):
                    break
                if self._comes_to_the_same_without(first, following):
                    found |= {row.sequence for row in self.rows[first:following]}
        told = {row.sequence for row in self.rows if isinstance(self.answer_to(row), Skipped)}
        return found - told

    def _is_applied(self, place: int) -> bool:
        """Tell whether a file may be in force: none that was passed over results in a list."""
        return not isinstance(self.answer_to(self.rows[place]), Skipped)

    def _comes_to_the_same_without(self, first: int, following: int) -> bool:
        """Tell whether the list behind a file is the same without those from `first` on before it.

        What is said of other selectors than theirs is that already.
        """
        passed_over = [self._signed[row.sequence] for row in self.rows[first:following]]
        then = self._signed[self.rows[following].sequence]
        if then is None or None in passed_over:
            return True
        before, after = self.rows[first].sequence - 1, self.rows[following].sequence
        for selector in chain(*(of or () for of in passed_over)):
            said = [row for row in self._said[selector] if _is_open(row, before)]
            for of, change in then.get(selector, ()):
                self._entries.follow(said, change, of=of, sequence=after)
            now = [row for row in self._said[selector] if _is_open(row, after)]
            if _lines(said, selector) != _lines(now, selector):
                return False
        return not any(self._is_shown_lifted(of or {}) for of in passed_over)

    def _is_shown_lifted(self, signed: Mapping[Canonical, Sequence[_Signed]]) -> bool:
        """Tell whether a selector was added since a lift of it: unlifted, none of it is taken."""
        last = self.rows[-1].sequence
        lifted = (
            of for of, found in signed.items() if any(isinstance(one, Lift) for _, one in found)
        )
        return any(
            _is_open(row, last) and row.role != VICTIM for of in lifted for row in self._said[of]
        )

    def _read(self, row: ExportRow) -> Mapping[Canonical, Sequence[_Signed]] | None:
        """Return the operations of a file in their order, by their selectors, None where unread.

        An order is none.
        """
        found: dict[Canonical, list[_Signed]] = {}
        for one in sorted(change_sets_of(self.session, row.sequence), key=lambda of: of.turn or 0):
            if one.concerns != Concern.LIST:
                continue
            try:
                changes = self.sets.operations(self.session, one)
            except Undecipherable:
                return None
            for change in changes:
                found.setdefault(canonical_of(change), []).append((one.id, change))
        return found

    @property
    def _entries(self) -> Entries:
        return Entries(self.session, self.seals)

    def _all_of_each(self, selectors: Iterable[Canonical]) -> dict[Canonical, list[EntryRow]]:
        """Return what counts as said of each of many selectors, and has.

        As the list does, a row counts as it stands, also one that was changed.
        """
        found: dict[Canonical, list[EntryRow]] = {one: [] for one in selectors}
        for of in by_term(self.seals, EntryRow, found):
            chosen = select(EntryRow).where(EntryRow.canonical_term.in_([term for _, term in of]))
            for row in self.session.scalars(chosen.order_by(EntryRow.begun_by, EntryRow.id)):
                selector = of.get((row.kind, row.canonical_term))
                if selector is not None and self.seals.find_selector(row) in (selector, None):
                    found[selector].append(row)
        return found


def _is_open(row: EntryRow, at: int) -> bool:
    """Tell whether an entry was open once a file was done."""
    return row.begun_by <= at and (row.ended_by is None or row.ended_by > at)


def _lines(rows: Iterable[EntryRow], selector: Canonical) -> Counter[bytes]:
    return Counter(line_of(row, selector) for row in rows)
