"""Challenges as they are looked into, by somebody else than the one who recorded them.

What is listed and what is not goes through the same steps: the same page, the same form, the
reviewer's password and a reason.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intelligence.challenges.recording import IS_OPEN, require_row
from intelligence.challenges.tables import ChallengedRow, ChallengeRow, Conclusion
from intelligence.curation.changes import Changes
from intelligence.curation.entries import Entries
from intelligence.curation.proposals import retraction
from intelligence.curation.purposes import Purpose
from intelligence.curation.showing import Showing, revealed
from intelligence.curation.standing import SHOWN_AT_MOST, first_change, stand_of
from intelligence.errors import FormRefused, NotThere
from intelligence.staff.accounts import acting
from intelligence.staff.privileges import Privileges, Shown
from intelligence.staff.roles import RecordType, Verb
from intelligence.staff.sessions import SignedIn
from screening.vocabulary.selector import Canonical, SelectorKind

_READ: Final = (Verb.READ, RecordType.CHALLENGE, {"state"})
_REVIEW: Final = (Verb.READ, RecordType.CHALLENGE, {"canonical", "listing"})
_CONCLUDE: Final = (Verb.CHANGE, RecordType.CHALLENGE, {"conclusion"})
_OWN: Final = "nobody reviews a challenge that they have recorded themselves; ask a colleague"


@dataclass(frozen=True, slots=True)
class Counted:
    """How many challenges are to be reviewed, and of these are overdue."""

    open: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Finding:
    """What somebody has found of one selector of a challenge, by its id there."""

    selector: UUID
    conclusion: Conclusion
    reason: str | None


@dataclass(frozen=True, slots=True)
class Challenged:
    """One selector of a challenge; `known_as` is the id of its page."""

    id: UUID
    record: Shown
    known_as: UUID | None
    change_id: UUID | None
    concluded_at: int | None


@dataclass(frozen=True, slots=True)
class ShownChallenge:
    """A challenge as somebody may see it; one of a list has none of its selectors."""

    id: UUID
    record: Shown
    is_own: bool
    is_overdue: bool
    is_revealed: bool = False
    selectors: Sequence[Challenged] = ()


@dataclass(frozen=True, slots=True)
class Reviewing:
    """Shows challenges to those who look into them, and takes down what they find."""

    changes: Changes
    clock: Callable[[], float]

    def open(self, who: SignedIn) -> list[ShownChallenge]:
        """Return what is to be reviewed, what is due first at the top."""
        with self.changes.database.reading() as session:
            showing = self._showing(session, who)
            by_due = select(ChallengeRow).where(IS_OPEN).order_by(ChallengeRow.due_at)
            rows = session.scalars(by_due.limit(SHOWN_AT_MOST))
            return [self._challenge(showing, row, who) for row in rows]

    def counts(self, who: SignedIn) -> Counted | None:
        """Return how many there are, None for whoever looks into none."""
        with self.changes.database.reading() as session:
            if not acting(session, who, self.clock, lock=False).may(
                Verb.CHANGE, RecordType.CHALLENGE, "conclusion"
            ):
                return None
            is_over = ChallengeRow.due_at <= self.clock()
            counted = [
                session.scalar(select(func.count(ChallengeRow.id)).where(*which)) or 0
                for which in ((IS_OPEN,), (IS_OPEN, is_over))
            ]
            return Counted(*counted)

    def one(self, who: SignedIn, challenge_id: UUID) -> ShownChallenge:
        """Return a challenge of somebody else's, masked; raises `FormRefused`, `NotThere`."""
        with self.changes.database.reading() as session:
            row = self._required(session, who, challenge_id)
            shown = self._looked_at(self._showing(session, who), row, who)
        facts = {"challenge": str(challenge_id)}
        self.changes.journal.record(who.actor, "challenge looked at", **facts)
        return shown

    def revealed(self, who: SignedIn, challenge_id: UUID, why: Purpose) -> ShownChallenge:
        """Return it with its selectors, once it is on record who sees them, and why."""
        with self.changes.database.reading() as session:
            row = self._required(session, who, challenge_id)
            privileges = acting(session, who, self.clock, lock=False)
            privileges.require(Verb.REVEAL, RecordType.CHALLENGE, {"canonical"})
            showing = Showing(session, self.changes.seals, privileges, revealed)
            shown = self._looked_at(showing, row, who)
            selectors = [
                self.changes.seals.blind_id(self._selector(one)) for one in _rows(session, row)
            ]
        facts = {"challenge": str(challenge_id), "selectors": selectors, **why.facts}
        self.changes.journal.record(who.actor, "challenge revealed", **facts)
        return shown

    def conclude(
        self,
        who: SignedIn,
        challenge_id: UUID,
        finding: Finding,
        password: str,
    ) -> None:
        """Write down what one has found of a selector of a challenge.

        What is to be retracted goes off the list at once. Raises `FormRefused`, and `NotThere`.
        """
        reason, conclusion = finding.reason, finding.conclusion
        if reason is None:
            raise FormRefused(
                "the reason is missing: say what you found, for who looks at it later"
            )
        changes = self.changes
        with changes.database.reading() as session:
            acting(session, who, self.clock, lock=False).require(*_CONCLUDE)
        by = changes.signing(who, password)
        with changes.database.writing() as session:
            changes.database.take_turns(session)
            acting(session, who, self.clock).require(*_CONCLUDE)
            challenge = require_row(session, challenge_id)
            _require_other(challenge, who)
            one = _required_selector(session, challenge, finding.selector)
            if one.conclusion is not None:
                raise FormRefused("this was concluded already; look at what was found")
            if conclusion is Conclusion.RETRACT:
                change = retraction(self._selector(one), reason)
                one.change_set_id = changes.retract_within(session, who, change, by)
            one.conclusion, one.concluded_by = conclusion.value, who.account_id
            one.concluded_at = int(self.clock())
            one.reason = changes.seals.seal(one, "reason", reason.encode())
            facts = {"challenge": str(challenge.id), "conclusion": conclusion.value}
            changes.journal.record(who.actor, "challenge concluded", **facts)
        changes.nudge()

    def _showing(self, session: Session, who: SignedIn) -> Showing:
        privileges = acting(session, who, self.clock, lock=False)
        privileges.require(*_READ)
        return Showing(session, self.changes.seals, privileges)

    def _required(self, session: Session, who: SignedIn, challenge_id: UUID) -> ChallengeRow:
        privileges: Privileges = acting(session, who, self.clock, lock=False)
        privileges.require(*_REVIEW)
        row = session.get(ChallengeRow, challenge_id)
        if row is None:
            raise NotThere
        _require_other(row, who)
        return row

    def _looked_at(self, showing: Showing, row: ChallengeRow, who: SignedIn) -> ShownChallenge:
        selectors = [self._challenged(showing, one) for one in _rows(showing.session, row)]
        is_revealed = showing.spell is revealed
        return self._challenge(showing, row, who, selectors=selectors, is_revealed=is_revealed)

    def _challenge(
        self,
        showing: Showing,
        row: ChallengeRow,
        who: SignedIn,
        *,
        selectors: Sequence[Challenged] = (),
        is_revealed: bool = False,
    ) -> ShownChallenge:
        seals = self.changes.seals
        open_ = any(one.conclusion is None for one in _rows(showing.session, row))
        is_overdue = open_ and row.due_at <= self.clock()
        record = {
            "reference": seals.legible(row, "reference"),
            "ground": seals.legible(row, "ground"),
            "recorded_by": showing.person(row.recorded_by),
            "recorded_at": row.recorded_at,
            "due_at": row.due_at,
            "state": "to be reviewed" if open_ else "reviewed",
        }
        shown = showing.privileges.shown(RecordType.CHALLENGE, record)
        is_own = row.recorded_by == who.account_id
        return ShownChallenge(row.id, shown, is_own, is_overdue, is_revealed, selectors)

    def _challenged(self, showing: Showing, row: ChallengedRow) -> Challenged:
        session, seals, selector = showing.session, self.changes.seals, self._selector(row)
        rows = Entries(session, seals).open_of(selector)
        known = first_change(session, seals, selector)
        record = {
            "canonical": showing.spell(selector),
            "listing": stand_of(session, seals, selector, (rows, self.clock())),
            "conclusion": row.conclusion,
            "reason": seals.legible(row, "reason"),
        }
        return Challenged(
            id=row.id,
            record=showing.privileges.shown(RecordType.CHALLENGE, record),
            known_as=None if known is None else known.id,
            change_id=row.change_set_id,
            concluded_at=row.concluded_at,
        )

    def _selector(self, row: ChallengedRow) -> Canonical:
        return Canonical(SelectorKind(row.kind), self.changes.seals.text(row, "canonical"))


def _rows(session: Session, row: ChallengeRow) -> Sequence[ChallengedRow]:
    chosen = select(ChallengedRow).where(ChallengedRow.challenge_id == row.id)
    return session.scalars(chosen.order_by(ChallengedRow.id)).all()


def _required_selector(session: Session, row: ChallengeRow, selector: UUID) -> ChallengedRow:
    one = session.get(ChallengedRow, selector, with_for_update=True)
    if one is None or one.challenge_id != row.id:
        raise NotThere
    return one


def _require_other(row: ChallengeRow, who: SignedIn) -> None:
    if row.recorded_by == who.account_id:
        raise FormRefused(_OWN)
