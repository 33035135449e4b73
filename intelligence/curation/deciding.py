"""What people decide of a change set, whatever it is of: two of them, and each on record."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Session

from intelligence.curation.change_sets import NOT_WAITING, ChangeSets
from intelligence.curation.purposes import reason_typed
from intelligence.curation.signers import has_signed
from intelligence.curation.tables import NOT_LEFT, ChangeSet, ChangeState, Concern
from intelligence.errors import FormRefused
from intelligence.journal import Journal
from intelligence.spool_keys import SpoolKeys
from intelligence.staff.accounts import acting
from intelligence.staff.roles import RecordType, Verb
from intelligence.staff.sessions import SignedIn
from intelligence.staff.signing_keys import SigningKeys
from intelligence.store.database import Database
from intelligence.store.sealing import Seals
from screening.vocabulary.unix_time import DAY_S

REVIEW_S: Final = DAY_S
Needed = tuple[Verb, RecordType, set[str]]
Signing = tuple[str, Ed25519PrivateKey]
"""The deployment that something is for, and the key of whoever signs it."""
NOT_AS_SIGNED: Final = (
    "what is shown of this is not what was signed, or cannot be read; have whoever runs the "
    "service find out who has changed the database"
)
_NOT_YET: Final = (
    "this console does not know its indexer yet; have whoever runs it see: intelligence spool init"
)
_OWN: Final = "nobody approves what they have written themselves; ask a colleague"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding(ABC):
    """Decides of change sets of one concern; `nudge` says that one may leave."""

    database: Database
    seals: Seals
    signing_keys: SigningKeys
    spool_keys: SpoolKeys
    journal: Journal
    clock: Callable[[], float]
    nudge: Callable[[], None]

    concern: ClassVar[Concern]
    record_type: ClassVar[RecordType]
    noun_alone: ClassVar[str]
    """What one person does alone, and another looks at after."""
    noted: ClassVar[str]
    """How what is on record begins where somebody has noted what became of one."""

    @property
    def sets(self) -> ChangeSets:
        """The rows."""
        return ChangeSets(self.seals, self.clock, self.concern)

    def refuse(self, who: SignedIn, change_id: UUID, reason: str | None) -> None:
        """Refuse what a colleague has submitted, with a reason, as long as it has not left."""
        with self.database.writing() as session:
            self.database.take_turns(session)
            acting(session, who, self.clock).require(*self._changing("approval"))
            row = self.sets.required(session, change_id, *NOT_LEFT)
            self._require_other(session, row, who)
            self._turn_down(session, who, row, reason)
            self._record_decision(session, who, f"{self.concern.noun} refused", row)

    def withdraw(self, who: SignedIn, change_id: UUID, reason: str | None) -> None:
        """Take back what one has written, as long as it has not left."""
        with self.database.writing() as session:
            self.database.take_turns(session)
            acting(session, who, self.clock).require(*self._changing("submission"))
            row = self.sets.required(session, change_id, ChangeState.DRAFT, *NOT_LEFT)
            if row.author_id != who.account_id:
                raise FormRefused(f"only whoever has written a {self.concern.noun} takes it back")
            self._turn_down(session, who, row, reason)
            self._record_decision(session, who, f"{self.concern.noun} taken back", row)

    def review(self, who: SignedIn, change_id: UUID) -> None:
        """Note that another person has looked at what one has done alone.

        Raises `FormRefused`, also where what there is to look at is not what was signed.
        """
        with self.database.writing() as session:
            self.database.take_turns(session)
            acting(session, who, self.clock).require(*self._changing("review"))
            row = self.sets.locked(session, change_id)
            if row.review_due_at is None or row.reviewed_at is not None:
                raise FormRefused(NOT_WAITING)
            if row.author_id == who.account_id:
                raise FormRefused("another person than the one who did it has to look at it")
            if not self.is_as_signed(session, row):
                raise FormRefused(NOT_AS_SIGNED)
            row.reviewed_by, row.reviewed_at = who.account_id, int(self.clock())
            self._record_decision(session, who, f"{self.noun_alone} reviewed", row)

    def note(self, who: SignedIn, change_id: UUID) -> None:
        """Note that one has seen what came back, or was refused of one's own."""
        with self.database.writing() as session:
            self.database.take_turns(session)
            privileges = acting(session, who, self.clock)
            privileges.require(*self._changing("note"))
            row = self.sets.locked(session, change_id)
            if row.noted_at is not None or not (row.came_back_at or row.was_refused):
                raise FormRefused(NOT_WAITING)
            if row.author_id != who.account_id:
                if row.was_refused:
                    raise FormRefused("whoever has written it has to note that it was refused")
                if not privileges.may(Verb.CHANGE, self.record_type, "approval"):
                    raise FormRefused("whoever has written it, or an approver, has to note it")
            row.noted_by, row.noted_at = who.account_id, int(self.clock())
            became = "was refused" if row.was_refused else "came back"
            self._record_decision(session, who, f"{self.noted} {became}", row)

    def signing(self, who: SignedIn, password: str) -> Signing:
        """Return what somebody signs by here; raises `FormRefused`."""
        return self._deployment(), self.signing_keys.unlocked(who, password)

    @abstractmethod
    def is_as_signed(self, session: Session, row: ChangeSet) -> bool:
        """Tell whether all that pages show of a change set is what people sign."""

    @abstractmethod
    def _record_decision(self, session: Session, who: SignedIn, event: str, row: ChangeSet) -> None:
        """Have it on record that somebody has decided of a change set, and what that is of."""

    def _changing(self, field: str) -> Needed:
        return (Verb.CHANGE, self.record_type, {field})

    def _require_other(self, session: Session, row: ChangeSet, who: SignedIn) -> None:
        """Raise `FormRefused` for whoever has written or signed what waits for another."""
        waits = row.state == ChangeState.SUBMITTED
        has_signed_first = waits and has_signed(session, row, who.account_id)
        if has_signed_first or row.author_id == who.account_id:
            self.journal.record(who.actor, "own approval refused", change=str(row.id))
            raise FormRefused(_OWN)

    def _permit(self, who: SignedIn, needed: Needed) -> None:
        """Raise `NotPermitted` before anybody types a password for what they may not do."""
        with self.database.reading() as session:
            acting(session, who, self.clock, lock=False).require(*needed)

    def _turn_down(
        self, session: Session, who: SignedIn, row: ChangeSet, reason: str | None
    ) -> None:
        self.sets.turn_down(session, row, reason_typed(reason))
        row.decided_by, row.decided_at = who.account_id, int(self.clock())

    def _deployment(self) -> str:
        peers = self.spool_keys.find_peers()
        if peers is None:
            raise FormRefused(_NOT_YET)
        return peers.deployment
