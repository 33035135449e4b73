"""When a change came back that was decided, and who has noted that."""

import sqlalchemy as sa
from advanced_alchemy.types import GUID
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the columns.

    SQLite adds one that refers to others where it stands. A batch would copy the table and drop it,
    which rows that refer to it forbid.
    """
    table, name = "curation_change_set", "fk_curation_change_set_noted_by_staff_account"
    op.add_column(table, sa.Column("came_back_at", sa.BigInteger(), nullable=True))
    op.add_column(table, sa.Column("noted_at", sa.BigInteger(), nullable=True))
    dialect = op.get_bind().dialect
    if dialect.name == "sqlite":
        of = GUID().compile(dialect)
        refers = f"ADD COLUMN noted_by {of} CONSTRAINT {name} REFERENCES staff_account (id)"
        op.execute(f"ALTER TABLE {table} {refers}")
    else:
        op.add_column(table, sa.Column("noted_by", GUID(), nullable=True))
        op.create_foreign_key(name, table, "staff_account", ["noted_by"], ["id"])
