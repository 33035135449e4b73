"""The safety lists as the indexer tells them, what is ordered of them, and challenges."""

import sqlalchemy as sa
from advanced_alchemy.types import GUID
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Make the tables."""
    _make_safety_lists()
    _make_challenges()


def _make_safety_lists() -> None:
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


def _make_challenges() -> None:
    name = "challenges_challenge"
    op.create_table(
        name,
        sa.Column("id", GUID(), nullable=False),
        sa.Column("reference", sa.LargeBinary(), nullable=True),
        sa.Column("ground", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_by", GUID(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        _refers(name, "recorded_by", "staff_account"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
    )
    op.create_index(f"ix_{name}_recorded_by", name, ["recorded_by"])
    name = "challenges_selector"
    op.create_table(
        name,
        sa.Column("id", GUID(), nullable=False),
        sa.Column("challenge_id", GUID(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("canonical", sa.LargeBinary(), nullable=True),
        sa.Column("canonical_term", sa.LargeBinary(24), nullable=False),
        sa.Column("conclusion", sa.String(16), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("concluded_by", GUID(), nullable=True),
        sa.Column("concluded_at", sa.BigInteger(), nullable=True),
        sa.Column("change_set_id", GUID(), nullable=True),
        _refers(name, "challenge_id", "challenges_challenge"),
        _refers(name, "concluded_by", "staff_account"),
        _refers(name, "change_set_id", "curation_change_set"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
    )
    op.create_index(f"ix_{name}_challenge_id", name, ["challenge_id"])


def _refers(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}")
