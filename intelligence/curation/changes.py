"""Changes to the list: written by one, signed, approved by another, each on record.

Nobody approves what they have written. Whoever takes somebody off the list does so alone, and
another person looks at it after; unless they take off more than one person may.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from intelligence.curation.as_approved import keep_shown
from intelligence.curation.deciding import NOT_AS_SIGNED, REVIEW_S, Deciding, Needed, Signing
from intelligence.curation.entries import blind_id, canonical_of
from intelligence.curation.guard import (
    LESSENED,
    NAMED,
    Excess,
    Limits,
    count_off_by_hand,
    find_excess,
    find_hidden,
)
from intelligence.curation.in_a_day import OFF_BY_HAND, RETRACTED, SUBMITTED, InADay, Submission
from intelligence.curation.lessening import Lessening, lessening
from intelligence.curation.signers import is_by_author
from intelligence.curation.standing import require_one_way, require_possible
from intelligence.curation.tables import ChangeSet, ChangeState, Concern
from intelligence.curation.undone_since import require_not_outdone
from intelligence.errors import FormRefused
from intelligence.staff.accounts import acting
from intelligence.staff.roles import RecordType, Verb
from intelligence.staff.sessions import SignedIn
from screening.spools.changes import Add, Change, Retract
from screening.vocabulary.unix_time import DAY_S

LAST_DAY_S: Final = DAY_S
"""Left for a change to be applied in: one that expires on its way keeps all others back."""
_MOST_NAMED: Final = 20_000
"""Of one change in one line of the ledger, which holds 2 MiB."""
_SUBMISSION: Final[Needed] = (Verb.CHANGE, RecordType.CHANGE, {"submission"})
_APPROVAL: Final[Needed] = (Verb.CHANGE, RecordType.CHANGE, {"approval"})
_EARLIER: Final = "the moment to leave is over already; leave it empty to have it leave now"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes(Deciding):
    """Takes changes on their way."""

    limits: Limits
    submitted: InADay[Submission]

    concern = Concern.LIST
    record_type = RecordType.CHANGE
    noun_alone = "retraction"
    noted = "noted that a change"

    def draft(self, who: SignedIn, *changes: Change) -> UUID:
        """Keep changes as a draft; return its id. Raises `FormRefused`."""
        with self.database.writing() as session:
            return self.draft_within(session, who, changes)

    def draft_within(self, session: Session, who: SignedIn, changes: Sequence[Change]) -> UUID:
        """Keep changes as a draft, in a transaction of the caller's."""
        privileges = acting(session, who, self.clock)
        for change in changes:
            privileges.require(*_adding(change))
        require_one_way(changes)
        require_possible(session, self.seals, changes, is_new=True)
        row = self.sets.new(session, who, changes)
        self._record(who, "change drafted", row, changes)
        return row.id

    def signing(self, who: SignedIn, password: str) -> Signing:
        """Return what somebody signs by here, as of whom it is known what they did before."""
        self.submitted.load()
        self.journal.on_record.load()
        return Deciding.signing(self, who, password)

    def submit(self, who: SignedIn, change_id: UUID, password: str) -> None:
        """Sign a draft of one's own: it waits for another person, or leaves where one is enough."""
        self._permit(who, _SUBMISSION)
        by = self.signing(who, password)
        with self.database.writing() as session:
            self.database.take_turns(session)
            acting(session, who, self.clock).require(*_SUBMISSION)
            row = self.sets.required(session, change_id, ChangeState.DRAFT)
            if row.author_id != who.account_id:
                raise FormRefused("only whoever has written a draft submits it")
            self._submit(session, who, row, by)
        self.nudge()

    def retract(self, who: SignedIn, change: Retract, password: str) -> UUID:
        """Take a selector off the list at once, alone; return the id of the change."""
        self._permit(who, _adding(change))
        by = self.signing(who, password)
        with self.database.writing() as session:
            self.database.take_turns(session)
            change_id = self.retract_within(session, who, change, by)
        self.nudge()
        return change_id

    def retract_within(self, session: Session, who: SignedIn, change: Retract, by: Signing) -> UUID:
        """Do it in a transaction of the caller's, who has taken its turn."""
        acting(session, who, self.clock).require(*_adding(change))
        row = self.sets.new(session, who, [change])
        self._submit(session, who, row, by)
        return row.id

    def approve(
        self,
        who: SignedIn,
        change_id: UUID,
        password: str,
        shown: str | None = None,
        /,
        *,
        named: int | None = None,
        lessened: int | None = None,
        leaves_at: int | None = None,
    ) -> None:
        """Sign what a colleague has submitted: it leaves for the indexer, now or at that time.

        `shown` is what their page has for whom it takes off. Where it is more than usual, they have
        `named` how much it is, and how much of it has `lessened` the list.
        """
        self._permit(who, _APPROVAL)
        self.submitted.load()
        private = self.signing_keys.unlocked(who, password)
        with self.database.writing() as session:
            self.database.take_turns(session)
            acting(session, who, self.clock).require(*_APPROVAL)
            row = self.sets.required(session, change_id, ChangeState.SUBMITTED)
            self._require_other(session, row, who)
            changes = self._as_signed(session, row)
            self._require_time(row, leaves_at)
            require_possible(session, self.seals, changes)
            require_not_outdone(session, self.seals, row, changes, now=self.clock())
            found = self.lessening(session, row, changes)
            typed = {NAMED: named, LESSENED: lessened}
            facts = _named(self.excess(session, row, found), typed) | found.facts
            self.sets.sign(session, row, who, private)
            self.sets.decide(session, row, who)
            row.leaves_at = leaves_at
            keep_shown(self.sets, row, found, shown)
            self._have_leave(session, row)
            self._record(who, "change approved", row, changes, leaves_at=leaves_at, **facts)
        self.nudge()

    def _have_leave(self, session: Session, row: ChangeSet) -> None:
        """Have what two have signed leave in its turn, or wait for its time."""
        if row.leaves_at is None:
            self.sets.give_turn(session, row)
        else:
            row.state = ChangeState.SCHEDULED

    def _as_signed(self, session: Session, row: ChangeSet) -> list[Change]:
        changes = self.sets.find_as_signed(session, row)
        if changes is None:
            raise FormRefused(NOT_AS_SIGNED)
        return changes

    def is_as_signed(self, session: Session, row: ChangeSet) -> bool:
        """Tell whether the rows of its operations are what people sign."""
        return self.sets.find_as_signed(session, row) is not None

    def find_hindrance(
        self, session: Session, row: ChangeSet, whole: Sequence[Change] | None
    ) -> FormRefused | None:
        """Return why nobody can approve what is submitted, as all stands now; None where one can.

        Nor where its operations were not looked through.
        """
        if whole is None:
            return None
        try:
            self._as_signed(session, row)
            self._require_time(row, None)
            self.sets.require_author(session, row)
            require_possible(session, self.seals, whole)
            require_not_outdone(session, self.seals, row, whole, now=self.clock())
        except FormRefused as hindrance:
            return hindrance
        return None

    def is_for_anybody(self, session: Session, row: ChangeSet) -> bool:
        """Tell whether a change only takes off, by rows that its author alone has signed."""
        changes = self.sets.find_as_signed(session, row)
        is_less = changes is not None and all(isinstance(one, Retract) for one in changes)
        return is_less and is_by_author(session, row)

    def excess(
        self, session: Session, row: ChangeSet, found: Lessening | None = None
    ) -> list[Excess]:
        """Return by how much a change set is more than usual, as the list stands now.

        Where its operations were not looked through, by how many there are alone.
        """
        done = {one.what for one in self.submitted.of(str(row.author_id))}
        is_all = self.submitted.is_all()
        by_number = find_excess(
            session, self.limits, row, self.clock(), seals=self.seals, done=done, is_all=is_all
        )
        hidden = None if found is None else find_hidden(found)
        return [one for one in (by_number, hidden) if one is not None]

    def lessening(self, session: Session, row: ChangeSet, changes: Sequence[Change]) -> Lessening:
        """Return operations as they are shown, those first that lessen the list.

        As it stands, and as what is approved before them will have it.
        """
        ahead = self.sets.waiting(session, before=row.turn)
        return lessening(session, self.seals, changes, self.clock(), ahead=ahead)

    def _submit(
        self,
        session: Session,
        who: SignedIn,
        row: ChangeSet,
        by: Signing,
    ) -> None:
        deployment, private = by
        changes = self.sets.operations(session, row)
        require_possible(session, self.seals, changes)
        self.sets.fix(row, changes, deployment)
        self.sets.sign(session, row, who, private)
        row.submitted_at = int(self.clock())
        require_not_outdone(session, self.seals, row, changes, now=self.clock())
        off_by_hand = count_off_by_hand(session, self.seals, row)
        is_less = all(isinstance(one, Retract) for one in changes)
        if is_less and not self.excess(session, row):
            row.review_due_at = row.submitted_at + REVIEW_S
            self.sets.decide(session, row, who)
            self.sets.give_turn(session, row)
            event = RETRACTED
        else:
            row.state, event = ChangeState.SUBMITTED, SUBMITTED
        self._record(who, event, row, changes, **{OFF_BY_HAND: off_by_hand or None})
        self.submitted.add(who.actor, Submission(row.id, off_by_hand))

    def _require_time(self, row: ChangeSet, leaves_at: int | None) -> None:
        now = self.clock()
        if row.expires_at is None or now >= row.expires_at:
            raise FormRefused("this was submitted too long ago; have it written anew")
        if leaves_at is not None and leaves_at <= now:
            raise FormRefused(_EARLIER, "leaves_at")
        latest = row.expires_at - LAST_DAY_S
        if leaves_at is not None and leaves_at > latest:
            # Down to the minute, as it is typed.
            spelled = datetime.fromtimestamp(latest, UTC).strftime("%Y-%m-%d %H:%M")
            raise FormRefused(
                f"what was signed holds for a while; have it leave at {spelled} UTC at the latest",
                "leaves_at",
            )

    def _record_decision(self, session: Session, who: SignedIn, event: str, row: ChangeSet) -> None:
        self._record(who, event, row, self.sets.legible(session, row))

    def _record(
        self,
        who: SignedIn,
        event: str,
        row: ChangeSet,
        changes: Sequence[Change],
        **facts: object,
    ) -> None:
        named = [canonical_of(one) for one in changes[:_MOST_NAMED]]
        selectors = [blind_id(self.seals, one) for one in named]
        said = {name: value for name, value in facts.items() if value is not None}
        self.journal.record(
            who.actor,
            event,
            change=str(row.id),
            selectors=selectors,
            operations=len(changes),
            **said,
        )


def _named(excess: Sequence[Excess], typed: Mapping[str, int | None]) -> dict[str, int]:
    """Return how much it is by the fields that were asked for; raises `FormRefused`."""
    for one in excess:
        if typed[one.field] != one.count:
            sentence = f"this is more than usual: {one.sentence}; type the number"
            raise FormRefused(sentence, one.field)
    return {one.field: one.count for one in excess}


def _adding(change: Change) -> Needed:
    """Return what the author of an operation has to be granted."""
    if isinstance(change, Retract):
        return (Verb.ADD, RecordType.RETRACTION, set(change.__struct_fields__))
    given = set(change.__struct_fields__) if isinstance(change, Add) else {"canonical"}
    return (Verb.ADD, RecordType.CHANGE, given)
