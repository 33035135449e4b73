"""What is asked, as plain values: each function builds one call, none sends it.

A call carries the reader of its own answer, so that a question and the check of its answer's shape
cannot part.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Literal, TypeVar

import msgspec

from screening.client.answers import BulkAnswer, CheckAnswer
from screening.client.derivation import SelectorToken, TokenSource
from screening.client.replies import (
    Reply,
    read_bulk,
    read_check,
    read_feedback,
    read_notices,
    read_parameters,
    read_proof,
)
from screening.vocabulary.actor import require_actor
from screening.vocabulary.booking_region import require_booking_region
from screening.vocabulary.errors import InvalidRequest
from screening.vocabulary.feedback import OUTCOMES, Feedback, FeedbackRequest, Outcome
from screening.vocabulary.notices import NUMBER_MAX, Notices
from screening.vocabulary.proof import Proof, ReceiptRequest, is_receipt
from screening.vocabulary.wire import (
    BULK_MAX_SELECTORS,
    CHECK_MAX_SELECTORS,
    BulkRequest,
    BulkSelector,
    Parameters,
)

AnswerT = TypeVar("AnswerT")
_MAX_PROOF_BYTES: Final = 4 << 20
"""The largest record has less than 1 MiB, and JSON within JSON may double it."""
_MAX_FEEDBACK_BYTES: Final = 16 << 10
_FEEDBACK_BODY_BYTES: Final = 67
"""What the longest takes: a row of four digits, `confirmed`."""


@dataclass(frozen=True, slots=True)
class Call(Generic[AnswerT]):
    """One request; `read` turns its reply into an answer or raises, and never guesses.

    An answer longer than `max_answer_bytes` is not read to its end.
    """

    method: Literal["GET", "POST"]
    path: str
    read: Callable[[Reply], AnswerT]
    max_answer_bytes: int
    body: bytes = b""

    def __repr__(self) -> str:
        return f"Call({self.method} {self.path})"


def check_call(
    source: TokenSource,
    selectors: Sequence[SelectorToken],
    *,
    actor: str | None = None,
    booking_region: str | None = None,
) -> Call[CheckAnswer]:
    """Ask about one booking: 1-16 selectors."""
    rows = len(selectors)
    if not 1 <= rows <= CHECK_MAX_SELECTORS:
        raise InvalidRequest(f"a check takes 1 to {CHECK_MAX_SELECTORS} selectors; split the call")
    return Call(
        "POST",
        "/v1/check",
        lambda reply: read_check(reply, rows=rows),
        _max_answer_bytes(rows),
        _body(source, selectors, actor, booking_region),
    )


def bulk_call(
    source: TokenSource,
    selectors: Sequence[SelectorToken],
    *,
    actor: str | None = None,
    booking_region: str | None = None,
) -> Call[BulkAnswer]:
    """Ask about 1-10,000 selectors: 80 bytes each, so the body stays far below its 2 MiB."""
    rows = len(selectors)
    if not 1 <= rows <= BULK_MAX_SELECTORS:
        raise InvalidRequest(f"a bulk call takes 1 to {BULK_MAX_SELECTORS:,} selectors; split it")
    if not all(isinstance(row, SelectorToken) for row in selectors):
        raise InvalidRequest("a bulk call takes tokens, and no values; derive them with tokens()")
    return Call(
        "POST",
        "/v1/bulk",
        lambda reply: read_bulk(reply, rows=rows),
        _max_answer_bytes(rows),
        _body(source, selectors, actor, booking_region),
    )


def parameters_call() -> Call[Parameters]:
    """Ask for what a client must agree with, and what it may ask."""
    return Call("GET", "/v1/parameters", read_parameters, max_answer_bytes=64 * 1024)


def proof_call(receipt: str) -> Call[Proof]:
    """Ask for what shows that the record of an answer is in the log of the host that gave it."""
    return Call(
        "POST",
        "/v1/receipts/proof",
        read_proof,
        _MAX_PROOF_BYTES,
        msgspec.json.encode(ReceiptRequest(receipt=receipt)),
    )


def feedback_call(receipt: str, outcome: Outcome) -> Call[Feedback]:
    """Say what became of a match; the body has one length, whatever is said of which row."""
    if not is_receipt(receipt):
        raise InvalidRequest(
            "a receipt has 26 characters of a-z and 2-7, and a row's a point and its number behind "
            "them; check what you gave"
        )
    if outcome not in OUTCOMES:
        raise InvalidRequest(f"the outcome must be one of {', '.join(OUTCOMES)}")
    said = FeedbackRequest(receipt=receipt, outcome=outcome)
    return Call(
        "POST",
        "/v1/feedback",
        lambda reply: read_feedback(reply, said=said),
        _MAX_FEEDBACK_BYTES,
        msgspec.json.encode(said).ljust(_FEEDBACK_BODY_BYTES),
    )


def notices_call(after: int) -> Call[Notices]:
    """Ask for what to hear of matches that were told."""
    if not 0 <= after <= NUMBER_MAX:
        raise InvalidRequest("after must be the next of the last answer, or 0 for all")
    return Call(
        "GET",
        f"/v1/notices?after={after}",
        lambda reply: read_notices(reply, after=after),
        max_answer_bytes=64 * 1024,
    )


def _max_answer_bytes(rows: int) -> int:
    # A result takes 11 bytes, padding may double it, and the other members take less than 1 KiB.
    return 16 * 1024 + 64 * rows


def _body(
    source: TokenSource,
    selectors: Sequence[SelectorToken],
    actor: str | None,
    booking_region: str | None,
) -> bytes:
    # Both routes take one shape, and this struct encodes it for either.
    request = BulkRequest(
        key_id=source.key_id,
        key_check=source.key_check,
        selectors=[BulkSelector(kind=row.kind.value, token=row.base64()) for row in selectors],
        actor=msgspec.UNSET if actor is None else require_actor(actor),
        booking_region=(
            msgspec.UNSET if booking_region is None else require_booking_region(booking_region)
        ),
    )
    return msgspec.json.encode(request)
