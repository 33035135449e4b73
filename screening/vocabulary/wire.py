"""Requests, answers and problems as they travel, shared by API and client.

Written out for other languages in openapi/screening.json, which is made from what is here.
A verdict has two values and no default: what is missing or unknown can never be read as "no".
"""

from typing import Annotated, Final, Literal

import msgspec

from screening.vocabulary.actor import ActorText
from screening.vocabulary.booking_region import BookingRegionText
from screening.vocabulary.errors import UnavailableReason
from screening.vocabulary.selector import SelectorKind
from screening.vocabulary.tokens import KEY_ID_PATTERN

CHECK_MAX_SELECTORS: Final = 16
CHECK_MAX_BODY_BYTES: Final = 16 * 1024
BULK_MAX_SELECTORS: Final = 10_000
BULK_MAX_BODY_BYTES: Final = 2 * 1024 * 1024

# RFC 4648 section 4 with padding, and no other spelling: the last character before the padding
# carries four bits and may leave none of the remaining two set.
_TOKEN_SPELLING: Final = r"^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$"  # noqa: S105 - a pattern, no secret
_KEY_CHECK_SPELLING: Final = r"^[A-Za-z0-9+/]{10}[AEIMQUYcgkosw048]=$"

# In msgspec's own form, which `fault.py` reads.
_KEY_ID_MISSPELLED: Final = "Expected `str` matching regex - at `$.key_id`"

Verdict = Literal["match", "no_match"]
RowResult = Literal["match", "no_match", "invalid"]
ROW_RESULTS: Final[tuple[RowResult, ...]] = ("match", "no_match", "invalid")

KeyIdText = Annotated[
    str, msgspec.Meta(pattern=KEY_ID_PATTERN, max_length=32, examples=["acme-2026a"])
]
TokenText = Annotated[
    str,
    # The length too: `$` alone would let a line feed through.
    msgspec.Meta(pattern=_TOKEN_SPELLING, min_length=44, max_length=44),
]
KeyCheckText = Annotated[
    str, msgspec.Meta(pattern=_KEY_CHECK_SPELLING, min_length=12, max_length=12)
]

KeyCheckBytes = Annotated[bytes, msgspec.Meta(min_length=8, max_length=8)]


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A request body; unknown members are an error. Its `repr` shows no token."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"


class Asking(Request, frozen=True, forbid_unknown_fields=True):
    """A whole question: which token key its tokens were derived with."""

    key_id: KeyIdText

    def __post_init__(self) -> None:
        if self.key_id.endswith("\n"):  # the `$` of a pattern lets a line feed through
            raise ValueError(_KEY_ID_MISSPELLED)


class CheckSelector(Request, frozen=True, forbid_unknown_fields=True, gc=False):
    """One selector of a booking: its kind (a claim, for metrics) and its token."""

    kind: SelectorKind
    token: TokenText


class CheckRequest(Asking, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/check`: the selectors of one booking.

    `actor` says on whose behalf, by an opaque id of the caller's own; it goes on record.
    `booking_region` says in which country the booking is made; it is kept of matches alone, sealed.
    """

    key_check: KeyCheckText
    selectors: Annotated[
        list[CheckSelector], msgspec.Meta(min_length=1, max_length=CHECK_MAX_SELECTORS)
    ]
    actor: ActorText | msgspec.UnsetType = msgspec.UNSET
    booking_region: BookingRegionText | msgspec.UnsetType = msgspec.UNSET


class BulkSelector(Request, frozen=True, forbid_unknown_fields=True, gc=False):
    """One row: an unknown kind or a malformed token makes this row `invalid`, and no other."""

    kind: str
    token: str


class BulkRequest(Asking, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/bulk`, as JSON."""

    key_check: KeyCheckText
    selectors: Annotated[
        list[BulkSelector], msgspec.Meta(min_length=1, max_length=BULK_MAX_SELECTORS)
    ]
    actor: ActorText | msgspec.UnsetType = msgspec.UNSET
    booking_region: BookingRegionText | msgspec.UnsetType = msgspec.UNSET


class PackedSelector(Request, frozen=True, forbid_unknown_fields=True, gc=False):
    """One row in MessagePack: the token is `bin`."""

    kind: str
    token: bytes


class PackedBulkRequest(Asking, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/bulk`, as MessagePack: `key_check` and tokens are `bin`."""

    key_check: KeyCheckBytes
    selectors: Annotated[
        list[PackedSelector], msgspec.Meta(min_length=1, max_length=BULK_MAX_SELECTORS)
    ]
    actor: ActorText | msgspec.UnsetType = msgspec.UNSET
    booking_region: BookingRegionText | msgspec.UnsetType = msgspec.UNSET


class ListState(msgspec.Struct, frozen=True):
    """Which list an answer was read from, and how fresh it was; times are RFC 3339 UTC."""

    generation: str
    seq: int
    published_at: str
    as_of: str


class Answer(msgspec.Struct, frozen=True):
    """`200` of both routes: one result for each selector, in the order asked.

    `result` is `match` where any selector matches; it says nothing of `invalid` rows, which
    were not looked up. `receipt` names the journal record; `opening` (32 bytes, base64) proves
    together with the question what was asked and answered: keep both.
    """

    result: Verdict
    results: list[RowResult]
    receipt: str
    opening: str
    list: ListState


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """RFC 9457 `application/problem+json`; `code` is stable, and no member repeats any input.

    `pointer` (RFC 6901, as a URI fragment) is the place in a body that is not what the contract
    says, where that can be told.
    """

    type: str
    title: str
    status: int
    code: str
    detail: str = ""
    reason: UnavailableReason | None = None
    matches: list[int] | None = None
    receipt: str | None = None
    opening: str | None = None
    pointer: str | None = None


class StretchState(msgspec.Struct, frozen=True):
    """Stretch parameters of a token key; only argon2id has more members than `algorithm`."""

    algorithm: str
    version: int | None = None
    iterations: int | None = None
    memory_kib: int | None = None
    lanes: int | None = None


class TokenKeyState(msgspec.Struct, frozen=True):
    """One live token key of the caller; ages in seconds.

    `null` where no index is loaded, and `sync_age_s` where it is not known: everything is stale.
    """

    key_id: str
    normaliser: int | None
    stretch: StretchState | None
    list: ListState | None
    list_age_s: int | None
    sync_age_s: int | None


class Limits(msgspec.Struct, frozen=True):
    """What the caller may ask: a rate, and budgets of different selectors.

    `daily_selectors` of them a day (UTC), and `matches_per_30_days` that matched; when the latter
    are used up, only a person lets the caller go on.
    """

    check_max_selectors: int
    bulk_max_selectors: int
    selectors_per_second: int
    daily_selectors: int
    daily_selectors_remaining: int
    burst_selectors: int
    matches_per_30_days: int
    matches_remaining: int


class Parameters(msgspec.Struct, frozen=True):
    """`GET /v1/parameters`: what a client must agree with; no secret.

    `normaliser` and `phone_metadata` are the versions that the list of the newest of the caller's
    token keys was built with, as far as one is loaded. `log_key` (a C2SP `vkey`) verifies what the
    host that answers signs of its journal: keep it at the first use, and compare it later.
    """

    protocol: str
    normaliser: int
    phone_metadata: str
    partner: str
    scopes: list[str]
    token_keys: list[TokenKeyState]
    limits: Limits
    log_key: str | None = None
