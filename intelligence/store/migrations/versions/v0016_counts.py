"""Indexes by which the start page counts: what waits and what is open, not what has been."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_OF_FEW = (
    (
        "ix_curation_change_set_due",
        "curation_change_set",
        ["concerns", "review_due_at"],
        "review_due_at IS NOT NULL AND reviewed_at IS NULL",
    ),
    (
        "ix_curation_change_set_back",
        "curation_change_set",
        ["concerns", "came_back_at"],
        "came_back_at IS NOT NULL AND noted_at IS NULL",
    ),
    (
        "ix_disclosure_feedback_waiting",
        "disclosure_feedback",
        ["partner", "outcome", "at"],
        "noted_at IS NULL",
    ),
)


def upgrade() -> None:
    """Make them; the one of entries by the file that ended them is the beginning of another."""
    entries = "curation_entry"
    op.create_index("ix_curation_entry_open", entries, ["ended_by", "list", "kind", "begun_by"])
    op.create_index("ix_curation_entry_last_end", entries, ["list", "kind", "ended_by"])
    op.create_index("ix_curation_change_set_concerns", "curation_change_set", ["concerns", "state"])
    op.drop_index("ix_curation_entry_ended_by", entries)
    for name, table, columns, which in _OF_FEW:
        where = sa.text(which)
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
