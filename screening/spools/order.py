"""An order: what is to become of a partner from now on, and the exact bytes that people sign."""

from datetime import datetime
from typing import Literal

import msgspec

from screening.spools.batch import Batch, parse_batch, require_life
from screening.spools.changes import Reason
from screening.spools.spelling import BatchId, Deployment, PartnerName, read_exactly
from screening.vocabulary.unreadable import UNREADABLE


class _Order(
    msgspec.Struct, frozen=True, tag_field="op", tag=str.lower, forbid_unknown_fields=True
):
    partner: PartnerName
    reason: Reason
    """For those who sign."""


class Suspend(_Order, frozen=True):
    """The partner is answered no more, until it is resumed; nothing of it is lost."""


class Resume(_Order, frozen=True):
    """The partner is answered again."""


Order = Suspend | Resume


class PartnerOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands in the place of a batch, alone in its file; `batch` is its name."""

    format: Literal["screening-order/1"]
    deployment: Deployment
    batch: BatchId
    written_at: datetime
    not_before: datetime
    expires_at: datetime
    order: Order

    def __post_init__(self) -> None:
        require_life(self.written_at, self.not_before, self.expires_at)

    @property
    def signatures_needed(self) -> int:
        """How many people sign: one cuts a partner off, and what lets one ask needs two."""
        return 1 if isinstance(self.order, Suspend) else 2


class _Format(msgspec.Struct):
    format: str


_formats = msgspec.json.Decoder(_Format)


def parse_signed(content: bytes) -> Batch | PartnerOrder:
    """Return the batch or the order that `content` spells; raises `SpoolRefused`."""
    try:
        named = _formats.decode(content).format
    except UNREADABLE:
        named = ""
    if named == "screening-order/1":
        return read_exactly(content, PartnerOrder, what="an order")
    return parse_batch(content)
