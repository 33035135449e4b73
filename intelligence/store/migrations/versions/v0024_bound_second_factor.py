"""Of accounts the second factor is bound as well (`bind_more`, with the keys)."""

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Change no column: what is bound says more."""
