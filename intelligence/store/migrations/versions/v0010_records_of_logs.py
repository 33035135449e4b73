"""Records of one receipt by the logs that tell of it, and as what a file was refused."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_MATCH = "disclosure_match"
_COLUMNS = "id, record_id, row, box, state, digest, map_id"


def upgrade() -> None:
    """Add the columns; a receipt is unique within a log."""
    op.add_column("curation_export", sa.Column("refusal", sa.String(64), nullable=True))
    # SQLite makes the table anew, and would not drop one whose rows others refer to.
    op.execute(f'CREATE TABLE aside AS SELECT {_quoted()} FROM "{_MATCH}"')  # noqa: S608 - names of ours
    op.execute(f'DELETE FROM "{_MATCH}"')  # noqa: S608 - a name of ours
    table = "disclosure_record"
    with op.batch_alter_table(table) as batch:
        batch.add_column(sa.Column("log", sa.String(2_000), nullable=False, server_default=""))
        batch.add_column(
            sa.Column("is_contested", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch.drop_constraint(f"uq_{table}_receipt", type_="unique")
        batch.create_unique_constraint(f"uq_{table}_receipt", ["receipt", "log"])
    op.execute(
        f'INSERT INTO "{_MATCH}" ({_quoted()}) SELECT {_quoted()} FROM aside'  # noqa: S608 - as above
    )
    op.drop_table("aside")


def _quoted() -> str:
    return ", ".join(f'"{name}"' for name in _COLUMNS.split(", "))
