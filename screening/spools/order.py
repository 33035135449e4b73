"""An order: what is to become of a partner from now on, and the exact bytes that people sign."""

from datetime import datetime
from typing import Annotated, Final, Literal, get_args

import msgspec

from screening.spools.batch import Batch, parse_batch, require_life
from screening.spools.changes import Confidence, Countries, Kind, ListName, Reason
from screening.spools.exclusion_order import ExclusionOrder
from screening.spools.spelling import (
    BatchId,
    Deployment,
    Key32,
    PartnerName,
    read_exactly,
    require_format,
)

ListedRole = Literal["trafficker", "facilitator", "buyer", "business"]
Scope = Literal["check", "bulk"]
_SCOPES: Final = (["check"], ["bulk"], ["check", "bulk"])
MOST_ROWS: Final = 1_000
"""As many as a partner can fetch: the latest are kept (docs/protocol.md, "Notices")."""
Row = Annotated[str, msgspec.Meta(pattern=r"\A[a-z2-7]{26}\.(?:0|[1-9][0-9]{0,3})\Z")]
ApiUrl = Annotated[str, msgspec.Meta(min_length=1, max_length=300, pattern=r"\A[!-~]+\Z")]


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


class Entitlement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which part of the list a partner's checks are answered from; None is not limited.

    `kinds` and `roles` are in the order of their definition, all others sorted.
    """

    kinds: list[Kind]
    roles: list[ListedRole]
    min_confidence: Confidence
    lists: Annotated[list[ListName], msgspec.Meta(min_length=1, max_length=100)] | None
    jurisdictions: Annotated[Countries, msgspec.Meta(min_length=1)] | None

    def __post_init__(self) -> None:
        for given, known in ((self.kinds, get_args(Kind)), (self.roles, get_args(ListedRole))):
            if not given or given != [one for one in known if one in given]:
                raise ValueError("kinds and roles are in their order, each once")
        for names in (self.lists, self.jurisdictions):
            if names is not None and names != sorted(set(names)):
                raise ValueError("lists and countries are sorted, each once")


class _Issuing(_Order, frozen=True):
    """What gives a partner new keys, in a kit that is sealed to the one who orders it."""

    api_url: ApiUrl
    sealed_to: Key32
    """X25519, of that person and for this order alone."""


class Admit(_Issuing, frozen=True):
    """There is a new partner, whose checks are answered from `entitlement`."""

    mode: Literal["live", "test"]
    scopes: list[Scope]
    entitlement: Entitlement

    def __post_init__(self) -> None:
        if self.scopes not in _SCOPES:
            raise ValueError("check, or bulk, or check and bulk")


class Rotate(_Issuing, frozen=True):
    """The partner has new keys; its old ones stay valid for so many days beside them."""

    overlap_days: Annotated[int, msgspec.Meta(ge=0, le=365)]


class Notify(_Order, frozen=True):
    """The partner hears that what these rows of its answers matched is retracted."""

    rows: Annotated[list[Row], msgspec.Meta(min_length=1, max_length=MOST_ROWS)]

    def __post_init__(self) -> None:
        if self.rows != sorted(set(self.rows)):
            raise ValueError("rows are sorted, each once")


Order = Suspend | Resume | Admit | Rotate | Notify
Issuing = Admit | Rotate


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
        """How many people sign: what lets a partner ask needs two, and all else one."""
        return 1 if isinstance(self.order, Suspend | Notify) else 2


AnyOrder = PartnerOrder | ExclusionOrder
_FORMATS: Final = ("screening-batch/1", "screening-order/1", "screening-exclusion/1")


def parse_signed(content: bytes) -> Batch | AnyOrder:
    """Return the batch or the order that `content` spells; raises `SpoolRefused`."""
    named = require_format(content, *_FORMATS, what="what people have signed")
    if named == "screening-order/1":
        return read_exactly(content, PartnerOrder, what="an order")
    if named == "screening-exclusion/1":
        return read_exactly(content, ExclusionOrder, what="an order of the safety lists")
    return parse_batch(content)
