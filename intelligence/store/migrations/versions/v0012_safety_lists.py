"""The safety lists as the indexer tells them, and what is ordered of them."""

import sqlalchemy as sa
from advanced_alchemy.types import GUID
from alembic import op

revision = "0012"
down_revision = "0010"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "curation_safety_lists",
        sa.Column("id", GUID(), nullable=False),
        sa.Column("told", sa.LargeBinary(), nullable=True),
        sa.Column("told_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_curation_safety_lists"),
    )
    name = "exclusions_order"
    op.create_table(
        name,
        sa.Column("id", GUID(), nullable=False),
        sa.Column("operation", sa.String(16), nullable=False),
        sa.Column("said", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["id"], ["curation_change_set.id"], name=f"fk_{name}_id_curation_change_set"
        ),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
    )
