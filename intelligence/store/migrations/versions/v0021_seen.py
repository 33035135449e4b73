"""Which sightings somebody was shown, where it was how many: a count falls when others go."""

import sqlalchemy as sa
from advanced_alchemy.types import GUID
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Make the table. Which ones a count was of nobody knows: all are told as new once more."""
    name = "disclosure_seen"
    op.create_table(
        name,
        sa.Column("match_id", GUID(), nullable=False),
        sa.Column("account_id", GUID(), nullable=False),
        sa.ForeignKeyConstraint(
            ["match_id"],
            ["disclosure_match.id"],
            name=f"fk_{name}_match_id_disclosure_match",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["staff_account.id"], name=f"fk_{name}_account_id_staff_account"
        ),
        sa.PrimaryKeyConstraint("match_id", "account_id", name=f"pk_{name}"),
    )
    with op.batch_alter_table("disclosure_follow") as batch:
        batch.drop_column("seen")
