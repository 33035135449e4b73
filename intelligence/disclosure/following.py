"""Following: whoever was shown a selector is told of new sightings of it, on the start page."""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Select, delete, exists, func, insert, literal, select
from sqlalchemy.orm import Session

from intelligence.curation.entries import Entries, blind_id
from intelligence.disclosure.sightings import (
    count_sightings_of,
    map_ids_of,
    sightings_far_apart,
    told_of,
)
from intelligence.disclosure.tables import DisclosureRow, FollowRow, MapRow, MatchRow, SeenRow
from intelligence.disclosure.withholding import WITHHELD, entries_to_disclose, to_disclose_of_each
from intelligence.errors import FormRefused, Undecipherable
from intelligence.journal import Journal
from intelligence.paging import PageOf, paging
from intelligence.staff.accounts import acting
from intelligence.staff.privileges import Shown
from intelligence.staff.roles import RecordType, Verb
from intelligence.staff.sessions import SignedIn
from intelligence.store.database import Database, changed
from intelligence.store.sealing import ILLEGIBLE, Seals
from screening.vocabulary.selector import Canonical

MOST_FOLLOWS: Final = 100
SHOWN_AT_ONCE: Final = 20
"""On one page: of each with something new all sightings are compared."""


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
    most: int = MOST_FOLLOWS

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
            if (session.scalar(held) or 0) >= self.most:
                raise FormRefused("you follow too much at a time; end some of it first")
            follow = FollowRow(
                id=uuid4(),
                account_id=who.account_id,
                disclosure_id=row.id,
                at=int(self.clock()),
            )
            session.add(follow)
            self.journal.record(
                who.actor,
                "follow begun",
                follow=str(follow.id),
                selector=blind_id(self.seals, selector),
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

    def followed(self, who: SignedIn, *, page: int = 1) -> PageOf[Followed]:
        """Return a page of what somebody follows.

        First what has something new, or of which that cannot be told, and the oldest of each first.
        """
        with self.database.reading() as session:
            privileges = acting(session, who, self.clock, lock=False)
            if not privileges.may(Verb.READ, RecordType.FOLLOW):
                return PageOf([], 0, paging(1, 0, SHOWN_AT_ONCE))
            own = (
                select(FollowRow, DisclosureRow, MapRow)
                .join(DisclosureRow, DisclosureRow.id == FollowRow.disclosure_id)
                .join(MapRow, MapRow.id == DisclosureRow.map_id)
                .where(FollowRow.account_id == who.account_id)
                .where(DisclosureRow.account_id == who.account_id)
                .order_by(FollowRow.at, FollowRow.id)
            )
            found = [
                (row, shown, self._find_shown_of(shown, of))
                for row, shown, of in session.execute(own)
            ]
            known = {of for _, _, of in found if of is not None}
            new_of = self._find_new(session, known, to=who.account_id)
            news = [None if of is None else new_of[of] for _, _, of in found]
            in_order = sorted(range(len(found)), key=lambda place: news[place] == 0)
            at = paging(page, len(found), SHOWN_AT_ONCE)
            listed = PageOf[Followed]([], len(found), at)
            for place in in_order[at.first :][:SHOWN_AT_ONCE]:
                (row, shown, of), new = found[place], news[place]
                too_far = bool(new and of and sightings_far_apart(session, self.seals, of))
                said = {**self._case(shown), "new_sightings": new, "far_apart": too_far}
                listed.append(Followed(row.id, privileges.shown(RecordType.FOLLOW, said)))
            return listed

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

    def _find_shown_of(self, shown: DisclosureRow, of: MapRow) -> Canonical | None:
        """Return the same, None where it does not open."""
        try:
            return self._shown_of(shown, of)
        except Undecipherable:
            return None

    def _find_new(
        self, session: Session, selectors: Set[Canonical], *, to: UUID
    ) -> Mapping[Canonical, int]:
        """Count the sightings of selectors that an account was not shown yet.

        What would not be shown counts for nothing.
        """
        said = Entries(session, self.seals).said_of_each(selectors)
        disclosed = to_disclose_of_each(session, self.seals, said)
        some = {one for one, entries in disclosed.items() if entries}
        counted = count_sightings_of(session, self.seals, some, _is_unseen(by=to))
        return {one: counted.get(one, 0) for one in selectors}


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
    """Note that an account is shown the sightings that there are, before they are looked up.

    What comes between is told as new once more; noted after it, it would never be told. A row that
    is being deleted is left out: waiting for its end could be to wait for each other.
    """
    unseen = told_of(seals, selector).where(_is_unseen(by=by))
    chosen = unseen.with_only_columns(
        MatchRow.id, literal(by, SeenRow.account_id.type), maintain_column_froms=True
    ).with_for_update(read=True, key_share=True, of=MatchRow, skip_locked=True)
    session.execute(insert(SeenRow).from_select(["match_id", "account_id"], chosen))


def end_follows(session: Session, seals: Seals, selector: Canonical) -> int:
    """End all that follow a selector; return how many have."""
    ids = session.scalars(follows_of(seals, selector)).all()
    session.execute(delete(FollowRow).where(FollowRow.id.in_(ids)))
    return len(ids)


def _is_unseen(*, by: UUID) -> ColumnElement[bool]:
    """Tell of a match whether an account was not shown its sighting yet.

    Sightings are told by themselves, as some come and others go: what two logs tell of is none
    until somebody settles which one is right.
    """
    return ~exists().where(SeenRow.match_id == MatchRow.id, SeenRow.account_id == by)
