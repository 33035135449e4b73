"""The keys that people sign with, bound as other rows are (`store/bound.py`)."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Add the column."""
    op.add_column("staff_signing_key", sa.Column("bound", sa.LargeBinary(), nullable=True))
