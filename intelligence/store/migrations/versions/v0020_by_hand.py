"""What was taken off by hand at the indexer: who was told "match" of it hangs on no change."""

import sqlalchemy as sa
from advanced_alchemy.types import GUID
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Add the column, and let the change be none."""
    with op.batch_alter_table("disclosure_told_yes") as batch:
        batch.alter_column("change_set_id", existing_type=GUID(), nullable=True)
        batch.add_column(sa.Column("by_hand_at", sa.BigInteger(), nullable=True))
