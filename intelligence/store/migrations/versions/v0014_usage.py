"""How much partners ask, by the day; how they stand is told anew, with more of each."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_COUNTS = ("questions", "selectors", "matches", "different", "matched_in_30_days")


def upgrade() -> None:
    """Make the table; the indexer tells all partners again, since it has more to tell of each."""
    name = "partners_usage"
    op.create_table(
        name,
        sa.Column("partner", sa.String(24), nullable=False),
        sa.Column("day", sa.BigInteger(), nullable=False),
        *(sa.Column(count, sa.BigInteger(), nullable=True) for count in _COUNTS),
        sa.Column("told_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("partner", "day", name=f"pk_{name}"),
    )
    op.execute("DELETE FROM partners_partner")
