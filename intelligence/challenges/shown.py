"""Challenges as those who look into them may see them, field by field."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from intelligence.challenges.closing import closed
from intelligence.challenges.concluding import Concluding
from intelligence.challenges.recorders import Recorders
from intelligence.challenges.tables import ChallengedRow, ChallengeRow, Conclusion
from intelligence.challenges.whole import is_whole
from intelligence.curation.entries import Entries
from intelligence.curation.showing import Showing, revealed
from intelligence.curation.standing import first_change, stand_of
from intelligence.curation.tables import ChangeState
from intelligence.days import is_past
from intelligence.staff.privileges import Shown
from intelligence.staff.roles import RecordType
from intelligence.staff.sessions import SignedIn
from intelligence.store.sealing import ILLEGIBLE


@dataclass(frozen=True, slots=True)
class Challenged:
    """One selector of a challenge; `known_as` is the id of its page.

    `is_waiting` while another person has to sign that it goes off the list; `leaves_at` is when it
    does where that is signed (Unix seconds). `open_to` is what may be concluded by whoever looks
    at it; `why_not` says why the rest may not.
    """

    id: UUID
    record: Shown
    known_as: UUID | None
    change_id: UUID | None
    concluded_at: int | None
    is_waiting: bool
    leaves_at: int | None
    open_to: Sequence[Conclusion]
    why_not: str | None


@dataclass(frozen=True, slots=True)
class ShownChallenge:
    """A challenge as somebody may see it; one of a list has none of its selectors.

    `closed_at` where it was changed outside of the console, and closed (Unix seconds).
    """

    id: UUID
    record: Shown
    is_own: bool
    is_overdue: bool
    is_revealed: bool = False
    selectors: Sequence[Challenged] = ()
    closed_at: int | None = None


@dataclass(frozen=True, slots=True)
class ShowingChallenges:
    """Makes records of the rows of one transaction, for `who`, at a time in Unix seconds."""

    showing: Showing
    who: SignedIn
    now: float

    def listed(self, row: ChallengeRow) -> ShownChallenge:
        """Return a challenge without its selectors."""
        showing, seals = self.showing, self.showing.seals
        holds = is_whole(seals, row)
        is_open = not holds or any(one.conclusion is None for one in row.selectors)
        done = None if holds else closed(showing.session, seals).get(row.id)
        record = {
            "reference": seals.legible(row, "reference"),
            "ground": seals.legible(row, "ground"),
            "recorded_by": self._recorder(row, holds=holds),
            "recorded_at": row.recorded_at,
            "due_at": row.due_at,
            "state": _state_of(holds=holds, is_open=is_open, is_closed=done is not None),
            "closing": None if done is None else showing.person(done.closed_by),
            "reason": None if done is None else seals.legible(done, "reason"),
        }
        return ShownChallenge(
            id=row.id,
            record=showing.privileges.shown(RecordType.CHALLENGE, record),
            is_own=self._recorders.of(row) == self.who.account_id,
            is_overdue=is_open and done is None and is_past(row.due_at, self.now),
            closed_at=None if done is None else done.closed_at,
        )

    def whole(self, row: ChallengeRow) -> ShownChallenge:
        """Return a challenge with its selectors."""
        holds = is_whole(self.showing.seals, row)
        selectors = [self._challenged(one, is_readable=holds) for one in row.selectors]
        is_revealed = self.showing.spell is revealed
        return replace(self.listed(row), is_revealed=is_revealed, selectors=selectors)

    @property
    def _recorders(self) -> Recorders:
        return Recorders(self.showing.session, self.showing.seals, self.showing.on_record)

    def _recorder(self, row: ChallengeRow, *, holds: bool) -> str:
        """Return who has recorded a letter; of one that was changed, by the record."""
        if holds:
            return self.showing.person(row.recorded_by)
        recorded = self.showing.on_record.of(row.id).author
        return self.showing.named(row.id, row.recorded_by, recorded)

    def _challenged(self, row: ChallengedRow, *, is_readable: bool) -> Challenged:
        showing, session, seals = self.showing, self.showing.session, self.showing.seals
        selector, listing, known = seals.find_selector(row), None, None
        if selector is not None:
            said = Entries(session, seals).said_of(selector)
            listing = stand_of(session, seals, selector, (said, self.now))
            known = first_change(session, seals, selector)
        record = {
            "canonical": ILLEGIBLE if selector is None else showing.spell(selector),
            "listing": listing,
            "conclusion": row.conclusion if is_readable else None,
            "reason": seals.legible(row, "reason"),
        }
        concluding = Concluding(session, seals, showing.on_record)
        open_to, why_not = list[Conclusion](), None
        if is_readable and selector is not None:
            kept_from = concluding.kept_from(self.who.account_id, selector)
            open_to = [one for one in Conclusion if one not in kept_from]
            why_not = next(iter(kept_from.values()), None)
        waits = concluding.find_waiting(row, self.now)
        is_signed = waits is not None and waits.state == ChangeState.SCHEDULED
        return Challenged(
            id=row.id,
            record=showing.privileges.shown(RecordType.CHALLENGE, record),
            known_as=None if known is None else known.id,
            change_id=row.change_set_id,
            concluded_at=row.concluded_at,
            is_waiting=waits is not None and not is_signed,
            leaves_at=None if waits is None else waits.leaves_at,
            open_to=open_to,
            why_not=why_not,
        )


def _state_of(*, holds: bool, is_open: bool, is_closed: bool) -> str:
    if is_closed:
        return "closed"
    if not holds:
        return "changed"
    return "to be reviewed" if is_open else "reviewed"
