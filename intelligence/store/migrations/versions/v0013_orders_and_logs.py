"""Which order tells a partner of what was taken off, and of which log feedback is."""

import sqlalchemy as sa
from advanced_alchemy.types import GUID
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add the columns; what is said of a row is unique within a log."""
    table = "disclosure_told_yes"
    with op.batch_alter_table(table) as batch:
        batch.add_column(sa.Column("order_id", GUID(), nullable=True))
        batch.create_foreign_key(
            f"fk_{table}_order_id_curation_change_set", "curation_change_set", ["order_id"], ["id"]
        )
    op.create_index(f"ix_{table}_order_id", table, ["order_id"])
    table = "disclosure_feedback"
    with op.batch_alter_table(table) as batch:
        batch.add_column(sa.Column("log", sa.String(2_000), nullable=False, server_default=""))
        batch.drop_constraint(f"uq_{table}_receipt", type_="unique")
        batch.create_unique_constraint(f"uq_{table}_receipt", ["receipt", "row", "log"])
