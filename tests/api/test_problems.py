"""Every refusal of the table in design.md §4, with its status, code, form and headers."""

import base64
import gzip
import hmac
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import msgspec
import pytest

from screening.vocabulary.api_key import new_api_key
from screening.vocabulary.kit import TokenKey
from screening.vocabulary.tokens import Argon2id, NoStretch, Stretch
from tests.api.standing import LISTED, TEST_LISTED, Standing, encode
from tests.harness.deployment import Partner

MEMBERS = {"type", "title", "status", "code", "detail"}


def require_problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Return the problem; fail where it is another one, or not in the form of the contract."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-request-id"]
    problem: dict[str, Any] = response.json()
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["type"] == f"urn:screening:problem:{code}"
    assert problem["title"]
    return problem


def with_checksum(start: str) -> str:
    return f"{start}_{zlib.crc32(start.encode()):08x}"


def strange_keys(partner: Partner) -> dict[str, str | None]:
    """Return Authorization headers that are wrong in every way there is."""
    text = partner.kit.api_key
    mode, key_id, secret = text.split("_")[1:4]
    other_secret = secret[:-1] + ("a" if secret[-1] != "a" else "b")
    other_crc = text[:-1] + ("0" if text[-1] != "0" else "1")
    other_mode = "test" if mode == "live" else "live"
    return {
        "missing": None,
        "empty": "",
        "scheme alone": "Bearer",
        "another scheme": f"Basic {base64.b64encode(text.encode()).decode()}",
        "no scheme": text,
        "malformed": "Bearer gsk_live_short",
        "garbage": "Bearer \xff\xfe{}[]",
        "too long": "Bearer " + "a" * 4_000,
        "unknown": f"Bearer {new_api_key('live').text}",
        "unknown, test": f"Bearer {new_api_key('test').text}",
        "wrong checksum": f"Bearer {other_crc}",
        "wrong secret": f"Bearer {with_checksum(f'gsk_{mode}_{key_id}_{other_secret}')}",
        "wrong mode": f"Bearer {with_checksum(f'gsk_{other_mode}_{key_id}_{secret}')}",
        "upper case": f"Bearer {text.upper()}",
        "two spaces": f"Bearer  {text}",
        "something behind": f"Bearer {text} x",
        "twice": f"Bearer {text}, Bearer {text}",
    }


def test_every_key_that_is_not_accepted_gets_one_identical_answer(standing: Standing) -> None:
    body = encode(standing.checker.body(LISTED[0]))
    answers = set()
    for what, authorization in strange_keys(standing.checker).items():
        headers = {"content-type": "application/json"}
        if authorization is not None:
            headers["authorization"] = authorization
        for response in (
            standing.client.post("/v1/check", content=body, headers=_latin(headers)),
            standing.client.post("/v1/bulk", content=body, headers=_latin(headers)),
            standing.client.get("/v1/parameters", headers=_latin(headers)),
        ):
            assert response.status_code == 401, what
            require_problem(response, 401, "unauthenticated")
            assert response.headers["www-authenticate"] == "Bearer"
            answers.add((response.content, _but_id_and_date(response)))
    assert len(answers) == 1


def test_the_scheme_is_read_in_any_case(standing: Standing) -> None:
    for scheme in ("bearer", "BEARER"):
        headers = {"authorization": f"{scheme} {standing.checker.kit.api_key}"}
        assert standing.client.get("/v1/parameters", headers=headers).status_code == 200


def test_a_key_sent_twice_is_refused(standing: Standing) -> None:
    # A proxy before us may have looked at the other one.
    authorization = standing.checker.headers["authorization"]
    headers = [
        ("authorization", "Bearer x"),
        ("authorization", authorization),
        ("content-type", "application/json"),
    ]
    body = encode(standing.checker.body(LISTED[0]))
    for sent in (headers, headers[1::-1] + headers[2:]):
        response = standing.client.post("/v1/check", content=body, headers=sent)
        require_problem(response, 401, "unauthenticated")


def test_who_is_not_known_learns_nothing_of_their_body(standing: Standing) -> None:
    for body in (b"", b"{", b"x" * 100_000):
        require_problem(standing.post("check", body, None), 401, "unauthenticated")


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


def test_a_method_that_only_looks_is_refused_without_a_body(standing: Standing) -> None:
    for path in ("/v1/check", "/livez"):
        response = standing.client.head(path, headers=standing.checker.headers)
        assert (response.status_code, response.content) == (405, b"")
        assert response.headers["cache-control"] == "no-store"


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
    response = standing.client.post(f"/v1/{route}", content=body, headers=_latin(headers))
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
        headers=_latin(headers | {"content-encoding": coding}),
    )
    require_problem(response, 415, "unsupported_media_type")


@pytest.mark.parametrize("route", ["check", "bulk"])
def test_a_token_key_that_is_not_the_callers_is_unknown(standing: Standing, route: str) -> None:
    own = standing.bulker.body(LISTED[0])
    others = [standing.checker.body(LISTED[0]), standing.tester.body(LISTED[0])]
    unknown = [own | {"key_id": key_id} for key_id in ("nobody-2026a", "bulker-2026b", "0")]
    for body in (*others, *unknown):
        require_problem(standing.post(route, body, standing.bulker), 409, "unknown_key_id")
    # With another's key_id, one's own tokens and key_check are of no use either.
    stolen = own | {"key_id": others[0]["key_id"]}
    require_problem(standing.post(route, stolen, standing.bulker), 409, "unknown_key_id")


def test_a_test_key_is_refused_a_live_token_key_and_the_other_way_round(
    standing: Standing,
) -> None:
    live, test = standing.bulker, standing.tester
    for route in ("check", "bulk"):
        require_problem(standing.post(route, live.body(LISTED[0]), test), 409, "unknown_key_id")
        require_problem(
            standing.post(route, test.body(TEST_LISTED[0]), live), 409, "unknown_key_id"
        )


def _flip(content: bytes) -> bytes:
    return bytes([content[0] ^ 1]) + content[1:]


def _altered(stretch: Stretch, **members: int) -> Stretch:
    assert isinstance(stretch, Argon2id)
    return msgspec.structs.replace(stretch, **members)


ALTERATIONS: dict[str, Callable[[TokenKey], dict[str, Any]]] = {
    "salt": lambda key: {"salt": _flip(key.salt)},
    "secret": lambda key: {"secret": _flip(key.secret)},
    "iterations": lambda key: {"stretch": _altered(key.stretch, iterations=2)},
    "memory": lambda key: {"stretch": _altered(key.stretch, memory_kib=1_032)},
    "lanes": lambda key: {"stretch": _altered(key.stretch, lanes=2)},
    "Argon2 version": lambda key: {"stretch": _altered(key.stretch, version=16)},
    "no stretch": lambda _: {"stretch": NoStretch()},
}


@pytest.mark.parametrize("what", ALTERATIONS)
def test_a_kit_with_any_field_altered_is_told_so_and_never_answered(
    standing: Standing, what: str
) -> None:
    key = standing.bulker.kit.token_key
    altered = msgspec.structs.replace(key, **ALTERATIONS[what](key))
    body = standing.bulker.body(LISTED[0])
    body["key_check"] = base64.b64encode(altered.key_check()).decode()
    for route in ("check", "bulk"):
        require_problem(standing.post(route, body, standing.bulker), 409, "kit_mismatch")


def test_a_client_with_another_normaliser_is_told_so(standing: Standing) -> None:
    key = standing.tester.kit.token_key

    def key_check(normaliser: int) -> str:
        # By hand (protocol.md, stretch "none"): the vocabulary knows one normaliser only.
        password = b"screening/v1/selector\0self-test\0normaliser-%d" % normaliser
        stretched = hmac.digest(key.salt, password, "sha256")
        token = hmac.digest(key.secret, b"screening/v1/token\0" + stretched, "sha256")
        return base64.b64encode(token[:8]).decode()

    body = standing.tester.body(TEST_LISTED[0])
    assert body["key_check"] == key_check(1)
    other = body | {"key_check": key_check(2)}
    require_problem(standing.post("check", other, standing.tester), 409, "kit_mismatch")


def test_every_single_bit_of_the_key_check_counts(standing: Standing) -> None:
    body = standing.tester.body(TEST_LISTED[0])
    genuine = base64.b64decode(body["key_check"])
    for bit in range(64):
        altered = (int.from_bytes(genuine, "big") ^ (1 << bit)).to_bytes(8, "big")
        other = body | {"key_check": base64.b64encode(altered).decode()}
        require_problem(standing.post("check", other, standing.tester), 409, "kit_mismatch")


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


def test_the_daily_cap_is_exact_across_workers_and_lasts_until_midnight(
    standing: Standing,
) -> None:
    def ask(count: int) -> httpx.Response:
        # A connection of its own each time: any worker may answer.
        body = standing.capped.body(*TEST_LISTED[:1] * count)
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
    assert remaining() == 3, "what was refused is not counted"
    assert [ask(1).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert remaining() == 0


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


def _latin(headers: dict[str, str]) -> dict[bytes, bytes]:
    return {name.encode(): value.encode("latin-1") for name, value in headers.items()}


def _but_id_and_date(response: httpx.Response) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, value)
        for name, value in response.headers.items()
        if name not in ("x-request-id", "date")
    )
