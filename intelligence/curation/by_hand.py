"""Whom hands have taken off at the indexer, while what is said of them stands here.

The entries have to stand, for the indexer holds them too, and its list is reckoned from them: they
end once somebody takes the selector off here as well.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from intelligence.curation.retractions import retracted_of
from intelligence.curation.safety_lists import all_taken_off
from intelligence.curation.sealing import Seals
from intelligence.curation.showing import Showing
from intelligence.curation.standing import SHOWN_AT_MOST, first_change
from intelligence.paging import paging
from intelligence.staff.accounts import acting
from intelligence.staff.privileges import Shown
from intelligence.staff.roles import RecordType, Verb
from intelligence.staff.sessions import SignedIn
from intelligence.store.database import Database


class TakenOff(NamedTuple):
    """One of them, masked; `known_as` is its page's id, None where no change names it here.

    `is_decided` tells that it is taken off here, too, which is only not in force yet.
    """

    record: Shown
    known_as: UUID | None
    at: int
    is_decided: bool


class AllTakenOff(NamedTuple):
    """A page of them, the latest first; there are `many` in all."""

    rows: Sequence[TakenOff]
    many: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class ByHand:
    """Looks them up, as the indexer has told last."""

    database: Database
    seals: Seals
    clock: Callable[[], float]

    def all(self, who: SignedIn, *, page: int = 1) -> AllTakenOff:
        """Return a page of them."""
        with self.database.reading() as session:
            privileges = acting(session, who, self.clock, lock=False)
            privileges.require(Verb.READ, RecordType.ENTRY, {"canonical"})
            showing = Showing(session, self.seals, privileges)
            found = all_taken_off(session, self.seals)
            at = paging(page, len(found), SHOWN_AT_MOST)
            in_order = sorted(found, key=lambda one: (-found[one], one.kind, one.text))
            some = in_order[at.first :][:SHOWN_AT_MOST]
            decided = retracted_of(session, self.seals, some)
            rows = []
            for one in some:
                said = {"kind": one.kind.value, "canonical": showing.spell(one)}
                known = first_change(session, self.seals, one)
                rows.append(
                    TakenOff(
                        record=privileges.shown(RecordType.ENTRY, said),
                        known_as=None if known is None else known.id,
                        at=found[one],
                        is_decided=one in decided,
                    )
                )
            return AllTakenOff(rows, len(found), at.page, at.pages)
