"""The tables of how far the spools were read, and of whether they stand still."""

from uuid import UUID, uuid4

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from intelligence.store.base import Base


class ToldRow(Base):
    """An up file that was read: the next one names its hash."""

    __tablename__ = "curation_told"

    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sha256: Mapped[str] = mapped_column(String(64))


class RestoredRow(Base):
    """That the spools stand still since a restore of either side; one row at the most.

    Until they are resumed, to the end.
    """

    __tablename__ = "curation_restored"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    at: Mapped[int]
