"""The OpenAPI 3.1 description, made from the wire structs; committed as `openapi/screening.json`.

The questions are plain ASGI routes, so their operations are written here; schemas, limits and
patterns come from `vocabulary/wire.py`, and the problems' codes from `api/problems.py`.
"""

import inspect
import json
import sys
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from screening import __version__
from screening.api import openapi_feedback, openapi_proof
from screening.api.openapi_bodies import body_of, headers_of_all, problems_with
from screening.api.openapi_examples import (
    ANSWERS,
    BATCH_ANSWERS,
    BATCHES,
    PARAMETERS,
    QUESTIONS,
    SECURITY_TXT,
    Examples,
)
from screening.api.openapi_notices import notices_operation
from screening.api.problems import CODES
from screening.api.security_txt import SECURITY_TXT_PATH
from screening.vocabulary.feedback import Feedback, FeedbackRequest
from screening.vocabulary.notices import Notices
from screening.vocabulary.proof import Proof, ReceiptRequest
from screening.vocabulary.wire import (
    BULK_MAX_BODY_BYTES,
    CHECK_MAX_BODY_BYTES,
    Answer,
    BulkRequest,
    CheckRequest,
    PackedBulkRequest,
    Parameters,
    Problem,
)

_MATCH_NOTE = (
    "A match is a lead for a person to review: never refuse automatically, and never react where "
    "the traveller can see it."
)
_READY: Final = "An index is loaded, and looked at anew after a pause; the journal is writable"
_SECONDS: Final = {"format": "date-time", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}
_PROMISES: Final = (
    ("Answer", "receipt", {"pattern": "^[a-z2-7]{26}$"}),
    ("Answer", "opening", {"contentEncoding": "base64", "minLength": 44, "maxLength": 44}),
    ("ListState", "published_at", _SECONDS),
    ("ListState", "as_of", _SECONDS),
    ("Proof", "index", {"minimum": 0}),
    ("Feedback", "receipt", {"pattern": r"^[a-z2-7]{26}\.(0|[1-9][0-9]{0,3})$"}),
    ("Problem", "pointer", {"pattern": "^#(/[a-z_]+|/[0-9]+)*$"}),
)
"""What is promised of the members of answers, beyond their types."""


def build_openapi() -> dict[str, Any]:
    """Return the whole document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Screening",
            "version": __version__,
            "description": "Is this phone, card or e-mail on the list: yes or no. " + _MATCH_NOTE,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"api_key": []}],
        "tags": [
            {"name": "questions", "description": "Ask, and learn what to agree on before"},
            {"name": "host", "description": "For load balancers and monitoring; no API key"},
        ],
        "paths": {
            "/v1/check": {"post": _check()},
            "/v1/bulk": {"post": _bulk()},
            "/v1/receipts/proof": {"post": _proof()},
            "/v1/feedback": {"post": _feedback()},
            "/v1/notices": {"get": notices_operation()},
            "/v1/parameters": {"get": _parameters()},
            "/livez": {"get": _health("The process answers", ready=False)},
            "/readyz": {"get": _health(_READY, ready=True)},
            SECURITY_TXT_PATH: {"get": _security_txt()},
        },
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                "api_key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "`gsk_live_...` or `gsk_test_...`, from the kit",
                }
            },
        },
    }


def _schemas() -> dict[str, Any]:
    _, schemas = msgspec.json.schema_components(
        [
            CheckRequest,
            BulkRequest,
            PackedBulkRequest,
            ReceiptRequest,
            FeedbackRequest,
            Answer,
            Proof,
            Feedback,
            Notices,
            Parameters,
            Problem,
        ],
        ref_template="#/components/schemas/{name}",
    )
    for schema in schemas.values():
        schema["description"] = inspect.cleandoc(schema["description"])
    schemas["Problem"]["properties"]["code"]["enum"] = sorted(CODES)
    # What is bin in MessagePack is base64 in this description, and bound as it is in JSON.
    key_check = schemas["CheckRequest"]["properties"]["key_check"]
    schemas["PackedBulkRequest"]["properties"]["key_check"] |= key_check
    for name, member, promise in _PROMISES:
        schemas[name]["properties"][member] |= promise
    return schemas


def _check() -> dict[str, Any]:
    return {
        "operationId": "check",
        "tags": ["questions"],
        "summary": "Ask about the selectors of one booking",
        "description": f"1-16 selectors, at most {CHECK_MAX_BODY_BYTES} bytes. " + _MATCH_NOTE,
        "requestBody": {
            "required": True,
            "content": {"application/json": body_of("CheckRequest", QUESTIONS)},
        },
        "responses": {
            "200": {
                "description": "One result for each selector, recorded before it left",
                "headers": headers_of_all(),
                "content": {"application/json": body_of("Answer", ANSWERS)},
            },
            **problems_with(400, 401, 403, 405, 406, 408, 409, 413, 415, 429, 503),
        },
    }


def _bulk() -> dict[str, Any]:
    return {
        "operationId": "bulk",
        "tags": ["questions"],
        "summary": "Ask about up to 10,000 selectors",
        "description": (
            f"At most {BULK_MAX_BODY_BYTES} bytes, JSON or MessagePack; the answer follows "
            "`Accept`. A row with an unknown kind or a malformed token is `invalid`: nothing is "
            "known of it, and it does not count in `result`, which is `no_match` where all rows "
            "are `invalid`. Read `results`, row by row. Row i is receipt "
            "`RECEIPT.i`. In MessagePack, `key_check` and tokens are bin, and the answer has a "
            "member `padding` to be ignored. " + _MATCH_NOTE
        ),
        "requestBody": {
            "required": True,
            "content": {
                "application/json": body_of("BulkRequest", BATCHES),
                "application/msgpack": body_of("PackedBulkRequest"),
            },
        },
        "responses": {
            "200": {
                "description": "One result for each row, in the order asked",
                "headers": headers_of_all(),
                "content": {
                    "application/json": body_of("Answer", BATCH_ANSWERS),
                    "application/msgpack": body_of("Answer"),
                },
            },
            **problems_with(400, 401, 403, 405, 406, 408, 409, 413, 415, 429, 503),
        },
    }


def _proof() -> dict[str, Any]:
    return _about_an_answer(
        openapi_proof.OPERATION,
        asked=body_of("ReceiptRequest", openapi_proof.RECEIPTS),
        told=("The record, and what leads from it to a signed checkpoint", "Proof"),
        examples=openapi_proof.PROOFS,
        refusals=openapi_proof.REFUSALS,
    )


def _feedback() -> dict[str, Any]:
    return _about_an_answer(
        openapi_feedback.OPERATION,
        asked=body_of("FeedbackRequest", openapi_feedback.FEEDBACK),
        told=("It was recorded before this left", "Feedback"),
        examples=openapi_feedback.TAKEN,
        refusals=openapi_feedback.REFUSALS,
    )


def _about_an_answer(
    operation: Mapping[str, Any],
    *,
    asked: dict[str, Any],
    told: tuple[str, str],
    examples: Examples,
    refusals: Mapping[str, tuple[str, Examples]],
) -> dict[str, Any]:
    """Return an operation on an answer that was given; `told`: what that means, and its schema."""
    named = {*map(int, refusals), 401, 405, 406, 408, 413, 415, 429}
    refused = problems_with(*sorted(named), of_a_question=False)
    for status, (meaning, shown) in refusals.items():
        refused[status]["description"] = meaning
        refused[status]["content"]["application/problem+json"] = body_of("Problem", shown)
    meaning, schema = told
    return {
        **operation,
        "requestBody": {"required": True, "content": {"application/json": asked}},
        "responses": {
            "200": {
                "description": meaning,
                "headers": headers_of_all(),
                "content": {"application/json": body_of(schema, examples)},
            },
            **refused,
        },
    }


def _parameters() -> dict[str, Any]:
    return {
        "operationId": "parameters",
        "tags": ["questions"],
        "summary": "What a client must agree with, the caller's token keys and limits; no secret",
        "responses": {
            "200": {
                "description": "The parameters",
                "headers": headers_of_all(),
                "content": {"application/json": body_of("Parameters", PARAMETERS)},
            },
            **problems_with(401, 405, 503, of_a_question=False),
        },
    }


def _health(meaning: str, *, ready: bool) -> dict[str, Any]:
    return {
        "operationId": "readyz" if ready else "livez",
        "tags": ["host"],
        "summary": meaning,
        "security": [],
        "responses": {
            "200": {
                "description": meaning,
                "headers": headers_of_all(),
                "content": {
                    "application/json": {
                        "schema": {
                            "type": "object",
                            "properties": {"status": {"const": "ok"}},
                            "required": ["status"],
                        }
                    }
                },
            },
            **problems_with(405, *([503] if ready else []), of_a_question=False),
        },
    }


def _security_txt() -> dict[str, Any]:
    content = {"schema": {"type": "string"}, "examples": {"a contact": {"value": SECURITY_TXT}}}
    return {
        "operationId": "security_txt",
        "tags": ["host"],
        "summary": "Whom to tell of a hole (RFC 9116)",
        "security": [],
        "responses": {
            "200": {
                "description": "The operator's contact, and until when it holds",
                "headers": headers_of_all(),
                "content": {"text/plain": content},
            },
            **problems_with(404, 405, of_a_question=False),
        },
    }


def encode_openapi() -> bytes:
    """Return the document as it is committed and served."""
    return json.dumps(build_openapi(), indent=1, ensure_ascii=False).encode() + b"\n"


if __name__ == "__main__":
    sys.stdout.buffer.write(encode_openapi())
