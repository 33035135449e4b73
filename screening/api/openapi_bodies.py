"""Bodies, headers and problems in the OpenAPI description, as every operation has them."""

from typing import Any

from screening.api.openapi_examples import Examples, problem_examples
from screening.api.openapi_problems import PROBLEMS


def body_of(schema: str, examples: Examples | None = None) -> dict[str, Any]:
    """Return a body of one media type: its schema's name, and what would travel."""
    body: dict[str, Any] = {"schema": {"$ref": f"#/components/schemas/{schema}"}}
    if examples is not None:
        body["examples"] = {name: {"value": value} for name, value in examples.items()}
    return body


def headers_of_all() -> dict[str, Any]:
    """Return the headers of every answer."""
    return {
        "X-Request-Id": {
            "description": "Names this request in the operator's logs",
            "schema": {"type": "string"},
        },
        "Cache-Control": {"schema": {"const": "no-store"}},
    }


def problems_with(*statuses: int, of_a_question: bool = True) -> dict[str, Any]:
    """Return the problems with these statuses."""
    return {
        str(status): _problem(status, problem_examples(status, of_a_question=of_a_question))
        for status in statuses
    }


def _problem(status: int, examples: Examples) -> dict[str, Any]:
    headers = headers_of_all()
    if status in (429, 503):
        headers["Retry-After"] = {"description": "Seconds", "schema": {"type": "integer"}}
    return {
        "description": PROBLEMS[status],
        "headers": headers,
        "content": {"application/problem+json": body_of("Problem", examples)},
    }
