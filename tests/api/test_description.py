"""The OpenAPI description is true: committed, valid, and what the running server does."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_31

from screening.api.openapi import encode_openapi
from screening.api.problems import CODES
from tests.api.standing import Standing
from tests.harness.deployment import BIN
from tests.harness.metrics import metric

ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "openapi" / "screening.json"
METHODS = ("get", "post")
MAX_EXAMPLES = 80


@pytest.fixture
def document() -> dict[str, Any]:
    committed: dict[str, Any] = json.loads(COMMITTED.read_bytes())
    return committed


def contents(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return every (place, media type object) of the document's bodies."""
    found = []
    for path, item in document["paths"].items():
        for method in METHODS:
            operation = item.get(method, {})
            bodies = {"request": operation.get("requestBody", {}), **operation.get("responses", {})}
            for name, body in bodies.items():
                for media_type, content in body.get("content", {}).items():
                    found.append((f"{method} {path} {name} {media_type}", content))
    return found


def test_the_committed_description_is_the_generated_and_the_served_one(standing: Standing) -> None:
    assert COMMITTED.read_bytes() == encode_openapi(), "run: make openapi"
    assert standing.client.get("/openapi.json").content == COMMITTED.read_bytes()


def test_it_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    jsonschema_rs.Draft202012Validator(OPENAPI_31).validate(document)
    for name, schema in document["components"]["schemas"].items():
        assert jsonschema_rs.meta.is_valid(schema), name


def test_its_examples_are_what_its_schemas_say(document: dict[str, Any]) -> None:
    checked = 0
    for place, content in contents(document):
        schema = content["schema"] | {"components": document["components"]}
        validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
        for name, example in content.get("examples", {}).items():
            assert validator.is_valid(example["value"]), f"{place} {name}"
            checked += 1
    assert checked >= 20


def test_every_question_and_answer_has_an_example(document: dict[str, Any]) -> None:
    bare = [place for place, content in contents(document) if "examples" not in content]
    assert all("msgpack" in place or "livez" in place or "readyz" in place for place in bare), bare


@pytest.mark.parametrize("path", ["/v1/check", "/v1/bulk"])
def test_every_way_that_a_question_may_end_is_shown(document: dict[str, Any], path: str) -> None:
    shown = {
        status: [example["value"] for example in content["examples"].values()]
        for status, response in document["paths"][path]["post"]["responses"].items()
        for media_type, content in response["content"].items()
        if media_type != "application/msgpack"
    }
    assert {answer["result"] for answer in shown["200"]} == {"match", "no_match"}
    codes = {problem["code"] for name, some in shown.items() if name != "200" for problem in some}
    assert codes == CODES - {
        *("internal", "not_found", "no_such_receipt", "no_such_match", "row_not_named"),
    }
    assert any("pointer" in problem for problem in shown["400"])
    told, *_ = (problem for problem in shown["503"] if "matches" in problem)
    assert {"receipt", "opening", "reason"} <= set(told)


def test_all_problems_are_described_as_problems(document: dict[str, Any]) -> None:
    for item in document["paths"].values():
        for method in METHODS:
            for status, response in item.get(method, {}).get("responses", {}).items():
                if int(status) >= 400:
                    assert list(response["content"]) == ["application/problem+json"]
    codes = set(document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"])
    assert codes == CODES


def test_questions_need_a_key_and_health_needs_none(document: dict[str, Any]) -> None:
    assert document["security"] == [{"api_key": []}]
    scheme = document["components"]["securitySchemes"]["api_key"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                assert (item[method].get("security") == []) == (not path.startswith("/v1/"))


@pytest.mark.slow
def test_schemathesis_finds_nothing(standing: Standing, tmp_path: Path) -> None:
    """All checks, with input that the description allows and that it does not."""
    _schemathesis(standing, COMMITTED, tmp_path, "--mode", "all")


@pytest.mark.slow
def test_schemathesis_finds_nothing_in_answers_to_a_caller_whose_kit_fits(
    standing: Standing, document: dict[str, Any], tmp_path: Path
) -> None:
    """The same with key_id and key_check that are the caller's own, else all would be 409."""
    own = standing.tester.body()
    for name in ("CheckRequest", "BulkRequest", "PackedBulkRequest"):
        members = document["components"]["schemas"][name]["properties"]
        for member in ("key_id", "key_check"):
            members[member] = {"type": "string", "const": own[member]}
    for _, content in contents(document):
        content.pop("examples", None)
    description = tmp_path / "own.json"
    description.write_text(json.dumps(document))

    def answered() -> list[float]:
        return [
            metric(standing.api, "screening_latency_seconds_count", route=route)
            for route in ("check", "bulk")
        ]

    before = answered()
    _schemathesis(standing, description, tmp_path, "--mode", "positive")
    check, bulk = (after - then for after, then in zip(answered(), before, strict=True))
    assert check >= MAX_EXAMPLES / 2, "the questions were answered, and the answers examined"
    assert bulk >= MAX_EXAMPLES / 2


# While the index of receipts lacks what was answered a moment ago, a receipt that nobody has is not
# told from one of those: that is the `503` of which the description speaks, and no failure. All
# checks are made unless one is turned off: `--checks all` would take the place of what stands here.
_CONFIGURATION = """
[[operations]]
include-path = "/v1/receipts/proof"
checks.not_a_server_error.expected-statuses = ["2xx", "3xx", "4xx", "503"]

[[operations]]
include-path = "/v1/feedback"
checks.not_a_server_error.expected-statuses = ["2xx", "3xx", "4xx", "503"]
"""


def _schemathesis(standing: Standing, description: Path, folder: Path, *options: str) -> None:
    (folder / "schemathesis.toml").write_text(_CONFIGURATION)
    done = subprocess.run(
        [
            str(BIN / "st"),
            "run",
            str(description),
            *("--url", standing.api.url),
            *("--header", f"Authorization: Bearer {standing.tester.kit.api_key}"),
            # Nothing here depends on what was asked before, so there are no states to walk.
            *("--phases", "examples,coverage,fuzzing"),
            *("--max-examples", str(MAX_EXAMPLES)),
            *("--warnings", "off"),
            *options,
        ],
        capture_output=True,
        text=True,
        cwd=folder,
        env={
            **{name: value for name, value in os.environ.items() if name in ("PATH", "HOME")},
            "SCHEMATHESIS_HOOKS": "tests.api.schemathesis_hooks",
            "PYTHONPATH": str(ROOT),
        },
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8_000:] + done.stderr[-2_000:]
    assert "9 selected / 9 total" in done.stdout
