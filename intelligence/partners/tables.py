"""The tables of partners, and of what was ordered for them. Times are Unix seconds."""

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from intelligence.curation.tables import KeptOrder
from intelligence.store.base import Base, sealed_column

MAX_NAME = 24


class PartnerRow(Base):
    """A partner, as the indexer has told last; `told` is that, spelled as it was."""

    __tablename__ = "partners_partner"

    name: Mapped[str] = mapped_column(String(MAX_NAME), primary_key=True)
    told: Mapped[bytes] = mapped_column(LargeBinary)
    told_at: Mapped[int]


class UsageRow(Base):
    """What API hosts have counted of a partner on a day (UTC), as the indexer has told last.

    `day` is its first moment. None is what is not known.
    """

    __tablename__ = "partners_usage"

    partner: Mapped[str] = mapped_column(String(MAX_NAME), primary_key=True)
    day: Mapped[int] = mapped_column(primary_key=True)
    questions: Mapped[int | None]
    selectors: Mapped[int | None]
    matches: Mapped[int | None]
    different: Mapped[int | None]
    matched_in_30_days: Mapped[int | None]
    told_at: Mapped[int]


class OrderRow(KeptOrder, Base):
    """What a change set that concerns partners orders."""

    __tablename__ = "partners_order"

    partner: Mapped[str] = mapped_column(String(MAX_NAME), index=True)
    kit: Mapped[bytes | None] = sealed_column()
    """As it came: sealed to the one who has ordered it. None once it was taken."""
    kit_came_at: Mapped[int | None]
    kit_taken_at: Mapped[int | None]
