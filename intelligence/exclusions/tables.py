"""The tables of the safety lists."""

from intelligence.curation.tables import KeptOrder
from intelligence.store.base import Base


class RuleOrderRow(KeptOrder, Base):
    """What a change set that concerns the safety lists orders."""

    __tablename__ = "exclusions_order"
