"""An index by which the start page counts what colleagues have refused of somebody's own."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

_WHICH = (
    "state = 'refused' AND came_back_at IS NULL AND noted_at IS NULL AND decided_by != author_id"
)


def upgrade() -> None:
    """Make it."""
    op.create_index(
        "ix_curation_change_set_refused",
        "curation_change_set",
        ["concerns", "author_id"],
        sqlite_where=sa.text(_WHICH),
        postgresql_where=sa.text(_WHICH),
    )
