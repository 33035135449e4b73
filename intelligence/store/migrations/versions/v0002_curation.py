"""Keys to sign with, the list, changes to it, and the files by which they leave."""

import sqlalchemy as sa
from advanced_alchemy.types import GUID
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables."""
    _make_signing_keys()
    _make_files()
    _make_change_sets()
    _make_changes()
    _make_entries()


def _make_signing_keys() -> None:
    op.create_table(
        "staff_signing_key",
        _account("staff_signing_key", "account_id"),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("public", sa.LargeBinary(32), nullable=False),
        sa.Column("private", sa.LargeBinary(), nullable=True),
        sa.Column("salt", sa.LargeBinary(16), nullable=False),
        sa.Column("cost", sa.String(64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_staff_signing_key"),
        sa.UniqueConstraint("key_id", name="uq_staff_signing_key_key_id"),
    )


def _make_files() -> None:
    op.create_table(
        "curation_export",
        sa.Column("sequence", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=True),
        sa.Column("statements", sa.BigInteger(), nullable=False),
        sa.Column("product", sa.LargeBinary(256), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("written_at", sa.BigInteger(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.Column("release", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(2_000), nullable=True),
        sa.PrimaryKeyConstraint("sequence", name="pk_curation_export"),
        sa.UniqueConstraint("sha256", name="uq_curation_export_sha256"),
    )
    op.create_table(
        "curation_told",
        sa.Column("sequence", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_curation_told"),
    )


def _make_change_sets() -> None:
    name = "curation_change_set"
    op.create_table(
        name,
        sa.Column("id", GUID(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        _account(name, "author_id"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("submitted_at", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        _account(name, "decided_by", nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("turn", sa.BigInteger(), nullable=True),
        _reference(name, "export_sequence", "curation_export.sequence", nullable=True),
        sa.Column("outcome", sa.LargeBinary(), nullable=True),
        sa.Column("review_due_at", sa.BigInteger(), nullable=True),
        _account(name, "reviewed_by", nullable=True),
        sa.Column("reviewed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sa.UniqueConstraint("turn", name=f"uq_{name}_turn"),
    )
    for column in ("state", "export_sequence"):
        op.create_index(f"ix_{name}_{column}", name, [column])


def _make_changes() -> None:
    name = "curation_change"
    op.create_table(
        name,
        sa.Column("id", GUID(), nullable=False),
        _reference(name, "change_set_id", "curation_change_set.id"),
        sa.Column("operation", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("canonical", sa.LargeBinary(), nullable=True),
        sa.Column("canonical_term", sa.LargeBinary(24), nullable=False),
        sa.Column("said", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
    )
    for column in ("change_set_id", "canonical_term"):
        op.create_index(f"ix_{name}_{column}", name, [column])
    name = "curation_signature"
    op.create_table(
        name,
        sa.Column("id", GUID(), nullable=False),
        _reference(name, "change_set_id", "curation_change_set.id"),
        _account(name, "account_id"),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("signature", sa.LargeBinary(64), nullable=False),
        sa.Column("signed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sa.UniqueConstraint("change_set_id", "account_id", name=f"uq_{name}_change_set_id"),
    )


def _make_entries() -> None:
    name = "curation_entry"
    op.create_table(
        name,
        sa.Column("id", GUID(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("canonical", sa.LargeBinary(), nullable=True),
        sa.Column("canonical_term", sa.LargeBinary(24), nullable=False),
        sa.Column("list", sa.String(32), nullable=False),
        sa.Column("source", sa.String(2_000), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("confidence", sa.BigInteger(), nullable=True),
        sa.Column("jurisdictions", sa.String(1_000), nullable=False),
        sa.Column("first_seen", sa.BigInteger(), nullable=False),
        sa.Column("last_seen", sa.BigInteger(), nullable=False),
        sa.Column("review_by", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        _reference(name, "change_set_id", "curation_change_set.id"),
        _reference(name, "begun_by", "curation_export.sequence"),
        _reference(name, "ended_by", "curation_export.sequence", nullable=True),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
    )
    for column in ("canonical_term", "begun_by", "ended_by"):
        op.create_index(f"ix_{name}_{column}", name, [column])


def _account(table: str, column: str, *, nullable: bool = False) -> "sa.Column[object]":
    """Return a column that names a person."""
    return _reference(table, column, "staff_account.id", nullable=nullable)


def _reference(table: str, column: str, to: str, *, nullable: bool = False) -> "sa.Column[object]":
    name = f"fk_{table}_{column}_{to.partition('.')[0]}"
    kind = sa.BigInteger() if to.endswith(".sequence") else GUID()
    return sa.Column(column, kind, sa.ForeignKey(to, name=name), nullable=nullable)
