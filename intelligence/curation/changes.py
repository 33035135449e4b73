"""Changes to the list: written by one, signed, approved by another, each on record.

Nobody approves what they have written. Whoever takes somebody off the list does so alone, and
another person looks at it after.
"""

import base64
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intelligence.curation.entries import canonical_of
from intelligence.curation.sealing import Seals
from intelligence.curation.spool_keys import SpoolKeys
from intelligence.curation.standing import require_possible
from intelligence.curation.tables import ChangeRow, ChangeSet, ChangeState, SignatureRow
from intelligence.errors import FormRefused, NotThere
from intelligence.journal import Journal
from intelligence.staff.accounts import acting
from intelligence.staff.roles import RecordType, Verb
from intelligence.staff.sessions import SignedIn
from intelligence.staff.signing_keys import SigningKeys
from intelligence.store.database import Database
from screening.spools.batch import Batch, Signature, parse_batch, refuse_half_signed, sign_batch
from screening.spools.changes import Add, Change, Lift, Retract
from screening.spools.spelling import spell
from screening.vocabulary.errors import SpoolRefused

BATCH_LIFE: Final = timedelta(days=14)
"""Whoever approves later than this approves what nobody may mean any more."""
REVIEW_S: Final = 24 * 3600
_NAME_BYTES: Final = 16
Needed = tuple[Verb, RecordType, set[str]]
_NOT_YET: Final = (
    "this console does not know its indexer yet; have whoever runs it see: intelligence spool init"
)
_NOT_WAITING: Final = "this change does not wait for that any more; look at what became of it"
_OWN: Final = "nobody approves what they have written themselves; ask a colleague"


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

    def draft(self, who: SignedIn, change: Add | Lift) -> UUID:
        """Keep a change as a draft; return its id. Raises `FormRefused`."""
        given = set(change.__struct_fields__) if isinstance(change, Add) else {"canonical"}
        with self.database.writing() as session:
            acting(session, who, self.clock).require(Verb.ADD, RecordType.CHANGE, given)
            require_possible(session, self.seals, [change])
            row = self._new(session, who, [change])
            self._record(who, "change drafted", row, [change])
            return row.id

    def submit(self, who: SignedIn, change_id: UUID, password: str) -> None:
        """Sign a draft of one's own, and have it wait for another person."""
        needed: Needed = (Verb.CHANGE, RecordType.CHANGE, {"submission"})
        self._permit(who, needed)
        deployment, private = self._deployment(), self.signing_keys.unlocked(who, password)
        with self.database.writing() as session:
            acting(session, who, self.clock).require(*needed)
            row = self._require(session, change_id, ChangeState.DRAFT)
            if row.author_id != who.account_id:
                raise FormRefused("only whoever has written a draft submits it")
            changes = self.operations(session, row)
            require_possible(session, self.seals, changes)
            self._fix(row, changes, deployment)
            self._sign(session, row, who, private)
            row.state, row.submitted_at = ChangeState.SUBMITTED, int(self.clock())
            self._record(who, "change submitted", row, changes)

    def approve(self, who: SignedIn, change_id: UUID, password: str) -> None:
        """Sign what a colleague has submitted: it leaves for the indexer."""
        needed: Needed = (Verb.CHANGE, RecordType.CHANGE, {"approval"})
        self._permit(who, needed)
        private = self.signing_keys.unlocked(who, password)
        with self.database.writing() as session:
            self.database.take_turns(session)
            acting(session, who, self.clock).require(*needed)
            row = self._require(session, change_id, ChangeState.SUBMITTED)
            self._require_other(row, who)
            if row.expires_at is None or self.clock() >= row.expires_at:
                raise FormRefused("this was submitted too long ago; have it written anew")
            changes = self.operations(session, row)
            require_possible(session, self.seals, changes)
            self._sign(session, row, who, private)
            self._decide(session, row, who)
            self._record(who, "change approved", row, changes)
        self.nudge()

    def refuse(self, who: SignedIn, change_id: UUID, reason: str | None) -> None:
        """Refuse what a colleague has submitted, with a reason."""
        needed: Needed = (Verb.CHANGE, RecordType.CHANGE, {"approval"})
        with self.database.writing() as session:
            acting(session, who, self.clock).require(*needed)
            row = self._require(session, change_id, ChangeState.SUBMITTED)
            self._require_other(row, who)
            self._turn_down(row, who, reason)
            self._record(who, "change refused", row, self.operations(session, row))

    def withdraw(self, who: SignedIn, change_id: UUID, reason: str | None) -> None:
        """Take back what one has written, before another has approved it."""
        needed: Needed = (Verb.CHANGE, RecordType.CHANGE, {"submission"})
        with self.database.writing() as session:
            acting(session, who, self.clock).require(*needed)
            row = self._require(session, change_id, ChangeState.DRAFT, ChangeState.SUBMITTED)
            if row.author_id != who.account_id:
                raise FormRefused("only whoever has written a change takes it back")
            self._turn_down(row, who, reason)
            self._record(who, "change taken back", row, self.operations(session, row))

    def retract(self, who: SignedIn, change: Retract, password: str) -> UUID:
        """Take a selector off the list at once, alone; return the id of the change."""
        needed: Needed = (Verb.ADD, RecordType.RETRACTION, set(change.__struct_fields__))
        self._permit(who, needed)
        deployment, private = self._deployment(), self.signing_keys.unlocked(who, password)
        with self.database.writing() as session:
            self.database.take_turns(session)
            acting(session, who, self.clock).require(*needed)
            require_possible(session, self.seals, [change])
            row = self._new(session, who, [change])
            row.submitted_at = int(self.clock())
            row.review_due_at = row.submitted_at + REVIEW_S
            self._fix(row, [change], deployment)
            self._sign(session, row, who, private)
            self._decide(session, row, who)
            self._record(who, "selector retracted", row, [change])
        self.nudge()
        return row.id

    def review(self, who: SignedIn, change_id: UUID) -> None:
        """Note that another person has looked at what one has taken off alone."""
        with self.database.writing() as session:
            privileges = acting(session, who, self.clock)
            privileges.require(Verb.CHANGE, RecordType.CHANGE, {"review"})
            row = session.get(ChangeSet, change_id, with_for_update=True)
            if row is None:
                raise NotThere
            if row.review_due_at is None or row.reviewed_at is not None:
                raise FormRefused(_NOT_WAITING)
            if row.author_id == who.account_id:
                raise FormRefused("another person than the one who did it has to look at it")
            row.reviewed_by, row.reviewed_at = who.account_id, int(self.clock())
            self._record(who, "retraction reviewed", row, self.operations(session, row))

    def operations(self, session: Session, row: ChangeSet) -> list[Change]:
        """Return the operations of a change set, in the order of a batch."""
        chosen = select(ChangeRow).where(ChangeRow.change_set_id == row.id)
        made = [
            msgspec.json.decode(self.seals.open(one, "said"), type=Change)
            for one in session.scalars(chosen)
        ]
        return sorted(made, key=lambda one: (Lift, Retract, Add).index(type(one)))

    def _new(self, session: Session, who: SignedIn, changes: Sequence[Change]) -> ChangeSet:
        row = ChangeSet(
            id=uuid4(),
            state=ChangeState.DRAFT,
            author_id=who.account_id,
            created_at=int(self.clock()),
        )
        session.add(row)
        session.flush()
        for change in changes:
            selector = canonical_of(change)
            one = ChangeRow(
                id=uuid4(),
                change_set_id=row.id,
                operation=type(change).__name__,
                kind=change.kind,
                canonical_term=self.seals.term(ChangeRow, selector),
            )
            one.canonical = self.seals.seal(one, "canonical", change.canonical.encode())
            one.said = self.seals.seal(one, "said", spell(change))
            session.add(one)
        return row

    def _fix(self, row: ChangeSet, changes: list[Change], deployment: str) -> None:
        """Write down the exact bytes that people sign, for now and no other deployment."""
        now = datetime.fromtimestamp(int(self.clock()), UTC)
        name = base64.b32encode(secrets.token_bytes(_NAME_BYTES)).decode().rstrip("=").lower()
        batch = Batch(
            format="screening-batch/1",
            deployment=deployment,
            batch=name,
            written_at=now,
            not_before=now,
            expires_at=now + BATCH_LIFE,
            changes=changes,
        )
        row.content = self.seals.seal(row, "content", spell(batch))
        row.expires_at = int(batch.expires_at.timestamp())

    def _sign(
        self, session: Session, row: ChangeSet, who: SignedIn, private: Ed25519PrivateKey
    ) -> None:
        signature = sign_batch(self.seals.open(row, "content"), private)
        session.add(
            SignatureRow(
                change_set_id=row.id,
                account_id=who.account_id,
                key_id=signature.by,
                signature=signature.signature,
                signed_at=int(self.clock()),
            )
        )
        session.flush()

    def _decide(self, session: Session, row: ChangeSet, who: SignedIn) -> None:
        """Have a change set leave in its turn; raises `FormRefused` where too few have signed."""
        try:
            batch = parse_batch(self.seals.open(row, "content"))
            refuse_half_signed(batch, signatures_of(session, row))
        except SpoolRefused as error:
            raise FormRefused(str(error)) from None
        last = session.scalar(select(func.max(ChangeSet.turn)))
        row.turn = 1 if last is None else last + 1
        row.state = ChangeState.APPROVED
        row.decided_by, row.decided_at = who.account_id, int(self.clock())

    def _require_other(self, row: ChangeSet, who: SignedIn) -> None:
        if row.author_id == who.account_id:
            self.journal.record(who.actor, "own approval refused", change=str(row.id))
            raise FormRefused(_OWN)

    def _require(self, session: Session, change_id: UUID, *states: ChangeState) -> ChangeSet:
        row = session.get(ChangeSet, change_id, with_for_update=True)
        if row is None:
            raise NotThere
        if row.state not in states:
            raise FormRefused(_NOT_WAITING)
        return row

    def _permit(self, who: SignedIn, needed: Needed) -> None:
        """Raise `NotPermitted` before anybody types a password for what they may not do."""
        with self.database.reading() as session:
            acting(session, who, self.clock, lock=False).require(*needed)

    def _turn_down(self, row: ChangeSet, who: SignedIn, reason: str | None) -> None:
        if reason is None:
            raise FormRefused("the reason is missing: say why, for those who look at it later")
        row.state = ChangeState.REFUSED
        row.decided_by, row.decided_at = who.account_id, int(self.clock())
        row.outcome = self.seals.seal(row, "outcome", reason.encode())

    def _deployment(self) -> str:
        peers = self.spool_keys.find_peers()
        if peers is None:
            raise FormRefused(_NOT_YET)
        return peers.deployment

    def _record(self, who: SignedIn, event: str, row: ChangeSet, changes: Sequence[Change]) -> None:
        selectors = [self.seals.blind_id(canonical_of(one)) for one in changes]
        self.journal.record(who.actor, event, change=str(row.id), selectors=selectors)


def signatures_of(session: Session, row: ChangeSet) -> list[Signature]:
    """Return who has signed a change set, in the order in which they did."""
    chosen = select(SignatureRow).where(SignatureRow.change_set_id == row.id)
    rows = session.scalars(chosen.order_by(SignatureRow.signed_at, SignatureRow.key_id))
    return [Signature(one.key_id, one.signature) for one in rows]
