"""Changes to the list: written by one, signed, approved by another, each on record.

Nobody approves what they have written. Whoever takes somebody off the list does so alone, and
another person looks at it after; unless they take off more than one person may.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Session

from intelligence.curation.change_sets import NOT_WAITING, ChangeSets
from intelligence.curation.entries import canonical_of
from intelligence.curation.guard import Excess, Limits, find_excess
from intelligence.curation.sealing import Seals
from intelligence.curation.spool_keys import SpoolKeys
from intelligence.curation.standing import require_possible
from intelligence.curation.tables import ChangeSet, ChangeState
from intelligence.errors import FormRefused
from intelligence.journal import Journal
from intelligence.staff.accounts import acting, require_account
from intelligence.staff.roles import RecordType, Verb
from intelligence.staff.sessions import SignedIn
from intelligence.staff.signing_keys import SigningKeys
from intelligence.store.database import Database
from screening.spools.changes import Add, Change, Retract

REVIEW_S: Final = 24 * 3600
LAST_DAY_S: Final = 24 * 3600
"""Left for a change to be applied in: one that expires on its way keeps all others back."""
_MOST_NAMED: Final = 20_000
"""Of one change in one line of the ledger, which holds 2 MiB."""
Needed = tuple[Verb, RecordType, set[str]]
_NOT_YET: Final = (
    "this console does not know its indexer yet; have whoever runs it see: intelligence spool init"
)
_OWN: Final = "nobody approves what they have written themselves; ask a colleague"
_SUBMISSION: Final[Needed] = (Verb.CHANGE, RecordType.CHANGE, {"submission"})
_APPROVAL: Final[Needed] = (Verb.CHANGE, RecordType.CHANGE, {"approval"})
_APPROVING: Final = (Verb.CHANGE, RecordType.CHANGE, "approval")
_HERE: Final = (ChangeState.SUBMITTED, ChangeState.SCHEDULED, ChangeState.APPROVED)
"""Signed, and not left yet."""
_NO_REASON: Final = "the reason is missing: say why, for those who look at it later"
_EARLIER: Final = "the moment to leave is over already; leave it empty to have it leave now"
_TOO_LATE: Final = "it would leave too late for what was signed; choose a moment before that"


@dataclass(frozen=True, slots=True)
class Changes:
    """Takes changes on their way; `nudge` says that one may leave."""

    database: Database
    seals: Seals
    signing_keys: SigningKeys
    spool_keys: SpoolKeys
    journal: Journal
    clock: Callable[[], float]
    nudge: Callable[[], None]
    limits: Limits

    @property
    def sets(self) -> ChangeSets:
        """The rows."""
        return ChangeSets(self.seals, self.clock)

    def draft(self, who: SignedIn, *changes: Change) -> UUID:
        """Keep changes as a draft; return its id. Raises `FormRefused`."""
        with self.database.writing() as session:
            return self.draft_within(session, who, changes)

    def draft_within(self, session: Session, who: SignedIn, changes: Sequence[Change]) -> UUID:
        """Keep changes as a draft, in a transaction of the caller's."""
        privileges = acting(session, who, self.clock)
        for change in changes:
            privileges.require(*_adding(change))
        require_possible(session, self.seals, changes)
        row = self.sets.new(session, who, changes)
        self._record(who, "change drafted", row, changes)
        return row.id

    def submit(self, who: SignedIn, change_id: UUID, password: str) -> None:
        """Sign a draft of one's own: it waits for another person, or leaves where one is enough."""
        self._permit(who, _SUBMISSION)
        deployment, private = self._deployment(), self.signing_keys.unlocked(who, password)
        with self.database.writing() as session:
            self.database.take_turns(session)
            acting(session, who, self.clock).require(*_SUBMISSION)
            row = self.sets.required(session, change_id, ChangeState.DRAFT)
            if row.author_id != who.account_id:
                raise FormRefused("only whoever has written a draft submits it")
            self._submit(session, who, row, (deployment, private))
        self.nudge()

    def retract(self, who: SignedIn, change: Retract, password: str) -> UUID:
        """Take a selector off the list at once, alone; return the id of the change."""
        needed = _adding(change)
        self._permit(who, needed)
        deployment, private = self._deployment(), self.signing_keys.unlocked(who, password)
        with self.database.writing() as session:
            self.database.take_turns(session)
            acting(session, who, self.clock).require(*needed)
            row = self.sets.new(session, who, [change])
            self._submit(session, who, row, (deployment, private))
        self.nudge()
        return row.id

    def approve(
        self,
        who: SignedIn,
        change_id: UUID,
        password: str,
        *,
        named: int | None = None,
        leaves_at: int | None = None,
    ) -> None:
        """Sign what a colleague has submitted: it leaves for the indexer, now or at that time.

        Where it is more than usual, the approver has `named` how much it is.
        """
        self._permit(who, _APPROVAL)
        private = self.signing_keys.unlocked(who, password)
        with self.database.writing() as session:
            self.database.take_turns(session)
            acting(session, who, self.clock).require(*_APPROVAL)
            row = self.sets.required(session, change_id, ChangeState.SUBMITTED)
            self._require_other(row, who)
            if not require_account(session, row.author_id, lock=False).is_usable(self.clock()):
                raise FormRefused("whoever has written this may sign no more; write it anew")
            self._require_time(row, leaves_at)
            changes = self.sets.operations(session, row)
            require_possible(session, self.seals, changes)
            excess = self.excess(session, row)
            if excess is not None and named != excess.count:
                raise FormRefused(f"this is more than usual: {excess.sentence}; type the number")
            self.sets.sign(session, row, who, private)
            self.sets.decide(session, row, who)
            if leaves_at is None:
                self.sets.give_turn(session, row)
            else:
                row.state, row.leaves_at = ChangeState.SCHEDULED, leaves_at
            facts = {"named": named if excess else None, "leaves_at": leaves_at}
            self._record(who, "change approved", row, changes, **facts)
        self.nudge()

    def refuse(self, who: SignedIn, change_id: UUID, reason: str | None) -> None:
        """Refuse what a colleague has submitted, with a reason, as long as it has not left."""
        with self.database.writing() as session:
            acting(session, who, self.clock).require(*_APPROVAL)
            row = self.sets.required(session, change_id, *_HERE)
            self._require_other(row, who)
            self._turn_down(session, who, row, reason)
            self._record(who, "change refused", row, self.sets.operations(session, row))

    def withdraw(self, who: SignedIn, change_id: UUID, reason: str | None) -> None:
        """Take back what one has written, as long as it has not left."""
        with self.database.writing() as session:
            acting(session, who, self.clock).require(*_SUBMISSION)
            row = self.sets.required(session, change_id, ChangeState.DRAFT, *_HERE)
            if row.author_id != who.account_id:
                raise FormRefused("only whoever has written a change takes it back")
            self._turn_down(session, who, row, reason)
            self._record(who, "change taken back", row, self.sets.operations(session, row))

    def review(self, who: SignedIn, change_id: UUID) -> None:
        """Note that another person has looked at what one has taken off alone."""
        with self.database.writing() as session:
            privileges = acting(session, who, self.clock)
            privileges.require(Verb.CHANGE, RecordType.CHANGE, {"review"})
            row = self.sets.locked(session, change_id)
            if row.review_due_at is None or row.reviewed_at is not None:
                raise FormRefused(NOT_WAITING)
            if row.author_id == who.account_id:
                raise FormRefused("another person than the one who did it has to look at it")
            row.reviewed_by, row.reviewed_at = who.account_id, int(self.clock())
            self._record(who, "retraction reviewed", row, self.sets.operations(session, row))

    def note(self, who: SignedIn, change_id: UUID) -> None:
        """Note that one has seen what came back of what was decided."""
        with self.database.writing() as session:
            privileges = acting(session, who, self.clock)
            privileges.require(Verb.CHANGE, RecordType.CHANGE, {"note"})
            row = self.sets.locked(session, change_id)
            if row.came_back_at is None or row.noted_at is not None:
                raise FormRefused(NOT_WAITING)
            if row.author_id != who.account_id and not privileges.may(*_APPROVING):
                raise FormRefused("whoever has written it, or an approver, has to note it")
            row.noted_by, row.noted_at = who.account_id, int(self.clock())
            operations = self.sets.operations(session, row)
            self._record(who, "noted that a change came back", row, operations)

    def excess(self, session: Session, row: ChangeSet) -> Excess | None:
        """Return by how much a change set is more than usual, as the list stands now."""
        return find_excess(session, self.limits, row, self.clock())

    def _submit(
        self,
        session: Session,
        who: SignedIn,
        row: ChangeSet,
        of: tuple[str, Ed25519PrivateKey],
    ) -> None:
        deployment, private = of
        changes = self.sets.operations(session, row)
        require_possible(session, self.seals, changes)
        self.sets.fix(row, changes, deployment)
        self.sets.sign(session, row, who, private)
        row.submitted_at = int(self.clock())
        is_less = all(isinstance(one, Retract) for one in changes)
        if is_less and self.excess(session, row) is None:
            row.review_due_at = row.submitted_at + REVIEW_S
            self.sets.decide(session, row, who)
            self.sets.give_turn(session, row)
            self._record(who, "selector retracted", row, changes)
        else:
            row.state = ChangeState.SUBMITTED
            self._record(who, "change submitted", row, changes)

    def _require_other(self, row: ChangeSet, who: SignedIn) -> None:
        if row.author_id == who.account_id:
            self.journal.record(who.actor, "own approval refused", change=str(row.id))
            raise FormRefused(_OWN)

    def _require_time(self, row: ChangeSet, leaves_at: int | None) -> None:
        now = self.clock()
        if row.expires_at is None or now >= row.expires_at:
            raise FormRefused("this was submitted too long ago; have it written anew")
        if leaves_at is not None and leaves_at <= now:
            raise FormRefused(_EARLIER)
        if leaves_at is not None and leaves_at > row.expires_at - LAST_DAY_S:
            raise FormRefused(_TOO_LATE)

    def _permit(self, who: SignedIn, needed: Needed) -> None:
        """Raise `NotPermitted` before anybody types a password for what they may not do."""
        with self.database.reading() as session:
            acting(session, who, self.clock, lock=False).require(*needed)

    def _turn_down(
        self, session: Session, who: SignedIn, row: ChangeSet, reason: str | None
    ) -> None:
        if reason is None:
            raise FormRefused(_NO_REASON)
        self.sets.turn_down(session, row, reason)
        row.decided_by, row.decided_at = who.account_id, int(self.clock())

    def _deployment(self) -> str:
        peers = self.spool_keys.find_peers()
        if peers is None:
            raise FormRefused(_NOT_YET)
        return peers.deployment

    def _record(
        self,
        who: SignedIn,
        event: str,
        row: ChangeSet,
        changes: Sequence[Change],
        **facts: object,
    ) -> None:
        named = [canonical_of(one) for one in changes[:_MOST_NAMED]]
        selectors = [self.seals.blind_id(one) for one in named]
        said = {name: value for name, value in facts.items() if value is not None}
        self.journal.record(
            who.actor,
            event,
            change=str(row.id),
            selectors=selectors,
            operations=len(changes),
            **said,
        )


def _adding(change: Change) -> Needed:
    """Return what the author of an operation has to be granted."""
    if isinstance(change, Retract):
        return (Verb.ADD, RecordType.RETRACTION, set(change.__struct_fields__))
    given = set(change.__struct_fields__) if isinstance(change, Add) else {"canonical"}
    return (Verb.ADD, RecordType.CHANGE, given)
