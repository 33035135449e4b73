"""The table of files that wait to become drafts. Times are Unix seconds."""

from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from intelligence.store.base import Base, sealed_column
from screening.vocabulary.unix_time import DAY_S

UPLOADS_KEPT_S: Final = DAY_S


class UploadRow(Base):
    """A file that waits to become drafts; `told` is what its curator says of it, `read` its rows.

    All of it is gone once it is drafted, dropped, or a day old.
    """

    __tablename__ = "curation_upload"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("staff_account.id"), index=True)
    created_at: Mapped[int] = mapped_column(index=True)
    name: Mapped[bytes | None] = sealed_column()
    content: Mapped[bytes | None] = sealed_column()
    told: Mapped[bytes | None] = sealed_column()
    read: Mapped[bytes | None] = sealed_column()
