"""The tables of challenges. Times are Unix seconds."""

from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, LargeBinary, String, exists
from sqlalchemy.orm import Mapped, mapped_column, relationship

from intelligence.store.base import sealed_column
from intelligence.store.bound import BoundRow
from intelligence.store.vault import Vault


class Conclusion(StrEnum):
    """What somebody else than the one who recorded it has found of a selector."""

    RETRACT = "retract"
    KEEP = "keep"
    NOTHING = "nothing"


class ChallengeRow(BoundRow):
    """A letter: who has written it stands in the organisation's own file of that reference.

    Which selectors it names is bound to it: none is moved to another letter, or taken away.
    """

    __tablename__ = "challenges_challenge"
    bound_since = "0022"

    reference: Mapped[bytes | None] = sealed_column()
    ground: Mapped[bytes | None] = sealed_column()
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("staff_account.id"), index=True)
    recorded_at: Mapped[int]
    due_at: Mapped[int]
    answered_at: Mapped[int | None]
    selectors: Mapped[list["ChallengedRow"]] = relationship(
        lazy="selectin", order_by="ChallengedRow.id"
    )

    def beside(self, vault: Vault) -> dict[str, object]:
        """Return the ids of its selectors."""
        del vault
        return {"selectors": sorted(str(one.id) for one in self.selectors)}


class ChallengedRow(BoundRow):
    """One selector of a challenge, and what was concluded of it."""

    __tablename__ = "challenges_selector"
    bound_since = "0022"

    challenge_id: Mapped[UUID] = mapped_column(ForeignKey("challenges_challenge.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    canonical: Mapped[bytes | None] = sealed_column(index="canonical_term")
    canonical_term: Mapped[bytes] = mapped_column(LargeBinary(24))
    conclusion: Mapped[str | None] = mapped_column(String(16))
    reason: Mapped[bytes | None] = sealed_column()
    concluded_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff_account.id"))
    concluded_at: Mapped[int | None]
    change_set_id: Mapped[UUID | None] = mapped_column(ForeignKey("curation_change_set.id"))


class ClosedRow(BoundRow):
    """That a challenge of this id does not hold, and what it names is recorded anew.

    `letter` is the digest of the challenge as it stood then (`whole.py`).
    """

    __tablename__ = "challenges_closed"
    bound_since = "0023"

    id: Mapped[UUID] = mapped_column(ForeignKey("challenges_challenge.id"), primary_key=True)
    closed_by: Mapped[UUID] = mapped_column(ForeignKey("staff_account.id"))
    closed_at: Mapped[int]
    reason: Mapped[bytes | None] = sealed_column()
    letter: Mapped[bytes] = mapped_column(LargeBinary(32))


IS_OPEN: Final[ColumnElement[bool]] = exists().where(
    ChallengedRow.challenge_id == ChallengeRow.id, ChallengedRow.conclusion.is_(None)
)
"""Of a challenge, that something of it is not concluded, as its rows say."""
