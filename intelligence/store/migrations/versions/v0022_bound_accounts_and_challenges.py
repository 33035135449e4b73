"""Accounts, what lets people in, and challenges, bound as other rows are (`store/bound.py`)."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

_TABLES = (
    *("staff_account", "staff_request", "staff_recovery_code", "staff_invitation"),
    *("challenges_challenge", "challenges_selector"),
)


def upgrade() -> None:
    """Add the column."""
    for table in _TABLES:
        op.add_column(table, sa.Column("bound", sa.LargeBinary(), nullable=True))
