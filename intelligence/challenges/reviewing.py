"""Challenges as they are looked into, by somebody else than the one who recorded them.

What is listed and what is not goes through the same steps: the same page, the same form, the
reviewer's password and a reason. The journal says who has looked into what, and not what was found
or of which selectors: it would tell whoever reads it who is listed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intelligence.challenges.closing import close, is_to_review
from intelligence.challenges.concluding import Concluding
from intelligence.challenges.recorders import Recorders, is_by, is_of_others
from intelligence.challenges.recording import require_row
from intelligence.challenges.shown import (
    ShowingChallenges,
    ShownChallenge,
)
from intelligence.challenges.tables import ChallengedRow, ChallengeRow, Conclusion
from intelligence.challenges.whole import require_whole, tell_changed
from intelligence.curation.changes import Changes
from intelligence.curation.proposals import retraction
from intelligence.curation.purposes import Purpose, reason_typed, refuse_contact
from intelligence.curation.showing import Showing, revealed
from intelligence.curation.standing import SHOWN_AT_MOST
from intelligence.curation.tables import ChangeState
from intelligence.errors import FormRefused, NotThere
from intelligence.paging import PageOf, listed
from intelligence.staff.accounts import acting
from intelligence.staff.privileges import Privileges
from intelligence.staff.roles import RecordType, Verb
from intelligence.staff.sessions import SignedIn
from screening.vocabulary.selector import Canonical

_READ: Final = (Verb.READ, RecordType.CHALLENGE, {"state"})
_REVIEW: Final = (Verb.READ, RecordType.CHALLENGE, {"canonical", "listing"})
_CLOSE: Final = (Verb.CHANGE, RecordType.CHALLENGE, {"closing"})
_CONCLUDE: Final = (Verb.CHANGE, RecordType.CHALLENGE, {"conclusion"})
_OWN: Final = "nobody reviews a challenge that they have recorded themselves; ask a colleague"
_UNREAD: Final = (
    "the record cannot be read, so nobody can tell who has recorded this; have whoever runs the "
    "service find out what of it is missing"
)
_WHERE: Final = "say where it is recorded anew, for who looks at it later"


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
class Reviewing:
    """Shows challenges to those who look into them, and takes down what they find."""

    changes: Changes
    clock: Callable[[], float]

    def open(self, who: SignedIn, *, own: bool = False, page: int = 1) -> PageOf[ShownChallenge]:
        """Return a page of what is to be reviewed, what is due first at the top.

        That is what one has not recorded: one's `own` a colleague looks into.
        """
        self.settle()
        with self.changes.database.reading() as session:
            changed = self._recorders(session).of_changed()
            id_ = who.account_id
            whose = is_by([id_], changed) if own else is_of_others(id_, changed)
            of_them = is_to_review(session, self.changes.seals), whose
            in_order = (ChallengeRow.due_at, ChallengeRow.id)
            by_due = select(ChallengeRow).where(*of_them).order_by(*in_order)
            shown = self._showing(session, who).listed
            return listed(session, by_due, shown, page=page, size=SHOWN_AT_MOST)

    def counts(self, who: SignedIn) -> Counted | None:
        """Return how many there are for somebody to look into, None for whoever looks into none."""
        self.settle()
        with self.changes.database.reading() as session:
            if not acting(session, who, self.clock, lock=False).may(
                Verb.CHANGE, RecordType.CHALLENGE, "conclusion"
            ):
                return None
            is_over = ChallengeRow.due_at <= self.clock()
            changed = self._recorders(session).of_changed()
            is_other = is_of_others(who.account_id, changed)
            is_theirs = is_to_review(session, self.changes.seals) & is_other
            counted = [
                session.scalar(select(func.count(ChallengeRow.id)).where(*which)) or 0
                for which in ((is_theirs,), (is_theirs, is_over))
            ]
            return Counted(*counted)

    def one(self, who: SignedIn, challenge_id: UUID) -> ShownChallenge:
        """Return a challenge of somebody else's, masked; raises `FormRefused`, `NotThere`."""
        self.settle()
        with self.changes.database.reading() as session:
            row = self._required(session, who, challenge_id)
            shown = self._showing(session, who).whole(row)
        facts = {"challenge": str(challenge_id)}
        self.changes.journal.record(who.actor, "challenge looked at", **facts)
        return shown

    def revealed(self, who: SignedIn, challenge_id: UUID, why: Purpose) -> ShownChallenge:
        """Return it with its selectors, once it is on record who sees them, and why."""
        self.settle()
        with self.changes.database.reading() as session:
            row = self._required(session, who, challenge_id)
            privileges = acting(session, who, self.clock, lock=False)
            privileges.require(Verb.REVEAL, RecordType.CHALLENGE, {"canonical"})
            shown = self._as_seen(session, who, privileges, revealed).whole(row)
        facts = {"challenge": str(challenge_id), "selectors": len(shown.selectors), **why.facts}
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

        What is to be retracted goes off the list at once, where one person may do that. Raises
        `FormRefused`, also of whoever has listed it and would keep it so, and `NotThere`.
        """
        reason = finding.reason
        if reason is None:
            raise FormRefused(
                "the reason is missing: say what you found, for who looks at it later"
            )
        refuse_contact("reason", reason)
        changes = self.changes
        with changes.database.reading() as session:
            acting(session, who, self.clock, lock=False).require(*_CONCLUDE)
        by = changes.signing(who, password)
        with changes.database.writing() as session:
            changes.database.take_turns(session)
            acting(session, who, self.clock).require(*_CONCLUDE)
            self._concluding(session).settle()
            challenge = require_row(session, challenge_id)
            self._require_other(session, challenge, who)
            one = _required_selector(session, challenge, finding.selector)
            require_whole(changes.seals, changes.journal, challenge)
            self._require_possible(session, who, one, finding.conclusion)
            self._write_down(one, finding.conclusion, reason, who)
            if finding.conclusion is Conclusion.RETRACT:
                change = retraction(changes.seals.selector(one), reason)
                made = changes.retract_within(session, who, change, by)
                changes.seals.alter(one, change_set_id=made)
                self._concluding(session).settle()
            facts = {"challenge": str(challenge.id)}
            changes.journal.record(who.actor, "challenge concluded", **facts)
        changes.nudge()

    def close(self, who: SignedIn, challenge_id: UUID, reason: str | None, password: str) -> None:
        """Close what was changed outside of the console, once what it names is recorded anew.

        Raises `FormRefused`, also of its recorder, whom the record knows, and `NotThere`.
        """
        said = reason_typed(reason, to_say=_WHERE)
        changes, now = self.changes, int(self.clock())
        with changes.database.reading() as session:
            acting(session, who, self.clock, lock=False).require(*_CLOSE)
        changes.signing(who, password)
        with changes.database.writing() as session:
            acting(session, who, self.clock).require(*_CLOSE)
            row = require_row(session, challenge_id)
            self._require_other(session, row, who)
            recorded = changes.journal.on_record.of(row.id)
            if recorded.are(who.account_id) or not recorded.is_all:
                raise FormRefused(_OWN if recorded.are(who.account_id) else _UNREAD)
            close(session, changes.seals, row, by=who.account_id, at=now, reason=said)
            tell_changed(changes.journal, row)
            changes.journal.record(who.actor, "challenge closed", challenge=str(row.id))

    def settle(self) -> None:
        """Have concluded what was signed since, and looked into again what came back."""
        database = self.changes.database
        with database.reading() as session:
            if not self._concluding(session).is_unsettled():
                return
        with database.writing() as session:
            self._concluding(session).settle()

    def _require_possible(
        self, session: Session, who: SignedIn, row: ChallengedRow, conclusion: Conclusion
    ) -> None:
        if row.conclusion is not None:
            raise FormRefused("this was concluded already; look at what was found")
        concluding = self._concluding(session)
        waits = concluding.find_waiting(row, self.clock())
        if waits is not None and waits.state == ChangeState.SCHEDULED:
            raise FormRefused("that this goes off the list is signed, and leaves later; see when")
        if waits is not None:
            raise FormRefused("that this goes off the list waits to be signed; see its change")
        selector = self.changes.seals.selector(row)
        why_not = concluding.kept_from(who.account_id, selector).get(conclusion)
        if why_not is not None:
            raise FormRefused(why_not)

    def _write_down(
        self, row: ChallengedRow, conclusion: Conclusion, reason: str, who: SignedIn
    ) -> None:
        """Write it down; a retraction is concluded once it is signed (`settle`)."""
        seals = self.changes.seals
        seals.alter(
            row,
            conclusion=None if conclusion is Conclusion.RETRACT else conclusion.value,
            concluded_by=who.account_id,
            concluded_at=int(self.clock()),
            reason=seals.seal(row, "reason", reason.encode()),
            change_set_id=None,
        )

    def _showing(self, session: Session, who: SignedIn) -> ShowingChallenges:
        privileges = acting(session, who, self.clock, lock=False)
        privileges.require(*_READ)
        return self._as_seen(session, who, privileges, Canonical.masked)

    def _as_seen(
        self,
        session: Session,
        who: SignedIn,
        privileges: Privileges,
        spell: Callable[[Canonical], str],
    ) -> ShowingChallenges:
        changes = self.changes
        parts = (session, changes.seals, privileges, changes.journal.on_record)
        return ShowingChallenges(Showing(*parts, spell), who, self.clock())

    def _recorders(self, session: Session) -> Recorders:
        return Recorders(session, self.changes.seals, self.changes.journal.on_record)

    def _concluding(self, session: Session) -> Concluding:
        return Concluding(session, self.changes.seals, self.changes.journal.on_record)

    def _required(self, session: Session, who: SignedIn, challenge_id: UUID) -> ChallengeRow:
        privileges: Privileges = acting(session, who, self.clock, lock=False)
        privileges.require(*_REVIEW)
        row = session.get(ChallengeRow, challenge_id)
        if row is None:
            raise NotThere
        self._require_other(session, row, who)
        return row

    def _require_other(self, session: Session, row: ChallengeRow, who: SignedIn) -> None:
        if who.account_id in (row.recorded_by, self._recorders(session).of(row)):
            raise FormRefused(_OWN)


def _required_selector(session: Session, row: ChallengeRow, selector: UUID) -> ChallengedRow:
    one = session.get(ChallengedRow, selector, with_for_update=True, populate_existing=True)
    if one is None or one.challenge_id != row.id:
        raise NotThere
    return one
