"""What came back, read strictly: an answer that is exactly the contract's, or an error.

Pure. Whatever is not the contract (openapi/screening.json) - a missing member, a result for a row
that was not asked, a page of a proxy - is `Unknown`, never "no".
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, TypeVar, get_args

import msgspec

from screening.client.answers import BulkAnswer, CheckAnswer
from screening.vocabulary.errors import (
    Forbidden,
    InvalidRequest,
    KitMismatch,
    MatchNotFound,
    QuotaExceeded,
    QuotaPolicy,
    ReceiptNotFound,
    RowNotNamed,
    ScreeningError,
    Unauthenticated,
    Unknown,
    UnknownKeyId,
)
from screening.vocabulary.feedback import Feedback, FeedbackRequest
from screening.vocabulary.notices import Notices
from screening.vocabulary.proof import Proof, is_row
from screening.vocabulary.unreadable import UNREADABLE
from screening.vocabulary.wire import Answer, Parameters, Problem, Verdict

RETRY_AFTER_DEFAULT_S: Final = 60
"""How long to wait after a 429 that does not say: a minute, the usual window of a gateway."""

_MORE_THAN_AGREED: Final = (
    "more was asked than agreed; ask again in {} s, or ask for a higher limit"
)
_USED_UP: Final[Mapping[QuotaPolicy | None, str]] = {
    "second": "more was asked in a second than agreed; ask again in {} s",
    "key": "more was asked in a second than agreed for this API key; ask again in {} s",
    "day": "as many different selectors were asked as agreed for a day; ask again in {} s",
    "matches": "so much of what was asked has matched that your operator has to look at it first: "
    "write to them, or ask about fewer at a time",
}
"""Sentences of our own: nothing that a server has written is shown."""

DecodedT = TypeVar("DecodedT")

_answer_decoder = msgspec.json.Decoder(Answer)
_parameters_decoder = msgspec.json.Decoder(Parameters)
_proof_decoder = msgspec.json.Decoder(Proof)
_notices_decoder = msgspec.json.Decoder(Notices)
_feedback_decoder = msgspec.json.Decoder(Feedback)
_problem_decoder = msgspec.json.Decoder(Problem)
_PROBLEM_TYPE = "application/problem+json"
_RECEIPT = re.compile(r"[a-z2-7]{26}")
_OPENING = re.compile(r"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=")
_PLAIN_CHARACTERS = 64
_SECONDS = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP reply, read to its end; `content_type` is lower case and without parameters."""

    status: int
    content_type: str
    retry_after: str
    ratelimit: str
    body: bytes = field(repr=False)


def read_check(reply: Reply, *, rows: int) -> CheckAnswer:
    """Return the answer about a booking of `rows` selectors, or raise what the reply means."""
    answer = _screening_answer(reply, rows)
    verdicts: list[Verdict] = [result for result in answer.results if result != "invalid"]
    if len(verdicts) != rows:
        raise off_contract()
    return CheckAnswer(answer.result, tuple(verdicts), answer.receipt, answer.opening, answer.list)


def read_bulk(reply: Reply, *, rows: int) -> BulkAnswer:
    """Return the answer about `rows` rows, or raise what the reply means."""
    answer = _screening_answer(reply, rows)
    return BulkAnswer(
        answer.result, tuple(answer.results), answer.receipt, answer.opening, answer.list
    )


def read_parameters(reply: Reply) -> Parameters:
    """Return what the API states about itself and this caller, or raise what the reply means."""
    stated = _decoded(reply, _parameters_decoder, rows=0)
    if not _are_plain(stated.phone_metadata):
        raise off_contract()
    return stated


def read_proof(reply: Reply) -> Proof:
    """Return the proof of a record, of which nothing is verified yet, or raise what it means."""
    problem = _problem(reply)
    if reply.status == 404 and problem is not None and problem.code == "no_such_receipt":
        raise ReceiptNotFound
    if reply.status == 503 and problem is not None and problem.reason == "audit":
        raise Unknown(
            "the record is not in a signed checkpoint yet; ask again in 2 seconds",
            reason="audit",
            retry_after_s=_seconds(reply.retry_after),
        )
    return _decoded(reply, _proof_decoder, rows=0)


def read_feedback(reply: Reply, *, said: FeedbackRequest) -> Feedback:
    """Return what is on record now, which is what was said, or raise what the reply means."""
    problem = _problem(reply)
    if reply.status == 404 and problem is not None and problem.code == "no_such_match":
        raise MatchNotFound
    taken = _decoded(reply, _feedback_decoder, rows=0)
    whole, _, row = taken.receipt.partition(".")
    is_of_row = is_row(taken.receipt) and said.row in (None, int(row))
    if whole != said.whole or not is_of_row or taken.outcome != said.outcome:
        raise off_contract()
    return taken


def read_notices(reply: Reply, *, after: int) -> Notices:
    """Return the notices behind a number, in their order, or raise what the reply means."""
    told = _decoded(reply, _notices_decoder, rows=0)
    numbers = [after, *(one.number for one in told.notices)]
    are_in_order = all(one < other for one, other in pairwise(numbers))
    are_rows = all(is_row(one.receipt) for one in told.notices)
    is_followed = told.next == numbers[-1] and (bool(told.notices) or not told.has_more)
    if not (are_in_order and are_rows and is_followed):
        raise off_contract()
    if not _are_plain(*(one.at for one in told.notices)):
        raise off_contract()
    return told


def off_contract() -> Unknown:
    """Return the error of a reply that this client cannot vouch for."""
    return Unknown(
        "the reply is not a screening answer; check the kit's api_url and the client's version",
        reason="protocol",
    )


def _screening_answer(reply: Reply, rows: int) -> Answer:
    answer = _decoded(reply, _answer_decoder, rows=rows)
    # The summary is derived once more, so that a flipped or lost row cannot hide behind it.
    summary = "match" if "match" in answer.results else "no_match"
    if (
        len(answer.results) != rows
        or answer.result != summary
        or not _RECEIPT.fullmatch(answer.receipt)
        or not _OPENING.fullmatch(answer.opening)
        or not _are_plain(answer.list.generation, answer.list.published_at, answer.list.as_of)
    ):
        raise off_contract()
    return answer


def _are_plain(*texts: str) -> bool:
    # These are shown to people: an escape sequence would act on their terminal.
    return all(text.isprintable() and len(text) <= _PLAIN_CHARACTERS for text in texts)


def _decoded(reply: Reply, decoder: msgspec.json.Decoder[DecodedT], *, rows: int) -> DecodedT:
    if reply.status != 200:
        raise _refusal(reply, rows)
    if reply.content_type == "application/json":
        with suppress(*UNREADABLE):
            return decoder.decode(reply.body)
    # Raised outside of any handler: no error that knows the reply hangs on to this one.
    raise off_contract()


def _refusal(reply: Reply, rows: int) -> ScreeningError:  # noqa: PLR0911 - a table, one line each
    match reply.status:
        case 400 | 413:
            return InvalidRequest("the API refused the request's form; upgrade the client")
        case 401:
            return Unauthenticated()
        case 403:
            return Forbidden("the API key lacks the scope for this; ask for it, or for a new kit")
        case 409:
            return _conflict(reply)
        case 429:
            retry_after_s = _seconds(reply.retry_after) or RETRY_AFTER_DEFAULT_S
            policy = _policy(reply.ratelimit)
            sentence = _USED_UP.get(policy, _MORE_THAN_AGREED).format(retry_after_s)
            return QuotaExceeded(sentence, retry_after_s=retry_after_s, policy=policy)
        case 502 | 503 | 504:
            return _unavailable(reply, rows)
        case _:
            return off_contract()


def _policy(ratelimit: str) -> QuotaPolicy | None:
    """Return which budget `RateLimit` names first; None for none that we know."""
    named = ratelimit.partition(";")[0].strip()
    return next((policy for policy in get_args(QuotaPolicy) if named == f'"{policy}"'), None)


def _conflict(reply: Reply) -> ScreeningError:
    problem = _problem(reply)
    match problem.code if problem is not None else None:
        case "unknown_key_id":
            return UnknownKeyId("the kit's key_id is retired or not this key's; ask for a new kit")
        case "kit_mismatch":
            return KitMismatch(
                "this kit derives tokens that match nothing; restore the kit as it was given, "
                "or ask for a new one"
            )
        case "row_not_named":
            return RowNotNamed()
        case _:
            return off_contract()


def _unavailable(reply: Reply, rows: int) -> Unknown:
    retry_after_s = _seconds(reply.retry_after)
    if reply.content_type != _PROBLEM_TYPE:
        return Unknown(
            "a gateway before the API has no answer; ask again later",
            reason="connection",
            retry_after_s=retry_after_s,
        )
    problem = _problem(reply)
    if problem is None or problem.reason is None:
        return off_contract()
    matches = tuple(problem.matches or ())
    if matches and not _are_certain(matches, problem.receipt, rows):
        return off_contract()
    return Unknown(
        f"the API has no answer now (reason: {problem.reason}); ask again later",
        reason=problem.reason,
        retry_after_s=retry_after_s,
        matches=matches,
        receipt=problem.receipt if matches else None,
        # A lead is worth keeping even where its proof is not as it should be.
        opening=problem.opening if matches and _OPENING.fullmatch(problem.opening or "") else None,
    )


def _are_certain(matches: tuple[int, ...], receipt: str | None, rows: int) -> bool:
    return (
        all(0 <= index < rows for index in matches)
        and receipt is not None
        and _RECEIPT.fullmatch(receipt) is not None
    )


def _problem(reply: Reply) -> Problem | None:
    if reply.content_type != _PROBLEM_TYPE:
        return None
    try:
        return _problem_decoder.decode(reply.body)
    except UNREADABLE:
        return None


def _seconds(text: str) -> int | None:
    return int(text) if _SECONDS.fullmatch(text) else None
