"""When a change that is approved is to leave."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0002"


def upgrade() -> None:
    """Add the column."""
    op.add_column("curation_change_set", sa.Column("leaves_at", sa.BigInteger(), nullable=True))
