"""Files that wait to become drafts."""

import sqlalchemy as sa
from advanced_alchemy.types import GUID
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the table."""
    table, name = "curation_upload", "fk_curation_upload_account_id_staff_account"
    account = sa.ForeignKey("staff_account.id", name=name)
    op.create_table(
        table,
        sa.Column("id", GUID(), nullable=False),
        sa.Column("account_id", GUID(), account, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("told", sa.LargeBinary(), nullable=True),
        sa.Column("read", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_curation_upload"),
    )
    op.create_index("ix_curation_upload_account_id", table, ["account_id"])
    op.create_index("ix_curation_upload_created_at", table, ["created_at"])
