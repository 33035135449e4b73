"""The tables of the list, of changes to it, and of the files by which they leave.

Times are Unix seconds. An entry is open from the export that begins it to the one that ends it.
"""

from enum import StrEnum
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from intelligence.days import is_past
from intelligence.store.base import Base, Number, of_few, sealed_column
from intelligence.store.bound import BoundRow

_ACCOUNT: Final = "staff_account.id"
ADOPTED: Final = 0
"""The number of the version that is no file: of a list that was taken over."""


class ChangeState(StrEnum):
    """How far a change set has come."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    SCHEDULED = "scheduled"
    APPROVED = "approved"
    EXPORTED = "exported"
    APPLIED = "applied"
    REFUSED = "refused"


NOT_LEFT: Final = (ChangeState.SUBMITTED, ChangeState.SCHEDULED, ChangeState.APPROVED)
"""Of a change that is signed, and has not left yet."""
OPEN_STATES: Final = (ChangeState.DRAFT, *NOT_LEFT)
"""Of a change that the list in force does not have yet, and that has not left."""


class Concern(StrEnum):
    """What a change set is of."""

    LIST = "list"
    PARTNERS = "partners"
    """One order: what it says is a row of the room of partners."""
    EXCLUSIONS = "exclusions"
    """One order of the safety lists: what it says is a row of their room."""

    @property
    def noun(self) -> str:
        """Return what one is called, on record and to people."""
        return "change" if self is Concern.LIST else "order"


class ExportState(StrEnum):
    """What has become of a file; of those that wait there is one at a time.

    The numbers of those that are withdrawn are the last, and are written anew.
    """

    WAITING = "waiting"
    REFUSED = "refused"
    APPLIED = "applied"
    SKIPPED = "skipped"
    UNHEARD = "unheard"
    """Nobody here knows whether it was done: its answer is lost, and the list is the same."""
    WITHDRAWN = "withdrawn"


UNDER_WAY: Final = (ExportState.WAITING, ExportState.REFUSED)
"""What a file says is not in force yet."""


class ExportRow(Base):
    """A down file: `product` and `statements` name the list as it is to be after it."""

    __tablename__ = "curation_export"

    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    document: Mapped[bytes | None] = mapped_column(LargeBinary)
    statements: Mapped[int]
    product: Mapped[bytes] = mapped_column(LargeBinary(256))
    state: Mapped[str] = mapped_column(String(16))
    written_at: Mapped[int]
    told_at: Mapped[int | None]
    release: Mapped[int | None]
    outcome: Mapped[str | None] = mapped_column(String(2_000))
    refusal: Mapped[str | None] = mapped_column(String(64))
    """As what it was refused last: a code of the indexer's."""


class PassedOverRow(Base):
    """An up file that was passed over, by what it told of, until a later one says all of that."""

    __tablename__ = "curation_passed_over"

    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    """Such as `partners`: its format without name and version."""
    sequence: Mapped[int]
    at: Mapped[int]


class SafetyListsRow(Base):
    """The safety lists, as the indexer has told last; one row at the most."""

    __tablename__ = "curation_safety_lists"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    told: Mapped[bytes | None] = sealed_column()
    told_at: Mapped[int]


class ChangeSet(Base):
    """Changes that are approved together: a batch, once somebody has signed it."""

    __tablename__ = "curation_change_set"
    __table_args__ = (
        Index("ix_curation_change_set_concerns", "concerns", "state"),
        of_few(
            "ix_curation_change_set_due",
            *("concerns", "review_due_at"),
            which="review_due_at IS NOT NULL AND reviewed_at IS NULL",
        ),
        of_few(
            "ix_curation_change_set_back",
            *("concerns", "came_back_at"),
            which="came_back_at IS NOT NULL AND noted_at IS NULL",
        ),
        of_few(
            "ix_curation_change_set_refused",
            *("concerns", "author_id"),
            which="state = 'refused' AND came_back_at IS NULL AND noted_at IS NULL "
            "AND decided_by != author_id",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    concerns: Mapped[str] = mapped_column(String(16), default=Concern.LIST, server_default="list")
    state: Mapped[str] = mapped_column(String(16), index=True)
    author_id: Mapped[UUID] = mapped_column(ForeignKey(_ACCOUNT))
    created_at: Mapped[int]
    content: Mapped[bytes | None] = sealed_column()
    submitted_at: Mapped[int | None]
    expires_at: Mapped[int | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey(_ACCOUNT))
    decided_at: Mapped[int | None]
    leaves_at: Mapped[int | None]
    turn: Mapped[int | None] = mapped_column(Number, unique=True)
    export_sequence: Mapped[int | None] = mapped_column(
        ForeignKey("curation_export.sequence"), index=True
    )
    outcome: Mapped[bytes | None] = sealed_column()
    shown: Mapped[bytes | None] = sealed_column()
    """What its approver was shown, and when they have it leave (`as_approved.py`)."""
    review_due_at: Mapped[int | None]
    reviewed_by: Mapped[UUID | None] = mapped_column(ForeignKey(_ACCOUNT))
    reviewed_at: Mapped[int | None]
    came_back_at: Mapped[int | None]
    noted_by: Mapped[UUID | None] = mapped_column(ForeignKey(_ACCOUNT))
    noted_at: Mapped[int | None]

    @property
    def was_refused(self) -> bool:
        """Tell whether a colleague has refused it: neither taken back by its author, nor sent."""
        is_over = self.state == ChangeState.REFUSED and self.came_back_at is None
        return is_over and self.decided_by != self.author_id

    def is_overdue(self, now: float) -> bool:
        """Tell whether another person had to look at it before `now` (Unix seconds)."""
        is_due = self.review_due_at is not None and self.reviewed_at is None
        return is_due and is_past(self.review_due_at, now)


class KeptOrder:
    """What a change set that is one order says: the columns of a table of each concern's own.

    `operation` is the name of what it does, and `said` all of it.
    """

    __tablename__: str

    id: Mapped[UUID] = mapped_column(ForeignKey("curation_change_set.id"), primary_key=True)
    operation: Mapped[str] = mapped_column(String(16))
    said: Mapped[bytes | None] = sealed_column()


class ChangeRow(Base):
    """One operation of a change set; `said` is all of it."""

    __tablename__ = "curation_change"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    change_set_id: Mapped[UUID] = mapped_column(ForeignKey("curation_change_set.id"), index=True)
    operation: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(16))
    canonical: Mapped[bytes | None] = sealed_column(index="canonical_term")
    canonical_term: Mapped[bytes] = mapped_column(LargeBinary(24), index=True)
    said: Mapped[bytes | None] = sealed_column()


class SignatureRow(Base):
    """Who has signed a change set, with which key."""

    __tablename__ = "curation_signature"
    __table_args__ = (UniqueConstraint("change_set_id", "account_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    change_set_id: Mapped[UUID] = mapped_column(ForeignKey("curation_change_set.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey(_ACCOUNT))
    key_id: Mapped[str] = mapped_column(String(16))
    signature: Mapped[bytes] = mapped_column(LargeBinary(64))
    signed_at: Mapped[int]


class EntryRow(BoundRow):
    """What one source says of one selector, in one list."""

    __tablename__ = "curation_entry"
    # What is open is counted by the first, and by the second when any of it ended last: neither
    # way is a row read.
    __table_args__ = (
        Index("ix_curation_entry_open", "ended_by", "list", "kind", "begun_by"),
        Index("ix_curation_entry_last_end", "list", "kind", "ended_by"),
    )

    kind: Mapped[str] = mapped_column(String(16))
    canonical: Mapped[bytes | None] = sealed_column(index="canonical_term")
    canonical_term: Mapped[bytes] = mapped_column(LargeBinary(24), index=True)
    list: Mapped[str] = mapped_column(String(32))
    source: Mapped[str] = mapped_column(String(2_000))
    role: Mapped[str] = mapped_column(String(16))
    reason: Mapped[bytes | None] = sealed_column()
    confidence: Mapped[int | None]
    jurisdictions: Mapped[str] = mapped_column(String(1_000))
    first_seen: Mapped[int]
    last_seen: Mapped[int]
    review_by: Mapped[int | None]
    expires_at: Mapped[int | None]
    change_set_id: Mapped[UUID] = mapped_column(ForeignKey("curation_change_set.id"))
    begun_by: Mapped[int] = mapped_column(ForeignKey("curation_export.sequence"), index=True)
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("curation_export.sequence"))
