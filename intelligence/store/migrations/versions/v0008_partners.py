"""Partners as the indexer tells of them, orders for them, and what they say of matches."""

import sqlalchemy as sa
from advanced_alchemy.types import GUID
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the tables; what was written before is of the list."""
    with op.batch_alter_table("curation_change_set") as batch:
        batch.add_column(
            sa.Column("concerns", sa.String(16), nullable=False, server_default="list")
        )
    _make_partners()
    _make_orders()
    _make_feedback()
    _make_told_yes()


def _make_partners() -> None:
    name = "partners_partner"
    op.create_table(
        name,
        sa.Column("name", sa.String(24), nullable=False),
        sa.Column("told", sa.LargeBinary(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=f"pk_{name}"),
    )


def _make_orders() -> None:
    name = "partners_order"
    op.create_table(
        name,
        sa.Column("id", GUID(), nullable=False),
        sa.Column("operation", sa.String(16), nullable=False),
        sa.Column("partner", sa.String(24), nullable=False),
        sa.Column("said", sa.LargeBinary(), nullable=True),
        sa.Column("kit", sa.LargeBinary(), nullable=True),
        sa.Column("kit_came_at", sa.BigInteger(), nullable=True),
        sa.Column("kit_taken_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sa.ForeignKeyConstraint(
            ["id"], ["curation_change_set.id"], name=f"fk_{name}_id_curation_change_set"
        ),
    )
    op.create_index(f"ix_{name}_partner", name, ["partner"])


def _make_feedback() -> None:
    name = "disclosure_feedback"
    op.create_table(
        name,
        sa.Column("id", GUID(), nullable=False),
        sa.Column("receipt", sa.String(26), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("partner", sa.String(64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("noted_by", GUID(), nullable=True),
        sa.Column("noted_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sa.UniqueConstraint("receipt", "row", name=f"uq_{name}_receipt"),
        sa.ForeignKeyConstraint(
            ["noted_by"], ["staff_account.id"], name=f"fk_{name}_noted_by_staff_account"
        ),
    )


def _make_told_yes() -> None:
    name = "disclosure_told_yes"
    op.create_table(
        name,
        sa.Column("id", GUID(), nullable=False),
        sa.Column("change_set_id", GUID(), nullable=False),
        sa.Column("partner", sa.String(64), nullable=False),
        sa.Column("receipt", sa.String(26), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sa.UniqueConstraint("receipt", "row", name=f"uq_{name}_receipt"),
        sa.ForeignKeyConstraint(
            ["change_set_id"],
            ["curation_change_set.id"],
            name=f"fk_{name}_change_set_id_curation_change_set",
        ),
    )
    op.create_index(f"ix_{name}_change_set_id", name, ["change_set_id"])
