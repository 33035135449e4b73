"""Errors -> HTTP problem details (RFC 9457); the only place with status codes."""

from dataclasses import dataclass
from typing import Final

import msgspec
from litestar.exceptions import HTTPException

from screening.api.quotas.headers import refusal_headers
from screening.connections.http_connection import UNREADABLE_REQUEST
from screening.connections.refused import HttpRefused
from screening.vocabulary.errors import (
    Forbidden,
    InvalidRequest,
    KitMismatch,
    LedgerFull,
    LedgerUnavailable,
    MatchNotFound,
    NotSignedYet,
    QuotaExceeded,
    ReceiptNotFound,
    RowNotNamed,
    ScreeningError,
    StoreUnavailable,
    Unauthenticated,
    Unavailable,
    UnavailableReason,
    UnknownKeyId,
    Untrusted,
)
from screening.vocabulary.wire import Problem

PROBLEM_JSON: Final = b"application/problem+json"
_TYPE_PREFIX: Final = "urn:screening:problem:"
_RETRY_AFTER_S: Final = 1
_SIGNED_WITHIN_S: Final = 2

_BY_ERROR: Final[dict[type[ScreeningError], tuple[int, str, str]]] = {
    InvalidRequest: (400, "invalid_request", "The request is not what the contract says"),
    Unauthenticated: (401, "unauthenticated", "The API key is not accepted"),
    Forbidden: (403, "forbidden", "The API key lacks the scope"),
    UnknownKeyId: (409, "unknown_key_id", "The token key is not yours or is retired"),
    KitMismatch: (409, "kit_mismatch", "The kit does not fit this list"),
    ReceiptNotFound: (404, "no_such_receipt", "There is no such receipt"),
    MatchNotFound: (404, "no_such_match", "There is no such match"),
    RowNotNamed: (409, "row_not_named", "Which row is meant is not said"),
    QuotaExceeded: (429, "quota_exceeded", "Too much was asked"),
    NotSignedYet: (503, "unavailable", "The record is not known yet"),
    Unavailable: (503, "unavailable", "The answer is not known"),
    StoreUnavailable: (503, "unavailable", "The answer is not known"),
    Untrusted: (503, "unavailable", "The answer is not known"),
    LedgerUnavailable: (503, "unavailable", "The answer is not known"),
}
_NOT_KNOWN: Final[dict[UnavailableReason, str]] = {
    "index": "no list is loaded for this token key; ask again later",
    "stale": "the list is too old for a no; ask again later",
    "audit": "the answer cannot be recorded, so it is not given; ask again later",
    "overloaded": "too much is asked at this moment; ask again in a moment",
    "store": "not all of it can be read at this moment; ask again in a moment",
}
_NOT_SIGNED: Final = (
    "the record is not in a signed checkpoint yet, or not all is here; ask again in 2 seconds"
)
_BY_STATUS: Final = {
    404: ("not_found", "There is nothing at this path", "see /docs for the paths"),
    405: ("method_not_allowed", "The method is not allowed here", "see the Allow header"),
    406: ("not_acceptable", "No acceptable form of the answer", "accept application/json"),
    408: ("request_timeout", "The request did not arrive in time", "send the request at once"),
    413: ("content_too_large", "The body is too large", "a check has 16 KiB at most, bulk 2 MiB"),
    415: (
        "unsupported_media_type",
        "The media type is not read here",
        "send plain application/json",
    ),
}
_INTERNAL: Final = (
    "internal",
    "Something went wrong here",
    "the answer is not known; tell the operator the X-Request-Id",
)
CODES: Final = frozenset(
    {code for _, code, _ in _BY_ERROR.values()}
    | {code for code, _, _ in _BY_STATUS.values()}
    | {"internal"}
)


@dataclass(frozen=True, slots=True)
class ProblemResponse:
    """A problem as it leaves: status, headers, body."""

    problem: Problem
    headers: list[tuple[bytes, bytes]]

    @property
    def status(self) -> int:
        """Its status code."""
        return self.problem.status

    @property
    def body(self) -> bytes:
        """The body in JSON."""
        return msgspec.json.encode(self.problem)


def problem_of(error: Exception) -> ProblemResponse:
    """Return the problem for any error at all; nothing of the request is in it."""
    headers = [(b"content-type", PROBLEM_JSON)]
    if isinstance(error, ScreeningError):
        problem = _screening_problem(error)
        if isinstance(error, QuotaExceeded):
            headers.append((b"retry-after", b"%d" % error.retry_after_s))
            headers += refusal_headers(error)
        elif problem.status == 503:
            signs = isinstance(error, NotSignedYet)
            headers.append(
                (b"retry-after", b"%d" % (_SIGNED_WITHIN_S if signs else _RETRY_AFTER_S))
            )
        elif problem.status == 401:
            headers.append((b"www-authenticate", b"Bearer"))
    elif isinstance(error, HttpRefused):
        problem = _http_problem(error.status)
        if error.allow:
            headers.append((b"allow", error.allow.encode()))
    elif isinstance(error, HTTPException):
        problem = _http_problem(error.status_code)
        allow = (error.headers or {}).get("allow")
        if allow:
            headers.append((b"allow", allow.encode()))
    else:
        problem = _http_problem(500)
    return ProblemResponse(problem, headers)


def _screening_problem(error: ScreeningError) -> Problem:
    known = next((_BY_ERROR[kind] for kind in type(error).__mro__ if kind in _BY_ERROR), None)
    if known is None:  # of the operator's side: no route lets one through
        return _http_problem(500)
    status, code, title = known
    if status != 503:
        pointer = error.pointer if isinstance(error, InvalidRequest) else None
        return Problem(_TYPE_PREFIX + code, title, status, code, str(error), pointer=pointer)
    reason = _reason(error)
    # What went wrong here is for the log: a partner is told what it means for the answer.
    detail = _NOT_SIGNED if isinstance(error, NotSignedYet) else _NOT_KNOWN[reason]
    problem = Problem(_TYPE_PREFIX + code, title, status, code, detail, reason)
    if isinstance(error, Unavailable) and error.matches:
        return msgspec.structs.replace(
            problem, matches=list(error.matches), receipt=error.receipt, opening=error.opening
        )
    return problem


def _reason(error: ScreeningError) -> UnavailableReason:
    match error:
        case Unavailable():
            return error.reason
        case LedgerFull():
            return "overloaded"
        case LedgerUnavailable():
            return "audit"
        case _:
            return "store"


def _http_problem(status: int) -> Problem:
    if status not in _BY_STATUS:
        status = 400 if status < 500 else 500
    if status == 400:
        return _screening_problem(InvalidRequest(UNREADABLE_REQUEST))
    code, title, detail = _BY_STATUS.get(status, _INTERNAL)
    return Problem(_TYPE_PREFIX + code, title, status, code, detail)
