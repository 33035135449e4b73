"""Every refusal of the table in README.md, with its status, code, form and headers."""

import gzip
from collections.abc import Iterator

import httpx
import msgspec
import pytest

from tests.api.raw_http import latin_headers
from tests.api.refusals import require_problem
from tests.api.standing import LISTED, TEST_LISTED, Standing, encode
from tests.harness.processes import eventually

MEMBERS = {"type", "title", "status", "code", "detail"}


def test_a_key_without_the_scope_is_forbidden(standing: Standing) -> None:
    body = standing.checker.body(LISTED[0])
    require_problem(standing.post("bulk", body, standing.checker), 403, "forbidden")
    assert standing.post("check", body, standing.checker).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/v1",
        "/v1/",
        "/v1/check/x",
        "/v2/check",
        "/metrics",
        "/schema",
        "/docs/x",
        "/%00",
        "/%ff%fe",
        "/docs/assets/%00",
        "/docs/assets/" + "a" * 5_000,
        "/docs/assets/../docs.py",
    ],
)
def test_a_path_that_is_not_there_is_not_found(standing: Standing, path: str) -> None:
    for method in ("GET", "POST"):
        response = standing.client.request(method, path, headers=standing.checker.headers)
        require_problem(response, 404, "not_found")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/v1/check", "POST"),
        ("/v1/bulk", "POST"),
        ("/v1/parameters", "GET"),
        ("/livez", "GET"),
        ("/readyz", "GET"),
        ("/docs", "GET"),
        ("/openapi.json", "GET"),
    ],
)
def test_another_method_is_refused_and_told_which_is_allowed(
    standing: Standing, path: str, allowed: str
) -> None:
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"} - {allowed}:
        response = standing.client.request(method, path, headers=standing.checker.headers)
        require_problem(response, 405, "method_not_allowed")
        assert allowed in response.headers["allow"].split(", ")


def test_head_is_answered_as_get_without_a_body_and_asks_no_question(standing: Standing) -> None:
    headers = standing.checker.headers
    for path in ("/livez", "/readyz", "/docs", "/openapi.json", "/v1/parameters", "/nowhere"):
        looked, got = (standing.client.request(m, path, headers=headers) for m in ("HEAD", "GET"))
        assert (looked.status_code, looked.content) == (got.status_code, b"")
        for name in ("content-type", "content-length", "cache-control"):
            assert looked.headers[name] == got.headers[name]
    looked = standing.client.head("/v1/check", headers=headers)
    assert (looked.status_code, looked.content) == (405, b"")
    assert looked.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("accept", ["text/html", "application/msgpack", "application/json;q=0"])
def test_a_check_in_a_form_that_is_not_offered_is_refused(standing: Standing, accept: str) -> None:
    body = standing.checker.body(LISTED[0])
    response = standing.post("check", body, standing.checker, accept=accept)
    require_problem(response, 406, "not_acceptable")


@pytest.mark.parametrize(("route", "limit"), [("check", 16 * 1024), ("bulk", 2 * 1024 * 1024)])
def test_a_body_may_have_its_limit_and_not_a_byte_more(
    standing: Standing, route: str, limit: int
) -> None:
    body = encode(standing.bulker.body(LISTED[0]))
    full = body + b" " * (limit - len(body))
    assert standing.post(route, full, standing.bulker).status_code == 200
    require_problem(standing.post(route, full + b" ", standing.bulker), 413, "content_too_large")


@pytest.mark.parametrize(("route", "limit"), [("check", 16 * 1024), ("bulk", 2 * 1024 * 1024)])
def test_the_limit_holds_for_a_body_without_a_length_too(
    standing: Standing, route: str, limit: int
) -> None:
    body = encode(standing.bulker.body(LISTED[0]))

    def chunks(size: int) -> Iterator[bytes]:
        yield body
        for start in range(len(body), size, 8_192):
            yield b" " * min(8_192, size - start)

    headers = {"content-type": "application/json", **standing.bulker.headers}
    for size, status in ((limit, 200), (limit + 1, 413)):
        response = standing.client.post(f"/v1/{route}", content=chunks(size), headers=headers)
        assert response.status_code == status


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonx",
        "application/problem+json",
        "application/*",
        "json",
        "\xff",
    ],
)
@pytest.mark.parametrize("route", ["check", "bulk"])
def test_another_media_type_is_refused(standing: Standing, route: str, content_type: str) -> None:
    headers = {"content-type": content_type, **standing.bulker.headers}
    body = encode(standing.bulker.body(LISTED[0]))
    response = standing.client.post(f"/v1/{route}", content=body, headers=latin_headers(headers))
    require_problem(response, 415, "unsupported_media_type")


def test_a_body_without_a_media_type_and_messagepack_for_a_check_are_refused(
    standing: Standing,
) -> None:
    body = standing.bulker.body(LISTED[0])
    response = standing.client.post(
        "/v1/bulk", content=encode(body), headers=standing.bulker.headers
    )
    require_problem(response, 415, "unsupported_media_type")
    packed = msgspec.msgpack.encode(body)
    response = standing.post("check", packed, standing.bulker, content_type="application/msgpack")
    require_problem(response, 415, "unsupported_media_type")


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "identity, gzip", "\xff"])
@pytest.mark.parametrize("route", ["check", "bulk"])
def test_a_compressed_body_is_refused(standing: Standing, route: str, coding: str) -> None:
    headers = {"content-type": "application/json", **standing.bulker.headers}
    response = standing.client.post(
        f"/v1/{route}",
        content=gzip.compress(encode(standing.bulker.body(LISTED[0]))),
        headers=latin_headers(headers | {"content-encoding": coding}),
    )
    require_problem(response, 415, "unsupported_media_type")


@pytest.mark.parametrize("route", ["check", "bulk"])
def test_a_request_that_is_off_the_contract_is_told_the_place(
    standing: Standing, route: str
) -> None:
    row = standing.bulker.body(LISTED[0])["selectors"][0]
    body = standing.bulker.body() | {"selectors": [row, row, {"kind": "phone", "token": 7}]}
    problem = require_problem(standing.post(route, body, standing.bulker), 400, "invalid_request")
    assert problem["detail"] == "selectors[2].token is not a string; see /docs"
    assert problem["pointer"] == "#/selectors/2/token"


def test_who_asks_too_fast_is_told_when_to_come_back(standing: Standing) -> None:
    body = standing.hurried.body() | {"selectors": standing.tester.body(*TEST_LISTED)["selectors"]}
    body["selectors"] *= 10
    # The rate is counted by each worker: at the latest the third request meets one that is full.
    responses = [standing.post("bulk", body, standing.hurried) for _ in range(3)]
    statuses = [response.status_code for response in responses]
    assert statuses[0] == 200, "a full request passes when nothing was asked before it"
    refused = responses[statuses.index(429)]
    require_problem(refused, 429, "quota_exceeded")
    assert 25 <= int(refused.headers["retry-after"]) <= 30


def test_the_daily_budget_is_exact_across_workers_and_lasts_until_midnight(
    standing: Standing,
) -> None:
    numbers = iter(range(100))

    def ask(count: int) -> httpx.Response:
        # A connection of its own each time: any worker may answer.
        some = [("email", f"person-{next(numbers)}@capped.example") for _ in range(count)]
        body = standing.capped.body(*some)
        return httpx.post(
            f"{standing.api.url}/v1/check", json=body, headers=standing.capped.headers
        )

    def remaining() -> int:
        response = standing.client.get("/v1/parameters", headers=standing.capped.headers)
        left: int = response.json()["limits"]["daily_selectors_remaining"]
        return left

    assert remaining() == 5
    assert ask(2).status_code == 200
    refused = ask(4)
    require_problem(refused, 429, "quota_exceeded")
    assert 0 < int(refused.headers["retry-after"]) <= 86_400
    # Workers tell each other what was asked several times a second.
    eventually(lambda: remaining() == 3, what="a count without what was refused")
    for _ in range(3):
        eventually(lambda: ask(1).status_code == 200, what="an answer when no lease is left open")
    eventually(lambda: remaining() == 0, what="a count by all workers")
    assert ask(1).status_code == 429


def test_problems_have_the_members_of_rfc_9457_and_ours_only_where_they_mean_something(
    standing: Standing,
) -> None:
    body = standing.bulker.body(LISTED[0])
    for response in (
        standing.post("check", b"{", standing.bulker),
        standing.post("check", body, None),
        standing.post("check", body | {"key_id": "other"}, standing.bulker),
        standing.client.get("/nowhere"),
    ):
        assert set(response.json()) == MEMBERS
