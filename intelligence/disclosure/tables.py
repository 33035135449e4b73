"""The tables of the map, of matches on record and of disclosures. Times are Unix seconds."""

from enum import StrEnum
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint, or_
from sqlalchemy.orm import Mapped, mapped_column

from intelligence.store.base import Base, of_few, sealed_column
from intelligence.store.bound import FREE, LATER, BoundRow

RECEIPT_CHARACTERS: Final = 26
MAX_PARTNER: Final = 64


class MatchState(StrEnum):
    """How far a match has come."""

    SEALED = "sealed"
    """No private half that is here opens it."""
    DAMAGED = "damaged"
    """It is not what was sealed for its row."""
    WAITING = "waiting"
    """The map does not tell of its digest yet."""
    SIGHTING = "sighting"
    """It is of a selector that is known here."""


OPENED: Final = (MatchState.WAITING, MatchState.SIGHTING)


class MapRow(BoundRow):
    """What an index digest of a token key stands for."""

    __tablename__ = "disclosure_map"

    digest: Mapped[bytes] = mapped_column(LargeBinary(16), unique=True)
    key_id: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(16))
    canonical: Mapped[bytes | None] = sealed_column(index="canonical_term")
    canonical_term: Mapped[bytes] = mapped_column(LargeBinary(24), index=True)


class RecordRow(BoundRow):
    """A record that has matches: what opens their boxes, and what they are bound to."""

    __tablename__ = "disclosure_record"
    __table_args__ = (UniqueConstraint("receipt", "log"),)

    receipt: Mapped[str] = mapped_column(String(RECEIPT_CHARACTERS))
    log: Mapped[str] = mapped_column(String(2_000))
    """The signed log that it is of; empty for what was told before logs were kept."""
    is_contested: Mapped[bool] = mapped_column(default=False)
    """Another log tells of the same receipt, and boxes of both open: one of them is not true."""
    at: Mapped[int]
    partner: Mapped[str] = mapped_column(String(MAX_PARTNER))
    key_id: Mapped[str] = mapped_column(String(32))
    generation: Mapped[str] = mapped_column(String(20))
    sealed_to: Mapped[str] = mapped_column(String(16), index=True)
    sealed_key: Mapped[bytes] = mapped_column(LargeBinary(80))
    sealed_number: Mapped[int]
    told_in: Mapped[int]
    """The up file that it came with."""


class MatchRow(BoundRow):
    """One match of a record; a sighting once it is known of which selector."""

    __tablename__ = "disclosure_match"
    __table_args__ = (UniqueConstraint("record_id", "row"),)

    record_id: Mapped[UUID] = mapped_column(ForeignKey("disclosure_record.id"))
    row: Mapped[int]
    box: Mapped[str] = mapped_column(String(200))
    """In base64, as the record has it."""
    state: Mapped[str] = mapped_column(String(16), index=True)
    digest: Mapped[bytes | None] = mapped_column(LargeBinary(16), index=True)
    map_id: Mapped[UUID | None] = mapped_column(ForeignKey("disclosure_map.id"), index=True)
    booking_region: Mapped[str | None] = mapped_column(String(2))
    """The country in which the booking was made, where the box tells it."""


class FeedbackRow(Base):
    """What a partner has said of a match last, by one log, and who has looked at that."""

    __tablename__ = "disclosure_feedback"
    __table_args__ = (
        UniqueConstraint("receipt", "row", "log"),
        of_few(
            "ix_disclosure_feedback_waiting",
            *("partner", "outcome", "at"),
            which="noted_at IS NULL",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    receipt: Mapped[str] = mapped_column(String(RECEIPT_CHARACTERS))
    row: Mapped[int]
    log: Mapped[str] = mapped_column(String(2_000), default="", server_default="")
    """The signed log that it is of; empty for what was told before logs were kept."""
    outcome: Mapped[str] = mapped_column(String(16))
    partner: Mapped[str] = mapped_column(String(MAX_PARTNER))
    at: Mapped[int]
    noted_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff_account.id"))
    noted_at: Mapped[int | None]


IS_OF_ONE_LOG: Final = or_(
    FeedbackRow.log == RecordRow.log, FeedbackRow.log == "", RecordRow.log == ""
)
"""Feedback and record are of one log, as far as that is known: a host tells of its own matches."""


class ToldYesRow(BoundRow):
    """That a partner was told "match" of what was taken off since; of what it is not kept here.

    Until somebody decides whether the partner is to hear of that; `order_id` is the order that
    tells it, so that it is due again where nothing comes of that.
    """

    __tablename__ = "disclosure_told_yes"
    __table_args__ = (UniqueConstraint("receipt", "row"),)

    change_set_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("curation_change_set.id"), index=True
    )
    """The change that took it off, None where hands did at the indexer."""
    by_hand_at: Mapped[int | None] = mapped_column(info=LATER)
    """When hands did, None where a change has."""
    partner: Mapped[str] = mapped_column(String(MAX_PARTNER))
    receipt: Mapped[str] = mapped_column(String(RECEIPT_CHARACTERS))
    row: Mapped[int]
    at: Mapped[int]
    order_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("curation_change_set.id"), index=True, info=FREE
    )
    """By another one a notice is not due, or is due once more: what it says is bound."""


class DisclosureRow(BoundRow):
    """That somebody was shown what lies behind a match."""

    __tablename__ = "disclosure_disclosure"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("staff_account.id"), index=True)
    organisation: Mapped[str | None] = mapped_column(String(200))
    map_id: Mapped[UUID] = mapped_column(ForeignKey("disclosure_map.id"), index=True)
    receipt: Mapped[str] = mapped_column(String(32))
    purpose: Mapped[str] = mapped_column(String(32))
    case_number: Mapped[bytes | None] = sealed_column()
    at: Mapped[int]


class FollowRow(Base):
    """That somebody wants to be told of new sightings of what they were shown."""

    __tablename__ = "disclosure_follow"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("staff_account.id"), index=True)
    disclosure_id: Mapped[UUID] = mapped_column(ForeignKey("disclosure_disclosure.id"), index=True)
    at: Mapped[int]


class SeenRow(Base):
    """That somebody was shown a sighting, or was told, beside those that were shown, how many are.

    It goes with its match.
    """

    __tablename__ = "disclosure_seen"

    match_id: Mapped[UUID] = mapped_column(
        ForeignKey("disclosure_match.id", ondelete="CASCADE"), primary_key=True
    )
    account_id: Mapped[UUID] = mapped_column(ForeignKey("staff_account.id"), primary_key=True)


class BulkState(StrEnum):
    """How far an export has come; what is downloaded or turned down has ended."""

    WAITING = "waiting"
    APPROVED = "approved"
    TURNED_DOWN = "turned down"
    DOWNLOADED = "downloaded"


class BulkRow(BoundRow):
    """An export that somebody has asked for: of `receipts`, lines of them, which are `asked`."""

    __tablename__ = "disclosure_export"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("staff_account.id"), index=True)
    organisation: Mapped[str | None] = mapped_column(String(200))
    receipts: Mapped[bytes | None] = sealed_column()
    asked: Mapped[int]
    purpose: Mapped[str] = mapped_column(String(32))
    case_number: Mapped[bytes | None] = sealed_column()
    state: Mapped[str] = mapped_column(String(16))
    asked_at: Mapped[int]
    expires_at: Mapped[int]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff_account.id"))
