"""Requests, answers and problems as they travel (design.md section 4), shared by API and client.

A verdict has two values and no default: what is missing or unknown can never be read as "no".
"""

import binascii
from collections.abc import Generator, Iterator, Sequence
from typing import Annotated, Final, Literal, Protocol, TypeVar

import msgspec

from screening.vocabulary.errors import UnavailableReason
from screening.vocabulary.fault import fault_of
from screening.vocabulary.given_once import (
    require_given_once,
    require_given_once_in_map,
    require_given_once_in_rows,
)
from screening.vocabulary.selector import SelectorKind, Token
from screening.vocabulary.tokens import KEY_ID_PATTERN, TOKEN_BYTES

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


class _Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A request body; unknown members are an error. Its `repr` shows no token."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"


class _Asking(_Request, frozen=True, forbid_unknown_fields=True):
    """A whole question: which token key its tokens were derived with."""

    key_id: KeyIdText

    def __post_init__(self) -> None:
        if self.key_id.endswith("\n"):  # the `$` of a pattern lets a line feed through
            raise ValueError(_KEY_ID_MISSPELLED)


class CheckSelector(_Request, frozen=True, forbid_unknown_fields=True, gc=False):
    """One selector of a booking: its kind (a claim, for metrics) and its token."""

    kind: SelectorKind
    token: TokenText


class CheckRequest(_Asking, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/check`: the selectors of one booking."""

    key_check: KeyCheckText
    selectors: Annotated[
        list[CheckSelector], msgspec.Meta(min_length=1, max_length=CHECK_MAX_SELECTORS)
    ]


class BulkSelector(_Request, frozen=True, forbid_unknown_fields=True, gc=False):
    """One row: an unknown kind or a malformed token makes this row `invalid`, and no other."""

    kind: str
    token: str


class BulkRequest(_Asking, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/bulk`, as JSON."""

    key_check: KeyCheckText
    selectors: Annotated[
        list[BulkSelector], msgspec.Meta(min_length=1, max_length=BULK_MAX_SELECTORS)
    ]


class PackedSelector(_Request, frozen=True, forbid_unknown_fields=True, gc=False):
    """One row in MessagePack: the token is `bin`."""

    kind: str
    token: bytes


class PackedBulkRequest(_Asking, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/bulk`, as MessagePack: `key_check` and tokens are `bin`."""

    key_check: Annotated[bytes, msgspec.Meta(min_length=8, max_length=8)]
    selectors: Annotated[
        list[PackedSelector], msgspec.Meta(min_length=1, max_length=BULK_MAX_SELECTORS)
    ]


class ListState(msgspec.Struct, frozen=True):
    """Which list an answer was read from, and how fresh it was; times are RFC 3339 UTC."""

    generation: str
    seq: int
    published_at: str
    as_of: str


class Answer(msgspec.Struct, frozen=True):
    """`200` of both routes: one result for each selector, in the order asked.

    `result` is `match` where any selector matches. `receipt` names the journal record; `opening`
    (32 bytes, base64) proves together with the question what was asked and answered: keep both.
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
    """One live token key of the caller; ages in seconds. `null` where no index is loaded."""

    key_id: str
    stretch: StretchState | None
    list: ListState | None
    list_age_s: int | None
    sync_age_s: int | None


class Limits(msgspec.Struct, frozen=True):
    """What the caller may ask; a rate and a daily cap on selectors."""

    check_max_selectors: int
    bulk_max_selectors: int
    selectors_per_second: int
    daily_selectors: int
    daily_selectors_remaining: int


class Parameters(msgspec.Struct, frozen=True):
    """`GET /v1/parameters`: what a client must agree with; no secret.

    `phone_metadata` is the version that the caller's list was built with.
    """

    protocol: str
    normaliser: int
    phone_metadata: str
    partner: str
    scopes: list[str]
    token_keys: list[TokenKeyState]
    limits: Limits


class Question(msgspec.Struct, frozen=True):
    """A parsed request of either route: parallel `kinds` and `tokens`.

    A row that is invalid has the kind "" and the token None: what it named is input, and goes no
    further.
    """

    key_id: str
    key_check: bytes
    kinds: list[str]
    tokens: list[Token | None]

    def __repr__(self) -> str:
        return f"Question({len(self.kinds)} selectors)"


Reading = Generator[None, None, Question]
"""Reads a request and returns the question; at every step others may have a turn."""

_RawRows = Annotated[list[msgspec.Raw], msgspec.Meta(min_length=1, max_length=BULK_MAX_SELECTORS)]


class _Outline(_Asking, frozen=True, forbid_unknown_fields=True):
    """A `BulkRequest` whose rows are still to be read."""

    key_check: KeyCheckText
    selectors: _RawRows


class _PackedOutline(_Asking, frozen=True, forbid_unknown_fields=True):
    """A `PackedBulkRequest` whose rows are still to be read."""

    key_check: Annotated[bytes, msgspec.Meta(min_length=8, max_length=8)]
    selectors: _RawRows


DecodedT = TypeVar("DecodedT")
DecodedT_co = TypeVar("DecodedT_co", covariant=True)


class _Decoder(Protocol[DecodedT_co]):
    def decode(self, body: bytes, /) -> DecodedT_co: ...


_check_decoder = msgspec.json.Decoder(CheckRequest)
_outline_decoder = msgspec.json.Decoder(_Outline)
_rows_decoder = msgspec.json.Decoder(list[BulkSelector])
_packed_outline_decoder = msgspec.msgpack.Decoder(_PackedOutline)
_packed_rows_decoder = msgspec.msgpack.Decoder(list[PackedSelector])
_encode_json = msgspec.json.Encoder().encode
_encode_msgpack = msgspec.msgpack.Encoder().encode
_ROWS_A_STEP: Final = 256
"""About two tenths of a millisecond; 10,000 rows in one step take eight (measured)."""
_TOKEN_CHARACTERS = 44
_LAST_BEFORE_PADDING = frozenset("AEIMQUYcgkosw048")
_KINDS = frozenset(kind.value for kind in SelectorKind)
_MEMBERS = frozenset(CheckRequest.__struct_fields__ + CheckSelector.__struct_fields__)
# msgspec lets the first two through unwrapped, and raises the third on deep nesting.
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def read_check(body: bytes) -> Reading:
    """Read a `/v1/check` body; raises `InvalidRequest`, which never repeats the body."""
    request = _decoded(_check_decoder, body, "JSON")
    require_given_once(body, len(request.selectors))
    yield from ()  # so few rows are one step
    return Question(
        request.key_id,
        binascii.a2b_base64(request.key_check),
        [selector.kind.value for selector in request.selectors],
        [Token(binascii.a2b_base64(selector.token)) for selector in request.selectors],
    )


def read_bulk_json(body: bytes) -> Reading:
    """Read a `/v1/bulk` body in JSON; raises `InvalidRequest`. A bad row is `None`."""
    outline = _decoded(_outline_decoder, body, "JSON")
    question = Question(outline.key_id, binascii.a2b_base64(outline.key_check), [], [])
    for first, raw in _steps(outline.selectors):
        yield
        rows = _decoded(_rows_decoder, _encode_json(raw), "JSON", first)
        found = [_find_token(row.token) if row.kind in _KINDS else None for row in rows]
        _add(question, rows, found)
    require_given_once(body, len(question.tokens))
    return question


def read_bulk_msgpack(body: bytes) -> Reading:
    """Read a `/v1/bulk` body in MessagePack; raises `InvalidRequest`. A bad row is `None`."""
    outline = _decoded(_packed_outline_decoder, body, "MessagePack")
    require_given_once_in_map(body)
    question = Question(outline.key_id, outline.key_check, [], [])
    for first, raw in _steps(outline.selectors):
        yield
        packed = _encode_msgpack(raw)
        rows = _decoded(_packed_rows_decoder, packed, "MessagePack", first)
        require_given_once_in_rows(packed, rows)
        found: list[Token | None] = [
            Token(row.token) if row.kind in _KINDS and len(row.token) == TOKEN_BYTES else None
            for row in rows
        ]
        _add(question, rows, found)
    return question


def _decoded(
    decoder: _Decoder[DecodedT], body: bytes, form: str, first_row: int | None = None
) -> DecodedT:
    try:
        return decoder.decode(body)
    except _UNREADABLE as error:
        raise fault_of(error, form, _MEMBERS, first_row) from None


def _steps(rows: list[msgspec.Raw]) -> Iterator[tuple[int, list[msgspec.Raw]]]:
    for first in range(0, len(rows), _ROWS_A_STEP):
        yield first, rows[first : first + _ROWS_A_STEP]


def _add(
    question: Question, rows: Sequence[BulkSelector | PackedSelector], tokens: list[Token | None]
) -> None:
    question.kinds.extend(
        ["" if token is None else row.kind for row, token in zip(rows, tokens, strict=True)]
    )
    question.tokens.extend(tokens)


def _find_token(text: str) -> Token | None:
    # In two thirds of the time that the pattern takes, which says the same (measured).
    if len(text) != _TOKEN_CHARACTERS or text[-2] not in _LAST_BEFORE_PADDING:
        return None
    try:
        content = binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        return None
    return Token(content) if len(content) == TOKEN_BYTES else None
