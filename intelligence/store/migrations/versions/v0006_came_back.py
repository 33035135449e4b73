"""When a change came back that was decided, and who has noted that."""

import sqlalchemy as sa
from advanced_alchemy.types import GUID
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the columns."""
    table, name = "curation_change_set", "fk_curation_change_set_noted_by_staff_account"
    with op.batch_alter_table(table) as batch:
        batch.add_column(sa.Column("came_back_at", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("noted_by", GUID(), nullable=True))
        batch.add_column(sa.Column("noted_at", sa.BigInteger(), nullable=True))
        batch.create_foreign_key(name, "staff_account", ["noted_by"], ["id"])
