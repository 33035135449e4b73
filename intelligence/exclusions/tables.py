"""The tables of the safety lists."""

from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from intelligence.store.base import Base, sealed_column


class RuleOrderRow(Base):
    """What a change set that concerns the safety lists orders; `said` is all of it."""

    __tablename__ = "exclusions_order"

    id: Mapped[UUID] = mapped_column(ForeignKey("curation_change_set.id"), primary_key=True)
    operation: Mapped[str] = mapped_column(String(16))
    said: Mapped[bytes | None] = sealed_column()
