"""The map of index digests, matches on record, what was disclosed, and who follows it."""

import sqlalchemy as sa
from advanced_alchemy.types import GUID
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables."""
    _make_map()
    _make_records()
    _make_matches()
    _make_disclosures()
    _make_follows()


def _make_map() -> None:
    name = "disclosure_map"
    op.create_table(
        name,
        sa.Column("id", GUID(), nullable=False),
        sa.Column("digest", sa.LargeBinary(16), nullable=False),
        sa.Column("key_id", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("canonical", sa.LargeBinary(), nullable=True),
        sa.Column("canonical_term", sa.LargeBinary(24), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sa.UniqueConstraint("digest", name=f"uq_{name}_digest"),
    )
    op.create_index(f"ix_{name}_canonical_term", name, ["canonical_term"])


def _make_records() -> None:
    name = "disclosure_record"
    op.create_table(
        name,
        sa.Column("id", GUID(), nullable=False),
        sa.Column("receipt", sa.String(26), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("partner", sa.String(64), nullable=False),
        sa.Column("key_id", sa.String(32), nullable=False),
        sa.Column("generation", sa.String(20), nullable=False),
        sa.Column("sealed_to", sa.String(16), nullable=False),
        sa.Column("sealed_key", sa.LargeBinary(80), nullable=False),
        sa.Column("sealed_number", sa.BigInteger(), nullable=False),
        sa.Column("told_in", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sa.UniqueConstraint("receipt", name=f"uq_{name}_receipt"),
    )
    op.create_index(f"ix_{name}_sealed_to", name, ["sealed_to"])


def _make_matches() -> None:
    name = "disclosure_match"
    op.create_table(
        name,
        sa.Column("id", GUID(), nullable=False),
        _reference(name, "record_id", "disclosure_record"),
        sa.Column("row", sa.BigInteger(), nullable=False),
        sa.Column("box", sa.String(200), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("digest", sa.LargeBinary(16), nullable=True),
        _reference(name, "map_id", "disclosure_map", nullable=True),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sa.UniqueConstraint("record_id", "row", name=f"uq_{name}_record_id"),
    )
    for column in ("state", "digest", "map_id"):
        op.create_index(f"ix_{name}_{column}", name, [column])


def _make_disclosures() -> None:
    name = "disclosure_disclosure"
    op.create_table(
        name,
        sa.Column("id", GUID(), nullable=False),
        _reference(name, "account_id", "staff_account"),
        sa.Column("organisation", sa.String(200), nullable=True),
        _reference(name, "map_id", "disclosure_map"),
        sa.Column("receipt", sa.String(32), nullable=False),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("case_number", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
    )
    for column in ("account_id", "map_id"):
        op.create_index(f"ix_{name}_{column}", name, [column])


def _make_follows() -> None:
    name = "disclosure_follow"
    op.create_table(
        name,
        sa.Column("id", GUID(), nullable=False),
        _reference(name, "account_id", "staff_account"),
        _reference(name, "disclosure_id", "disclosure_disclosure"),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
    )
    for column in ("account_id", "disclosure_id"):
        op.create_index(f"ix_{name}_{column}", name, [column])


def _reference(table: str, column: str, to: str, *, nullable: bool = False) -> "sa.Column[object]":
    name = f"fk_{table}_{column}_{to}"
    return sa.Column(column, GUID(), sa.ForeignKey(f"{to}.id", name=name), nullable=nullable)
