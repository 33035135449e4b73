"""Challenges that were changed outside of the console, and are closed as they are recorded anew."""

import sqlalchemy as sa
from advanced_alchemy.types import GUID
from alembic import op

revision = "0023"
down_revision = "0022"

_NAME = "challenges_closed"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        _NAME,
        sa.Column("id", GUID(), nullable=False),
        sa.Column("closed_by", GUID(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("letter", sa.LargeBinary(32), nullable=False),
        sa.Column("bound", sa.LargeBinary(), nullable=True),
        _refers("id", "challenges_challenge"),
        _refers("closed_by", "staff_account"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{_NAME}"),
    )


def _refers(column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{_NAME}_{column}_{other}")
