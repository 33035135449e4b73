"""The first tables: data keys, and the staff."""

import sqlalchemy as sa
from advanced_alchemy.types import GUID
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    _make_keys()
    _make_accounts()
    _make_ways_in()


def _make_keys() -> None:
    op.create_table(
        "data_key",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped_by", sa.String(16), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_data_key"),
    )


def _make_accounts() -> None:
    op.create_table(
        "staff_account",
        sa.Column("id", GUID(), nullable=False),
        sa.Column("name", sa.String(254), nullable=False),
        sa.Column("display_name", sa.String(200), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("organisation", sa.String(200), nullable=True),
        sa.Column("legal_basis", sa.String(200), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("password_hash", sa.String(256), nullable=True),
        sa.Column("totp_secret", sa.LargeBinary(), nullable=True),
        sa.Column("totp_step", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_log_in_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_staff_account"),
        sa.UniqueConstraint("name", name="uq_staff_account_name"),
    )
    op.create_table(
        "staff_role",
        _account("staff_role"),
        sa.Column("role", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "role", name="pk_staff_role"),
    )


def _make_ways_in() -> None:
    op.create_table(
        "staff_invitation",
        sa.Column("token_hash", sa.LargeBinary(32), nullable=False),
        _account("staff_invitation", nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_staff_invitation"),
    )
    op.create_table(
        "staff_recovery_code",
        sa.Column("code_hash", sa.LargeBinary(32), nullable=False),
        _account("staff_recovery_code"),
        sa.PrimaryKeyConstraint("code_hash", name="pk_staff_recovery_code"),
    )
    op.create_table(
        "staff_session",
        sa.Column("id_hash", sa.LargeBinary(32), nullable=False),
        _account("staff_session"),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("pending_secret", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id_hash", name="pk_staff_session"),
    )
    for table in ("staff_invitation", "staff_recovery_code", "staff_session"):
        op.create_index(f"ix_{table}_account_id", table, ["account_id"])


def _account(table: str, *, nullable: bool = False) -> "sa.Column[object]":
    """Return the column that names whose row it is."""
    name = f"fk_{table}_account_id_staff_account"
    return sa.Column(
        "account_id", GUID(), sa.ForeignKey("staff_account.id", name=name), nullable=nullable
    )
