"""The OpenAPI 3.1 description, made from the wire structs; committed as `openapi/screening.json`.

The questions are plain ASGI routes, so their operations are written here; schemas, limits and
patterns come from `vocabulary/wire.py`, and the problems' codes from `api/problems.py`.
"""

import inspect
import json
import sys
from typing import Any, Final

import msgspec

from screening import __version__
from screening.api.openapi_examples import (
    ANSWERS,
    BATCH_ANSWERS,
    BATCHES,
    PARAMETERS,
    QUESTIONS,
    SECURITY_TXT,
    Examples,
    problem_examples,
)
from screening.api.openapi_problems import PROBLEMS
from screening.api.openapi_proof import OPERATION, PROOFS, RECEIPTS, REFUSALS
from screening.api.problems import CODES
from screening.api.security_txt import SECURITY_TXT_PATH
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
_SECONDS: Final = {"format": "date-time", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}
_PROMISES: Final = (
    ("Answer", "receipt", {"pattern": "^[a-z2-7]{26}$"}),
    ("Answer", "opening", {"contentEncoding": "base64", "minLength": 44, "maxLength": 44}),
    ("ListState", "published_at", _SECONDS),
    ("ListState", "as_of", _SECONDS),
    ("Proof", "index", {"minimum": 0}),
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
            "/v1/parameters": {"get": _parameters()},
            "/livez": {"get": _health("The process answers", ready=False)},
            "/readyz": {
                "get": _health("An index is loaded and the journal is writable", ready=True)
            },
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
            Answer,
            Proof,
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
            "content": {"application/json": _content("CheckRequest", QUESTIONS)},
        },
        "responses": {
            "200": {
                "description": "One result for each selector, recorded before it left",
                "headers": _headers(),
                "content": {"application/json": _content("Answer", ANSWERS)},
            },
            **_problems(400, 401, 403, 405, 406, 408, 409, 413, 415, 429, 503),
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
                "application/json": _content("BulkRequest", BATCHES),
                "application/msgpack": _content("PackedBulkRequest"),
            },
        },
        "responses": {
            "200": {
                "description": "One result for each row, in the order asked",
                "headers": _headers(),
                "content": {
                    "application/json": _content("Answer", BATCH_ANSWERS),
                    "application/msgpack": _content("Answer"),
                },
            },
            **_problems(400, 401, 403, 405, 406, 408, 409, 413, 415, 429, 503),
        },
    }


def _proof() -> dict[str, Any]:
    refused = _problems(400, 401, 404, 405, 406, 408, 413, 415, 429, 503, of_a_question=False)
    for status, (meaning, examples) in REFUSALS.items():
        refused[status]["description"] = meaning
        refused[status]["content"]["application/problem+json"] = _content("Problem", examples)
    asked, told = _content("ReceiptRequest", RECEIPTS), _content("Proof", PROOFS)
    found = "The record, and what leads from it to a signed checkpoint"
    return {
        **OPERATION,
        "requestBody": {"required": True, "content": {"application/json": asked}},
        "responses": {
            "200": {
                "description": found,
                "headers": _headers(),
                "content": {"application/json": told},
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
                "headers": _headers(),
                "content": {"application/json": _content("Parameters", PARAMETERS)},
            },
            **_problems(401, 405, 503, of_a_question=False),
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
                "headers": _headers(),
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
            **_problems(405, *([503] if ready else []), of_a_question=False),
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
                "headers": _headers(),
                "content": {"text/plain": content},
            },
            **_problems(404, 405, of_a_question=False),
        },
    }


def _content(schema: str, examples: Examples | None = None) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": {"$ref": f"#/components/schemas/{schema}"}}
    if examples is not None:
        content["examples"] = {name: {"value": value} for name, value in examples.items()}
    return content


def _headers() -> dict[str, Any]:
    return {
        "X-Request-Id": {
            "description": "Names this request in the operator's logs",
            "schema": {"type": "string"},
        },
        "Cache-Control": {"schema": {"const": "no-store"}},
    }


def _problems(*statuses: int, of_a_question: bool = True) -> dict[str, Any]:
    return {
        str(status): _problem(status, problem_examples(status, of_a_question=of_a_question))
        for status in statuses
    }


def _problem(status: int, examples: Examples) -> dict[str, Any]:
    headers = _headers()
    if status in (429, 503):
        headers["Retry-After"] = {"description": "Seconds", "schema": {"type": "integer"}}
    return {
        "description": PROBLEMS[status],
        "headers": headers,
        "content": {"application/problem+json": _content("Problem", examples)},
    }


def encode_openapi() -> bytes:
    """Return the document as it is committed and served."""
    return json.dumps(build_openapi(), indent=1, ensure_ascii=False).encode() + b"\n"


if __name__ == "__main__":
    sys.stdout.buffer.write(encode_openapi())
