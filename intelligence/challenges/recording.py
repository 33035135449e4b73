"""Challenges as they are written down, and answered: the same whether anything is listed or not.

Nothing here asks the list. So whoever records a challenge learns nothing by what they see, nor by
how long it takes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from intelligence.challenges.closing import closed
from intelligence.challenges.recorders import Recorders, is_by
from intelligence.challenges.tables import IS_OPEN, ChallengedRow, ChallengeRow, ClosedRow
from intelligence.challenges.whole import is_whole, require_whole, tell_changed
from intelligence.curation.purposes import free_text
from intelligence.curation.recognising import recognise, require_region
from intelligence.curation.showing import Showing
from intelligence.curation.standing import SHOWN_AT_MOST
from intelligence.errors import FormRefused, NotThere
from intelligence.journal import CONSOLE, Journal
from intelligence.paging import PageOf, listed
from intelligence.staff.accounts import acting
from intelligence.staff.privileges import Privileges
from intelligence.staff.roles import RecordType, Verb
from intelligence.staff.sessions import SignedIn
from intelligence.staff.tables import Account
from intelligence.store.database import Database
from intelligence.store.sealing import Seals
from screening.vocabulary.selector import Canonical
from screening.vocabulary.unix_time import DAY_S

DUE_S: Final = 14 * DAY_S
"""Reviewed before, and answered from then on: a quick answer would tell that nothing was there."""
CHALLENGES_KEPT_S: Final = 90 * DAY_S
"""After the answer, for a person who writes again."""
MOST_SELECTORS: Final = 8
ANSWER: Final = (
    "We have looked into what you wrote to us. What we hold is right as far as we can tell, and "
    "what was wrong of it has been put right. We tell nobody whether a phone, card or e-mail "
    "address is or was on our list, so that nobody can find out about others by asking."
)
"""In all cases, word for word (docs/governance.md, "Redress")."""
_ADDING: Final = (Verb.ADD, RecordType.CHALLENGE, {"canonical", "reference", "ground"})
_ANSWERING: Final = (Verb.CHANGE, RecordType.CHALLENGE, {"answer"})


@dataclass(frozen=True, slots=True)
class Recorded:
    """A challenge that one answers: no more is told of it, whatever became of it.

    `is_own` where one has recorded it, and not somebody who can answer nothing any more.
    `is_answerable` from its day on, once all of it was reviewed. One that `is_changed`, outside of
    the console, is to be recorded anew: that it is, somebody has said by closing it, at `closed_at`
    (Unix seconds).
    """

    id: UUID
    reference: str
    recorded_at: int
    due_at: int
    is_own: bool
    is_answerable: bool
    is_changed: bool
    closed_by: str | None = None
    closed_at: int | None = None


@dataclass(frozen=True, slots=True)
class Recording:
    """Writes challenges down."""

    database: Database
    seals: Seals
    journal: Journal
    clock: Callable[[], float]

    def record(
        self, who: SignedIn, selectors: Sequence[Canonical], reference: str, ground: str
    ) -> UUID:
        """Write a challenge down; return its id."""
        with self.database.writing() as session:
            acting(session, who, self.clock).require(*_ADDING)
            now = int(self.clock())
            row = ChallengeRow(
                id=uuid4(), recorded_by=who.account_id, recorded_at=now, due_at=now + DUE_S
            )
            row.reference = self.seals.seal(row, "reference", reference.encode())
            row.ground = self.seals.seal(row, "ground", ground.encode())
            for selector in selectors:
                one = ChallengedRow(
                    id=uuid4(),
                    challenge_id=row.id,
                    kind=selector.kind.value,
                    canonical_term=self.seals.term(ChallengedRow, selector),
                )
                one.canonical = self.seals.seal(one, "canonical", selector.text.encode())
                self.seals.bind(one)
                row.selectors.append(one)
            self.seals.bind(row)
            session.add(row)
            # How many, and not which: beside other records these would tell who is listed.
            facts = {"challenge": str(row.id), "selectors": len(selectors)}
            self.journal.record(who.actor, "challenge recorded", **facts)
        return row.id

    def own(self, who: SignedIn, *, page: int = 1) -> PageOf[Recorded]:
        """Return a page of what one is to answer and has not, the oldest first.

        That is what one has recorded, and behind it what those have who can answer nothing any
        more. What was closed is there until it is forgotten, whatever its row says of an answer:
        it is answered as it was recorded anew, if it was.
        """
        with self.database.reading() as session:
            privileges = acting(session, who, self.clock, lock=False)
            privileges.require(*_ADDING)
            done, changed = closed(session, self.seals), self._recorders(session).of_changed()
            chosen = select(ChallengeRow, IS_OPEN.label("is_open")).where(
                self._is_to_answer(session, who, changed),
                ChallengeRow.answered_at.is_(None) | ChallengeRow.id.in_(list(done)),
            )
            parts = (session, self.seals, privileges, self.journal.on_record)
            showing = Showing(*parts, Canonical.masked)
            is_own = is_by([who.account_id], changed)
            by_age = chosen.order_by(~is_own, ChallengeRow.recorded_at, ChallengeRow.id)

            def shown(row: ChallengeRow, is_open: bool) -> Recorded:
                recorded = self._recorded(session, row, who, is_open)
                if row.id not in done:
                    return recorded
                by, at = done[row.id].closed_by, done[row.id].closed_at
                return replace(recorded, closed_by=showing.person(by), closed_at=at)

            return listed(session, by_age, shown, page=page, size=SHOWN_AT_MOST)

    def count_answerable(self, who: SignedIn) -> int:
        """Return how many one is to answer now, 0 for whoever answers none."""
        with self.database.reading() as session:
            if not acting(session, who, self.clock, lock=False).may(_ANSWERING[0], _ANSWERING[1]):
                return 0
            changed = self._recorders(session).of_changed()
            is_theirs = self._is_to_answer(session, who, changed)
            chosen = select(ChallengeRow).where(is_theirs, self._is_answerable())
            return sum(is_whole(self.seals, row) for row in session.scalars(chosen))

    def answered(self, who: SignedIn, challenge_id: UUID) -> None:
        """Note that a challenge was answered; raises `FormRefused`, `NotThere` of another's."""
        with self.database.writing() as session:
            acting(session, who, self.clock).require(*_ANSWERING)
            row, is_it = require_row(session, challenge_id), ChallengeRow.id == challenge_id
            changed = self._recorders(session).of_changed()
            is_theirs = self._is_to_answer(session, who, changed)
            if session.scalar(select(is_it).where(is_it, is_theirs)) is None:
                raise NotThere
            require_whole(self.seals, self.journal, row)
            if session.scalar(select(func.count()).where(is_it, self._is_answerable())) == 0:
                raise FormRefused("this is not to be answered yet; wait for its day")
            self.seals.alter(row, answered_at=int(self.clock()))
            self.journal.record(who.actor, "challenge answered", challenge=str(row.id))

    def forget_answered(self) -> None:
        """Delete what was answered long ago, and is concluded: what came back is looked into.

        And what was closed as long ago.
        """
        with self.database.reading() as session:
            if not self._old_ids(session):
                return
        with self.database.writing() as session:
            for challenge_id in self._old_ids(session):
                of_it = ChallengedRow.challenge_id == challenge_id
                session.execute(delete(ChallengedRow).where(of_it))
                session.execute(delete(ClosedRow).where(ClosedRow.id == challenge_id))
                session.execute(delete(ChallengeRow).where(ChallengeRow.id == challenge_id))
                self.journal.record(CONSOLE, "challenge forgotten", challenge=str(challenge_id))

    def _old_ids(self, session: Session) -> list[UUID]:
        since = self.clock() - CHALLENGES_KEPT_S
        is_old = (ChallengeRow.answered_at <= since) & ~IS_OPEN
        answered = session.scalars(select(ChallengeRow).where(is_old)).all()
        done = [row.id for row in answered if is_whole(self.seals, row)]
        of_closed = closed(session, self.seals).values()
        return [*done, *(one.id for one in of_closed if one.closed_at <= since)]

    def _is_answerable(self) -> ColumnElement[bool]:
        is_due = ChallengeRow.due_at <= self.clock()
        return is_due & ChallengeRow.answered_at.is_(None) & ~IS_OPEN

    def _is_to_answer(
        self, session: Session, who: SignedIn, changed: dict[UUID, UUID]
    ) -> ColumnElement[bool]:
        """Tell of a challenge whether it is one's own, or of somebody who can answer it no more.

        Such a one is not here any more, or has another role: whoever has written to them is to be
        answered all the same.
        """
        of_unanswered = select(ChallengeRow.recorded_by).where(ChallengeRow.answered_at.is_(None))
        is_one = Account.id.in_(of_unanswered) | Account.id.in_(list(changed.values()))
        recorders = session.scalars(select(Account).where(is_one)).all()
        gone = [one.id for one in recorders if not self._can_answer(one)]
        return is_by([who.account_id, *gone], changed)

    def _recorders(self, session: Session) -> Recorders:
        return Recorders(session, self.seals, self.journal.on_record)

    def _can_answer(self, account: Account) -> bool:
        may = Privileges(account.roles).may(_ANSWERING[0], _ANSWERING[1], "answer")
        return may and account.is_usable(self.clock())

    def _recorded(
        self, session: Session, row: ChallengeRow, who: SignedIn, is_open: bool
    ) -> Recorded:
        holds = is_whole(self.seals, row)
        if not holds:
            tell_changed(self.journal, row)
        return Recorded(
            id=row.id,
            reference=self.seals.legible(row, "reference"),
            recorded_at=row.recorded_at,
            due_at=row.due_at,
            is_own=self._recorders(session).of(row) == who.account_id,
            is_answerable=holds and not is_open and row.due_at <= self.clock(),
            is_changed=not holds,
        )


def challenged(text: str, region: str | None) -> list[Canonical]:
    """Return the selectors that were typed, one on each line; raises `FormRefused`."""
    require_region(region)
    lines = {at: line.strip() for at, line in enumerate(text.splitlines(), 1) if line.strip()}
    if not lines:
        raise FormRefused(
            "the selectors are missing: give what the person names, one on each line", "selectors"
        )
    if len(lines) > MOST_SELECTORS:
        raise FormRefused(
            f"more than {MOST_SELECTORS} selectors; record them as several challenges"
        )
    return list(dict.fromkeys(_recognised(at, line, region) for at, line in lines.items()))


def _recognised(at: int, line: str, region: str | None) -> Canonical:
    try:
        return recognise(line, None, region)
    except FormRefused as error:
        field = "region" if error.field == "region" else "selectors"
        raise FormRefused(f"line {at}: {error}", field) from None


def reference_of(text: str | None) -> str:
    """Return where the organisation's own file of the letter is; raises `FormRefused`."""
    return free_text("reference", text, to_say="give the number of the letter, and no name")


def ground_of(text: str | None) -> str:
    """Return why the person thinks so; raises `FormRefused`."""
    return free_text("ground", text, to_say="say why they think so, in your own words")


def require_row(session: Session, challenge_id: UUID) -> ChallengeRow:
    """Return a challenge, locked; raises `NotThere`."""
    row = session.get(ChallengeRow, challenge_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotThere
    return row
