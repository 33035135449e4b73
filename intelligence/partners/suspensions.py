"""When partners were suspended here, by what people have signed of it: no column is believed."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from intelligence.curation.retractions import DECIDED
from intelligence.curation.tables import ChangeSet, Concern
from intelligence.errors import Undecipherable
from intelligence.store.sealing import Seals
from screening.spools.order import PartnerOrder, Suspend, parse_signed
from screening.vocabulary.errors import SpoolRefused

CUTS_OFF: Final = (ChangeSet.concerns == Concern.PARTNERS) & ChangeSet.review_due_at.is_not(None)
"""Of orders what one person does alone, and another looks at after: suspensions."""


class Suspension(NamedTuple):
    """A suspension that is decided: its turn, and when it was signed (Unix seconds)."""

    turn: int
    written_at: int


def suspensions_of(session: Session, seals: Seals, partner: str) -> Iterator[Suspension]:
    """Yield what is decided of a partner so; what does not open comes back in its own turn."""
    chosen = select(ChangeSet).where(CUTS_OFF, ChangeSet.state.in_(DECIDED))
    for row in session.scalars(chosen).all():
        with suppress(SpoolRefused, Undecipherable):
            signed = parse_signed(seals.open(row, "content"))
            order = signed.order if isinstance(signed, PartnerOrder) else None
            if isinstance(order, Suspend) and order.partner == partner:
                yield Suspension(row.turn or 0, int(signed.written_at.timestamp()))
