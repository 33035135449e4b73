"""What leaves before a change, by what people have signed: no row or column of an operation counts.

Whoever writes in the database can delete rows of operations, or move them to another change; what
leaves is what was signed.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from intelligence.curation.entries import canonical_of
from screening.spools.changes import Change
from screening.vocabulary.selector import Canonical


class Ahead:
    """The operations of changes that leave before another, in the order in which they do.

    `unread` are the ids of those of which nobody knows what they say, and so whom they may list,
    with what they are of by their rows (`Concern`).
    """

    def __init__(self) -> None:
        self._of: defaultdict[Canonical, list[Change]] = defaultdict(list)
        self.unread: dict[UUID, str] = {}

    def take(self, changes: Iterable[Change]) -> None:
        """Have operations leave behind all that are here already."""
        for one in changes:
            self._of[canonical_of(one)].append(one)

    def of(self, selector: Canonical) -> Sequence[Change]:
        """Return what is said of a selector."""
        return self._of.get(selector, ())
