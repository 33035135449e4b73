"""The examples of the OpenAPI description; tokens are those of the public vectors."""

from typing import Any, Final

import msgspec

from screening.api.kit_mismatch import kit_mismatch
from screening.api.problems import problem_of
from screening.api.quotas.exceeded import (
    TooFast,
    day_is_used_up,
    held,
    too_fast_with_this_key,
)
from screening.connections.refused import HttpRefused
from screening.vocabulary.errors import (
    Forbidden,
    InvalidRequest,
    Unauthenticated,
    Unavailable,
    UnknownKeyId,
)

# Tokens, key_check and opening are those of the public vectors (tests/vectors/tokens.json).
_PHONE: Final = {"kind": "phone", "token": "3FyAQP/Rsh5V9XpXogKeAi3/cCtdscFV3sUGtDMI3mg="}
_EMAIL: Final = {"kind": "email", "token": "MMku+cbgUqs3yqsmDswab4jf4ujdLYTh+ZmkEIBVzDE="}
_OPENING: Final = "MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM="
_RECEIPT = "mfrggzdfmztwq2lknnwg23tpoa"
_LIST = {
    "generation": "00000042-9f86d081",
    "seq": 1041,
    "published_at": "2026-11-22T09:00:00Z",
    "as_of": "2026-11-22T09:41:07Z",
}

Examples = dict[str, dict[str, Any]]
"""Name -> what would travel."""

QUESTIONS: Final[Examples] = {
    "a booking with a phone and an e-mail": {
        "key_id": "acme-2026a",
        "key_check": "PEYRWR/er4Y=",
        "selectors": [_PHONE, _EMAIL],
        "actor": "desk-7f3a",
        "booking_region": "DE",
    }
}

BATCHES: Final[Examples] = {
    "three accounts, one of them malformed": {
        "key_id": "acme-2026a",
        "key_check": "PEYRWR/er4Y=",
        "selectors": [_PHONE, _EMAIL, {"kind": "phone", "token": "+12025550142"}],
    }
}


def _answer(result: str, *results: str) -> dict[str, Any]:
    return {
        "result": result,
        "results": list(results),
        "receipt": _RECEIPT,
        "opening": _OPENING,
        "list": _LIST,
    }


ANSWERS: Final[Examples] = {
    "no match": _answer("no_match", "no_match", "no_match"),
    "a match, for review by a person": _answer("match", "no_match", "match"),
}
BATCH_ANSWERS: Final[Examples] = {
    "no match, and an invalid row": _answer("no_match", "no_match", "no_match", "invalid"),
    "a match, for review by a person, and an invalid row": _answer(
        "match", "no_match", "match", "invalid"
    ),
}

_PARAMETERS: Final[dict[str, Any]] = {
    "protocol": "screening/v1",
    "normaliser": 1,
    "phone_metadata": "phonenumbers 9.0.42",
    "partner": "acme",
    "scopes": ["check"],
    "token_keys": [
        {
            "key_id": "acme-2026a",
            "normaliser": 1,
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
        "burst_selectors": 20000,
        "matches_per_30_days": 1000,
        "matches_remaining": 988,
    },
    "log_key": (
        "api-1.operator.example/journal+9757f84a+AckfLE3ZlpHQv+unPy1VTVxuMr2EqqNJDvShoispOmIg"
    ),
}

PARAMETERS: Final[Examples] = {"of a key that may check": _PARAMETERS}

SECURITY_TXT: Final = (
    "Contact: mailto:security@operator.example\n"
    "Expires: 2027-06-30T00:00:00Z\n"
    "Preferred-Languages: en\n"
)

_NOT_ASKED: Final = Unavailable("no list is loaded", reason="index")
_NOT_KNOWN: Final = "an answer is not known; never read this as no_match"

_ERRORS: Final[dict[int, dict[str, Exception]]] = {
    400: {
        "a member that is off the contract": InvalidRequest(
            "selectors[1].token is not spelled as the contract says; see /docs",
            pointer="#/selectors/1/token",
        ),
        "no JSON at all": InvalidRequest("the body is not JSON; see /docs"),
    },
    401: {"unauthenticated": Unauthenticated()},
    403: {"forbidden": Forbidden("the API key lacks the scope bulk; ask for a key that has it")},
    409: {
        "unknown_key_id": UnknownKeyId(
            "the token key is not yours or is retired; ask for a new kit"
        ),
        "kit_mismatch": kit_mismatch(),
    },
    429: {
        "too fast": TooFast(1.5),
        "too fast for this key": too_fast_with_this_key(2),
        "the day's budget": day_is_used_up(9_000),
        "a person has to look at it": held(),
    },
    503: {
        "nothing is known": Unavailable(_NOT_KNOWN, reason="stale"),
        "a match is certain, the rest is not known": Unavailable(
            _NOT_KNOWN, reason="store", matches=(1,), receipt=_RECEIPT, opening=_OPENING
        ),
    },
}


def problem_examples(status: int, *, of_a_question: bool) -> Examples:
    """Return problems as they would leave with this status.

    Where nothing is asked about selectors, there are no matches in a 503.
    """
    errors = _ERRORS.get(status) or {"refused": HttpRefused(status)}
    if status == 503 and not of_a_question:
        errors = {"no list is loaded": _NOT_ASKED}
    return {name: problem_example(error) for name, error in errors.items()}


def problem_example(error: Exception) -> dict[str, Any]:
    """Return the problem that an error becomes."""
    example: dict[str, Any] = msgspec.to_builtins(problem_of(error).problem)
    return example
