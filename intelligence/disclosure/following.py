"""Following: whoever was shown a selector is told of new sightings of it, on the start page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session

from intelligence.curation.sealing import ILLEGIBLE, Seals
from intelligence.disclosure.sightings import (
    count_sightings,
    map_ids_of,
    sightings_far_apart,
)
from intelligence.disclosure.tables import DisclosureRow, FollowRow, MapRow
from intelligence.disclosure.withholding import WITHHELD, entries_to_disclose
from intelligence.errors import FormRefused, Undecipherable
from intelligence.journal import Journal
from intelligence.staff.accounts import acting
from intelligence.staff.privileges import Shown
from intelligence.staff.roles import RecordType, Verb
from intelligence.staff.sessions import SignedIn
from intelligence.store.database import Database, changed
from screening.vocabulary.selector import Canonical

MOST_FOLLOWS: Final = 100


@dataclass(frozen=True, slots=True)
class Followed:
    """What somebody follows, as far as their roles show it."""

    id: UUID
    record: Shown


@dataclass(frozen=True, slots=True)
class Following:
    """Begins and ends it, and tells what is new."""

    database: Database
    seals: Seals
    journal: Journal
    clock: Callable[[], float]

    def follow(self, who: SignedIn, disclosure_id: UUID) -> None:
        """Follow what one was shown.

        Raises `FormRefused` for what one was not or would not be any more, or follows.
        """
        with self.database.writing() as session:
            privileges = acting(session, who, self.clock)
            privileges.require(Verb.ADD, RecordType.FOLLOW, {"receipt"})
            row = session.get(DisclosureRow, disclosure_id)
            of = None if row is None else session.get(MapRow, row.map_id)
            if row is None or of is None or row.account_id != who.account_id:
                raise FormRefused("resolve the receipt of what you want to follow first")
            selector = self._shown_of(row, of)
            if not entries_to_disclose(session, self.seals, selector):
                raise FormRefused(WITHHELD)
            if session.scalar(follows_of(self.seals, selector, account_id=who.account_id)):
                raise FormRefused("you follow this already; see your start page")
            held = select(func.count()).where(FollowRow.account_id == who.account_id)
            if (session.scalar(held) or 0) >= MOST_FOLLOWS:
                raise FormRefused("you follow too much at a time; end some of it first")
            sightings = count_sightings(session, self.seals, selector)
            follow = FollowRow(
                id=uuid4(),
                account_id=who.account_id,
                disclosure_id=row.id,
                seen=sightings,
                at=int(self.clock()),
            )
            session.add(follow)
            self.journal.record(
                who.actor,
                "follow begun",
                follow=str(follow.id),
                selector=self.seals.blind_id(selector),
                receipt=row.receipt,
            )

    def end(self, who: SignedIn, follow_id: UUID) -> None:
        """End what is one's own; nothing where it has ended."""
        with self.database.writing() as session:
            privileges = acting(session, who, self.clock)
            privileges.require(Verb.CHANGE, RecordType.FOLLOW, {"receipt"})
            is_own = (FollowRow.id == follow_id) & (FollowRow.account_id == who.account_id)
            if changed(session.execute(delete(FollowRow).where(is_own))):
                self.journal.record(who.actor, "follow ended", follow=str(follow_id))

    def followed(self, who: SignedIn) -> Sequence[Followed]:
        """Return what somebody follows, the oldest first."""
        with self.database.reading() as session:
            privileges = acting(session, who, self.clock, lock=False)
            if not privileges.may(Verb.READ, RecordType.FOLLOW):
                return []
            own = (
                select(FollowRow, DisclosureRow, MapRow)
                .join(DisclosureRow, DisclosureRow.id == FollowRow.disclosure_id)
                .join(MapRow, MapRow.id == DisclosureRow.map_id)
                .where(FollowRow.account_id == who.account_id)
                .where(DisclosureRow.account_id == who.account_id)
                .order_by(FollowRow.at, FollowRow.id)
            )
            return [
                Followed(
                    row.id,
                    privileges.shown(
                        RecordType.FOLLOW,
                        {**self._case(shown), **self._new(session, row, shown, of)},
                    ),
                )
                for row, shown, of in session.execute(own)
            ]

    def _case(self, shown: DisclosureRow) -> dict[str, object]:
        """Return of which case something was shown: of what was changed, perhaps another's."""
        if not self.seals.holds(shown):
            return {"receipt": ILLEGIBLE, "case_number": ILLEGIBLE}
        case_number = self.seals.legible(shown, "case_number")
        return {"receipt": shown.receipt, "case_number": case_number}

    def _shown_of(self, shown: DisclosureRow, of: MapRow) -> Canonical:
        """Return of what somebody was shown something; raises `Undecipherable`."""
        if not self.seals.holds(shown):
            raise Undecipherable("what was shown was changed in the database; restore a backup")
        return self.seals.selector(of)

    def _new(
        self, session: Session, row: FollowRow, shown: DisclosureRow, of: MapRow
    ) -> dict[str, object]:
        """Count what was not shown yet, and tell whether any sightings are too far apart then.

        What would not be shown counts for nothing. Of what does not open nothing is known.
        """
        try:
            selector = self._shown_of(shown, of)
        except Undecipherable:
            return {"new_sightings": None, "far_apart": False}
        new = 0
        if entries_to_disclose(session, self.seals, selector):
            new = count_sightings(session, self.seals, selector) - row.seen
        too_far = new > 0 and bool(sightings_far_apart(session, self.seals, selector))
        return {"new_sightings": new, "far_apart": too_far}


def follows_of(
    seals: Seals, selector: Canonical, *, account_id: UUID | None = None
) -> Select[UUID]:
    """Return what chooses the follows of a selector, those of one account where it is named."""
    chosen = (
        select(FollowRow.id)
        .join(DisclosureRow, DisclosureRow.id == FollowRow.disclosure_id)
        .where(DisclosureRow.map_id.in_(map_ids_of(seals, selector)))
    )
    return chosen if account_id is None else chosen.where(FollowRow.account_id == account_id)


def note_seen(session: Session, seals: Seals, selector: Canonical, *, by: UUID) -> None:
    """Note that an account was shown the sightings that there are."""
    ids = session.scalars(follows_of(seals, selector, account_id=by)).all()
    if ids:
        seen = count_sightings(session, seals, selector)
        session.execute(update(FollowRow).where(FollowRow.id.in_(ids)).values(seen=seen))


def end_follows(session: Session, seals: Seals, selector: Canonical) -> int:
    """End all that follow a selector; return how many have."""
    ids = session.scalars(follows_of(seals, selector)).all()
    session.execute(delete(FollowRow).where(FollowRow.id.in_(ids)))
    return len(ids)
