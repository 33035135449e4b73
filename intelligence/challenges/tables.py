"""The tables of challenges. Times are Unix seconds."""

from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from intelligence.store.base import Base, sealed_column


class Conclusion(StrEnum):
    """What somebody else than the one who recorded it has found of a selector."""

    RETRACT = "retract"
    KEEP = "keep"
    NOTHING = "nothing"


class ChallengeRow(Base):
    """A letter: who has written it stands in the organisation's own file of that reference."""

    __tablename__ = "challenges_challenge"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    reference: Mapped[bytes | None] = sealed_column()
    ground: Mapped[bytes | None] = sealed_column()
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("staff_account.id"), index=True)
    recorded_at: Mapped[int]
    due_at: Mapped[int]
    answered_at: Mapped[int | None]


class ChallengedRow(Base):
    """One selector of a challenge, and what was concluded of it."""

    __tablename__ = "challenges_selector"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    challenge_id: Mapped[UUID] = mapped_column(ForeignKey("challenges_challenge.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    canonical: Mapped[bytes | None] = sealed_column(index="canonical_term")
    canonical_term: Mapped[bytes] = mapped_column(LargeBinary(24))
    conclusion: Mapped[str | None] = mapped_column(String(16))
    reason: Mapped[bytes | None] = sealed_column()
    concluded_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff_account.id"))
    concluded_at: Mapped[int | None]
    change_set_id: Mapped[UUID | None] = mapped_column(ForeignKey("curation_change_set.id"))
