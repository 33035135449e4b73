"""The examples of the OpenAPI description; tokens are those of the public vectors."""

from typing import Any, Final

import msgspec

from screening.api.problems import HttpRefused, problem_of
from screening.vocabulary.errors import (
    Forbidden,
    InvalidRequest,
    KitMismatch,
    QuotaExceeded,
    Unauthenticated,
    Unavailable,
)

_TOKEN = "3FyAQP/Rsh5V9XpXogKeAi3/cCtdscFV3sUGtDMI3mg="  # noqa: S105 - from the public vectors
_RECEIPT = "mfrggzdfmztwq2lknnwg23tpoa"
_LIST = {
    "generation": "00000042-9f86d081",
    "seq": 1041,
    "published_at": "2026-11-22T09:00:00Z",
    "as_of": "2026-11-22T09:41:07Z",
}

QUESTION: Final[dict[str, Any]] = {
    "key_id": "acme-2026a",
    "key_check": "PEYRWR/er4Y=",
    "selectors": [{"kind": "phone", "token": _TOKEN}],
}

ANSWER: Final[dict[str, Any]] = {
    "result": "no_match",
    "results": ["no_match"],
    "receipt": _RECEIPT,
    "opening": "MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM=",
    "list": _LIST,
}

PARAMETERS: Final[dict[str, Any]] = {
    "protocol": "screening/v1",
    "normaliser": 1,
    "phone_metadata": "phonenumbers 9.0.42",
    "partner": "acme",
    "scopes": ["check"],
    "token_keys": [
        {
            "key_id": "acme-2026a",
            "stretch": {
                "algorithm": "argon2id",
                "version": 19,
                "iterations": 2,
                "memory_kib": 19456,
                "lanes": 1,
            },
            "list": _LIST,
            "list_age_s": 2467,
            "sync_age_s": 1,
        }
    ],
    "limits": {
        "check_max_selectors": 16,
        "bulk_max_selectors": 10000,
        "selectors_per_second": 20000,
        "daily_selectors": 5000000,
        "daily_selectors_remaining": 4998976,
    },
}

_ERRORS: Final[dict[int, Exception]] = {
    400: InvalidRequest("the body is not what the contract says; see /docs"),
    401: Unauthenticated(),
    403: Forbidden("the API key lacks the scope bulk; ask for a key that has it"),
    409: KitMismatch("salt, secret, stretch or normaliser differ from this list's"),
    429: QuotaExceeded("too many selectors a second", retry_after_s=2),
    503: Unavailable(
        "an answer is not known; never read this as no_match",
        reason="stale",
        matches=(1,),
        receipt=_RECEIPT,
    ),
}


def problem_example(status: int) -> dict[str, Any]:
    """Return a problem as it would leave with this status."""
    problem = problem_of(_ERRORS.get(status) or HttpRefused(status)).problem
    example: dict[str, Any] = msgspec.to_builtins(problem)
    return example
