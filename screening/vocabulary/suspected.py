"""What may look like a search of the list: hosts notice it, and people are told by these names."""

from typing import Final, Literal

Suspected = Literal["canary_matched", "partner_hit_rate", "partner_volume"]
SUSPECTED: Final[tuple[Suspected, ...]] = ("canary_matched", "partner_hit_rate", "partner_volume")
"""From what most likely is a search to what least is; the alarms have these names, too."""
