"""What an administrator wants done with an account, until another person confirms it."""

import sqlalchemy as sa
from advanced_alchemy.types import GUID
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "staff_request",
        sa.Column("id", GUID(), nullable=False),
        _account("account_id"),
        sa.Column("wish", sa.String(16), nullable=False),
        sa.Column("roles", sa.String(200), nullable=False),
        sa.Column("share_hash", sa.LargeBinary(32), nullable=True),
        _account("requested_by"),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_staff_request"),
        sa.UniqueConstraint("account_id", "wish", name="uq_staff_request_account_id"),
    )
    op.create_index("ix_staff_request_requested_by", "staff_request", ["requested_by"])


def _account(column: str) -> "sa.Column[object]":
    """Return a column that names a person."""
    name = f"fk_staff_request_{column}_staff_account"
    return sa.Column(column, GUID(), sa.ForeignKey("staff_account.id", name=name), nullable=False)
