"""Rows bound by a digest of their columns; what is there is bound by `bind_all`, with the keys."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

_TABLES = (
    *("curation_entry", "disclosure_map", "disclosure_record", "disclosure_match"),
    *("disclosure_told_yes", "disclosure_disclosure", "disclosure_export"),
)


def upgrade() -> None:
    """Add the column."""
    for table in _TABLES:
        op.add_column(table, sa.Column("bound", sa.LargeBinary(), nullable=True))
