"""Exports of disclosures, when somebody last proved who they are, spools that stand still."""

import sqlalchemy as sa
from advanced_alchemy.types import GUID
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the tables, and add the column."""
    op.create_table(
        "curation_restored",
        sa.Column("id", GUID(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_curation_restored"),
    )
    with op.batch_alter_table("staff_session") as batch:
        batch.add_column(sa.Column("proved_at", sa.BigInteger(), nullable=True))
    _make_exports()


def _make_exports() -> None:
    name = "disclosure_export"
    op.create_table(
        name,
        sa.Column("id", GUID(), nullable=False),
        _account(name, "account_id", nullable=False),
        sa.Column("organisation", sa.String(200), nullable=True),
        sa.Column("receipts", sa.LargeBinary(), nullable=True),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("case_number", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        _account(name, "decided_by", nullable=True),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
    )
    op.create_index(f"ix_{name}_account_id", name, ["account_id"])


def _account(table: str, column: str, *, nullable: bool) -> "sa.Column[object]":
    name = f"fk_{table}_{column}_staff_account"
    return sa.Column(
        column, GUID(), sa.ForeignKey("staff_account.id", name=name), nullable=nullable
    )
