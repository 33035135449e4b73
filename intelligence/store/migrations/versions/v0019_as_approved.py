"""What an approver was shown that a change takes off: of what was approved before, nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Add the column."""
    op.add_column("curation_change_set", sa.Column("shown", sa.LargeBinary(), nullable=True))
