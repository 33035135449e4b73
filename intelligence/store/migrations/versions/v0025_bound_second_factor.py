"""Of accounts the second factor is bound as well (`bind_more`, with the keys)."""

revision = "0025"
down_revision = "0022"


def upgrade() -> None:
    """Change no column: what is bound says more."""
