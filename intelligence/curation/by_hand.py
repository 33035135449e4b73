"""Whom hands have taken off at the indexer, while what is said of them stands here.

The entries have to stand, for the indexer holds them too, and its list is reckoned from them: they
end once somebody takes the selector off here as well.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from intelligence.curation.retractions import retracted_of
from intelligence.curation.safety_lists import IS_APPLIED, LAST_DECIDED, kept_off
from intelligence.curation.standing import SHOWN_AT_MOST, first_change
from intelligence.curation.tables import ChangeRow, ChangeSet
from intelligence.paging import paging
from intelligence.staff.accounts import acting
from intelligence.staff.privileges import Shown
from intelligence.staff.roles import RecordType, Verb
from intelligence.staff.sessions import SignedIn
from intelligence.store.database import Database
from intelligence.store.sealing import Seals
from screening.spools.changes import Retract


class TakenOff(NamedTuple):
    """One of them, masked; `known_as` is its page's id, None where no change names it here.

    `is_decided` tells that it is taken off here, too, which is only not in force yet.
    """

    record: Shown
    known_as: UUID | None
    at: int
    is_decided: bool


class AllTakenOff(NamedTuple):
    """A page of them, the latest first; there are `many` in all.

    Of earlier ones the indexer has `left_out` so many. Who of these was told before is here as it
    stood then. Where what it told `is_unread`, whom hands keep off nobody here knows.
    """

    rows: Sequence[TakenOff]
    many: int
    page: int
    pages: int
    left_out: int
    is_unread: bool


class OfMoment(NamedTuple):
    """How many hands keep off since a moment, as the indexer has told last.

    Who was taken off then and is not among them was lifted by hand since, or taken off again later,
    or nothing is said of it but that it is a victim's; or it was taken off here, too, which
    `may_be_here` rules out where nobody was. Or the indexer has `left_out` so many earlier ones,
    and it is of these.
    """

    many: int
    may_be_here: bool
    left_out: int


@dataclass(frozen=True, slots=True)
class ByHand:
    """Looks them up, as the indexer has told last."""

    database: Database
    seals: Seals
    clock: Callable[[], float]

    def all(self, who: SignedIn, *, since: int | None = None, page: int = 1) -> AllTakenOff:
        """Return a page of them, of those alone of one moment (Unix seconds) where it is given."""
        with self.database.reading() as session:
            privileges = acting(session, who, self.clock, lock=False)
            privileges.require(Verb.READ, RecordType.ENTRY, {"canonical"})
            every = kept_off(session, self.seals)
            found = {one: at for one, at in every.taken_off.items() if since in (None, at)}
            at = paging(page, len(found), SHOWN_AT_MOST)
            in_order = sorted(found, key=lambda one: (-found[one], one.kind, one.text))
            some = in_order[at.first :][:SHOWN_AT_MOST]
            decided = retracted_of(session, self.seals, some)
            rows = []
            for one in some:
                said = {"kind": one.kind.value, "canonical": one.masked()}
                known = first_change(session, self.seals, one)
                rows.append(
                    TakenOff(
                        record=privileges.shown(RecordType.ENTRY, said),
                        known_as=None if known is None else known.id,
                        at=found[one],
                        is_decided=one in decided,
                    )
                )
            return AllTakenOff(
                rows,
                len(found),
                at.page,
                at.pages,
                left_out=every.left_out,
                is_unread=every.is_unread,
            )

    def of_moments(self, who: SignedIn, moments: Iterable[int]) -> Mapping[int, OfMoment] | None:
        """Return of each moment (Unix seconds) how many hands keep off since then.

        None where what the indexer told does not open: nobody here knows that of any.
        """
        with self.database.reading() as session:
            privileges = acting(session, who, self.clock, lock=False)
            privileges.require(Verb.READ, RecordType.NOTICE, {"matches"})
            every = kept_off(session, self.seals)
            if every.is_unread:
                return None
            many = Counter(every.taken_off.values())
            last = session.scalar(
                select(LAST_DECIDED)
                .join(ChangeRow, ChangeRow.change_set_id == ChangeSet.id)
                .where(ChangeRow.operation == Retract.__name__, IS_APPLIED)
            )
            return {
                at: OfMoment(many[at], last is not None and last >= at, every.left_out)
                for at in moments
            }
