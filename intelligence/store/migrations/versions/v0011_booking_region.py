"""In which country the booking of a match was made, where the partner has told it."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the column, and have what did not open be tried once more.

    An API host that was brought up to date before this console may have sealed boxes that tell a
    country, which the version before took for none of its own.
    """
    op.add_column("disclosure_match", sa.Column("booking_region", sa.String(2), nullable=True))
    match = sa.table("disclosure_match", sa.column("state", sa.String()))
    again = sa.update(match).where(match.c.state == "damaged").values(state="sealed")
    op.execute(again)
