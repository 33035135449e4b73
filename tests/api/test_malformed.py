"""Whatever is sent: never a 5xx, always our form of a refusal, and nothing of it comes back."""

import base64
import json
import string
from collections.abc import Sequence
from typing import Any, Final

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.journal_records import bytes_below
from tests.api.raw_http import Connection, RawResponse, request_head
from tests.api.standing import TEST_LISTED, Standing, encode

CANARY: Final = "canary9f31c0de"
CARD: Final = "6011 0009 9013 9424"  # a scheme's test card, which no list here holds
MSGPACK = "application/msgpack"

fuzzed = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

routes = st.sampled_from(["check", "bulk"])
media_types = st.sampled_from(["application/json", MSGPACK])


def require_nothing_back(content: bytes) -> None:
    """Fail where the canary, in any spelling a library would give it, is in `content`."""
    spelled = content.lower()
    for form in (CANARY.encode(), CANARY.encode().hex().encode()):
        assert form not in spelled
    assert base64.b64encode(CANARY.encode())[:-4].lower() not in spelled


def require_safe(response: httpx.Response | RawResponse, *statuses: int) -> None:
    """Fail for a 5xx, a refusal that is not in our form, or an echo."""
    if isinstance(response, RawResponse):
        status, headers, content = response.status, response.headers, response.body
    else:
        status, headers = response.status_code, dict(response.headers)
        content = response.content
    assert status < 500, content
    assert not statuses or status in statuses, (status, content)
    assert headers["cache-control"] == "no-store"
    assert headers["x-request-id"]
    require_nothing_back(content + json.dumps(headers).encode())
    if status >= 400:
        assert headers["content-type"] == "application/problem+json"
        problem = json.loads(content)
        assert problem["status"] == status
        assert problem["code"]


def ask(
    standing: Standing, route: str, body: bytes, content_type: str = "application/json"
) -> httpx.Response:
    response = standing.post(route, body, standing.tester, content_type=content_type)
    require_safe(response)
    return response


def question(standing: Standing) -> dict[str, Any]:
    return standing.tester.body(*TEST_LISTED)


def packed_question(standing: Standing) -> bytes:
    body = question(standing)
    rows = [
        {"kind": row["kind"], "token": base64.b64decode(row["token"])} for row in body["selectors"]
    ]
    key_check = base64.b64decode(body["key_check"])
    return msgspec.msgpack.encode(body | {"key_check": key_check, "selectors": rows})


@fuzzed
@given(route=routes, content_type=media_types, noise=st.binary(max_size=300), place=st.integers(0))
def test_bytes_of_any_sort_are_refused(
    standing: Standing, route: str, content_type: str, noise: bytes, place: int
) -> None:
    at = place % (len(noise) + 1)
    body = noise[:at] + CANARY.encode() + noise[at:]
    response = ask(standing, route, body, content_type)
    json_only = route == "check" and content_type == MSGPACK
    assert response.status_code == (415 if json_only else 400)


edits = st.lists(
    st.tuples(
        st.integers(0),
        st.integers(0, 3),
        st.one_of(
            st.binary(max_size=3),
            st.sampled_from([b'"', b"{", b"}", b"[", b"]", b",", b":", b"\\", b"\\u0000", b"null"]),
            st.just(CANARY.encode()),
        ),
    ),
    min_size=1,
    max_size=4,
)


def edited(content: bytes, changes: Sequence[tuple[int, int, bytes]]) -> bytes:
    """Replace a few bytes at a few places."""
    for place, removed, inserted in changes:
        at = place % (len(content) + 1)
        content = content[:at] + inserted + content[at + removed :]
    return content


@fuzzed
@given(route=routes, changes=edits)
def test_a_question_with_bytes_changed_is_refused_or_read_as_json_says(
    standing: Standing, route: str, changes: Sequence[tuple[int, int, bytes]]
) -> None:
    body = edited(encode(question(standing)), changes)
    response = ask(standing, route, body)
    assert response.status_code in (200, 400, 409)
    if response.status_code == 200:
        assert len(response.json()["results"]) == len(json.loads(body)["selectors"])


@fuzzed
@given(changes=edits)
def test_a_packed_question_with_bytes_changed_is_refused_or_read_as_messagepack_says(
    standing: Standing, changes: Sequence[tuple[int, int, bytes]]
) -> None:
    body = edited(packed_question(standing), changes)
    response = ask(standing, "bulk", body, MSGPACK)
    assert response.status_code in (200, 400, 409)
    if response.status_code == 200:
        rows = msgspec.msgpack.decode(body)["selectors"]
        assert len(response.json()["results"]) == len(rows)


texts = st.one_of(st.text(max_size=20), st.just(CANARY), st.text("A/+=", max_size=50))
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=12,
)


@fuzzed
@given(
    route=routes,
    content_type=media_types,
    path=st.sampled_from(
        [
            (),
            ("key_id",),
            ("key_check",),
            ("selectors",),
            ("selectors", 0),
            ("selectors", 1, "kind"),
            ("selectors", 1, "token"),
            (CANARY,),
            ("selectors", 2, CANARY),
        ]
    ),
    value=values,
)
def test_a_member_of_another_type_or_name_is_refused(
    standing: Standing,
    route: str,
    content_type: str,
    path: tuple[str | int, ...],
    value: object,
) -> None:
    document: Any = question(standing)
    if content_type == MSGPACK:
        document = msgspec.msgpack.decode(packed_question(standing))
    document = _replaced(document, path, value)
    try:
        packed = msgspec.msgpack.encode(document)
    except (OverflowError, UnicodeEncodeError):
        return  # nothing that MessagePack can say
    body = packed if content_type == MSGPACK else json.dumps(document).encode()
    response = ask(standing, route, body, content_type)
    assert response.status_code in (200, 400, 409, 415)
    if CANARY in path:
        assert response.status_code in (400, 415), "an unknown member is an error"


def _replaced(document: Any, path: Sequence[str | int], value: object) -> Any:
    if not path:
        return value
    copy: Any = dict(document) if isinstance(document, dict) else list(document)
    held = document[path[0]] if path[0] in document or isinstance(path[0], int) else None
    copy[path[0]] = _replaced(held, path[1:], value)
    return copy


def _valid(standing: Standing, **members: str) -> bytes:
    """Write the question with members spelled by hand."""
    body = question(standing)
    spelled = {name: json.dumps(value) for name, value in body.items()} | members
    return ("{" + ",".join(f'"{name}":{text}' for name, text in spelled.items()) + "}").encode(
        "utf-8", "surrogateescape"
    )


AWKWARD = {
    "nothing": "",
    "white space": " \n\t",
    "null": "null",
    "a list": "[]",
    "a byte order mark": "\ufeff{}",
    "two documents": "{}{}",
    "not a number": '{"key_id":NaN}',
    "an unended string": '{"key_id":"' + CANARY,
    "a control character": '{"key_id":"a\x00' + CANARY + '"}',
    "half a surrogate pair": '{"key_id":"\\ud800' + CANARY + '"}',
    "invalid UTF-8": '{"key_id":"\udcff' + CANARY + '"}',
    "an overlong form": '{"key_id":"\udcc0\udc80"}',
    "a number without end": '{"key_id":' + "9" * 9_000 + "}",
    "an exponent beyond all": '{"key_id":1e999999999}',
    "deep lists": "[" * 16_000,
    "deep lists, closed": '{"key_id":' + "[" * 8_000 + "]" * 8_000 + "}",
    "deep objects": '{"a":' * 2_500 + "1" + "}" * 2_500,
    "comments": "{/* " + CANARY + " */}",
    "single quotes": "{'key_id':'" + CANARY + "'}",
    "a form": "key_id=" + CANARY + "&selectors=1",
    "XML": f'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;{CANARY}</a>',
}


@pytest.mark.parametrize("route", ["check", "bulk"])
@pytest.mark.parametrize("body", AWKWARD.values(), ids=AWKWARD)
def test_an_awkward_body_is_an_invalid_request(standing: Standing, route: str, body: str) -> None:
    response = ask(standing, route, body.encode("utf-8", "surrogateescape"))
    assert response.status_code == 400
    assert response.json()["code"] == "invalid_request"


def test_nesting_as_deep_as_a_bulk_body_allows_is_refused(standing: Standing) -> None:
    for opening, closing in (("[", "]"), ('{"selectors":', "}")):
        count = 2_000_000 // (len(opening) + len(closing))
        for body in (opening * count, opening * count + "1" + closing * count):
            assert ask(standing, "bulk", body.encode()).status_code == 400
    for packed in (b"\x91" * 2_000_000, b"\x81\xa1a" * 600_000, b"\xdd\xff\xff\xff\xff" * 1_000):
        assert ask(standing, "bulk", packed, MSGPACK).status_code == 400


def test_nesting_inside_a_member_is_refused(standing: Standing) -> None:
    deep = "[" * 7_000 + "]" * 7_000
    for name in ("key_id", "selectors", CANARY):
        assert ask(standing, "check", _valid(standing, **{name: deep})).status_code == 400


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("key_id", '"tester-2026a\\n"'),
        ("key_id", '"Tester-2026a"'),
        ("key_id", '""'),
        ("key_id", '"' + "a" * 33 + '"'),
        ("key_id", '"-a"'),
        ("key_check", '"AAAAAAAAAAB="'),
        ("key_check", '"AAAAAAAAAAA"'),
        ("key_check", '"AAAAAAAAAAAA"'),
        ("key_check", '"AAAAAAAAAAA=\\n"'),
        ("key_check", "[0,0,0,0,0,0,0,0]"),
        ("selectors", "{}"),
        ("selectors", "null"),
        ("selectors", '"phone"'),
        ("selectors", "[[]]"),
    ],
)
@pytest.mark.parametrize("route", ["check", "bulk"])
def test_a_member_spelled_otherwise_than_the_contract_says_is_refused(
    standing: Standing, route: str, name: str, text: str
) -> None:
    assert ask(standing, route, _valid(standing, **{name: text})).status_code == 400


@pytest.mark.parametrize("name", ["key_id", "key_check", "selectors"])
@pytest.mark.parametrize("route", ["check", "bulk"])
def test_a_missing_member_is_refused(standing: Standing, route: str, name: str) -> None:
    body = question(standing)
    del body[name]
    assert ask(standing, route, encode(body)).status_code == 400


def test_a_member_given_twice_is_never_answered_twice(standing: Standing) -> None:
    body = _valid(standing)[:-1] + b',"selectors":[]}'
    assert ask(standing, "check", body).status_code == 400
    rows = json.dumps(question(standing)["selectors"][:1]).encode()
    response = ask(standing, "check", _valid(standing)[:-1] + b',"selectors":' + rows + b"}")
    assert response.status_code == 400 or len(response.json()["results"]) == 1


header_bytes = st.binary(max_size=60).map(lambda content: content + CANARY.encode())
named_headers = st.sampled_from(
    [
        b"Authorization",
        b"Accept",
        b"Content-Type",
        b"Content-Encoding",
        b"Transfer-Encoding",
        b"Content-Length",
        b"Connection",
        b"Upgrade",
        b"Expect",
        b"Host",
        b"Cookie",
        b"Range",
        b"If-None-Match",
        b"Origin",
        b"X-Request-Id",
        b"X-Forwarded-For",
        b"X-HTTP-Method-Override",
    ]
)


@fuzzed
@given(
    headers=st.lists(
        st.tuples(st.one_of(named_headers, st.binary(max_size=10)), header_bytes), max_size=4
    ),
    with_key=st.booleans(),
    path=st.sampled_from(["/v1/check", "/v1/bulk", "/livez", "/docs"]),
)
def test_headers_of_any_bytes_are_refused_or_ignored(
    standing: Standing, headers: list[tuple[bytes, bytes]], with_key: bool, path: str
) -> None:
    own = {"Connection": "close", "Content-Type": "application/json"}
    body = encode(question(standing))
    head = request_head(
        "POST" if path.startswith("/v1") else "GET",
        path,
        own | (standing.tester.headers if with_key else {}),
        length=len(body),
    )
    lines = b"".join(b"%b: %b\r\n" % header for header in headers)
    _exchange(standing, head[:-2] + lines + b"\r\n" + body)


@fuzzed
@given(
    method=st.one_of(
        st.sampled_from([b"GET", b"POST", b"PUT", b"OPTIONS", b"TRACE", b"PURGE", b"get"]),
        st.binary(max_size=8),
    ),
    path=st.one_of(
        st.binary(max_size=40),
        st.text(string.printable, max_size=40).map(str.encode),
        st.lists(
            st.sampled_from(["..", ".", "v1", "check", "docs", "assets", "%2e", "%00", "%c0%af"]),
            max_size=6,
        ).map(lambda parts: "/".join(parts).encode()),
    ),
    query=st.booleans(),
)
def test_methods_and_paths_of_any_bytes_are_refused_in_our_form(
    standing: Standing, method: bytes, path: bytes, query: bool
) -> None:
    target = b"/%b?%b" % (path, CANARY.encode()) if query else b"/%b%b" % (path, CANARY.encode())
    _exchange(
        standing, b"%b %b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" % (method, target)
    )


def _exchange(standing: Standing, content: bytes) -> None:
    """Send bytes and nothing after them; whatever responses come must be safe."""
    with Connection(standing.api.url) as connection:
        connection.send(content)
        connection.end_sending()
        while (response := connection.find_response()) is not None:
            require_safe(response)


def test_nothing_that_was_sent_is_in_logs_metrics_journal_cache_or_redis(
    standing: Standing,
) -> None:
    refused = _plant_everywhere(standing)
    assert refused >= 12
    logged = standing.api.process.logged()
    assert logged.count('"event": "refused"') >= refused
    assert standing.tester.kit.parsed_api_key().text not in logged
    metrics = standing.client.get(standing.api.metrics_url).content
    with standing.valkey.client() as redis:
        stored = b"".join(key + (redis.dump(key) or b"") for key in redis.scan_iter())
    for place in (logged.encode(), metrics, stored, bytes_below(standing.deployment.home)):
        require_nothing_back(place)
        for form in (CARD, CARD.replace(" ", "")):
            assert form.encode() not in place


def _plant_everywhere(standing: Standing) -> int:
    """Put the canary, and a card in plain, wherever a request has room; return the refusals."""
    client, own = standing.client, question(standing)
    plain = {"kind": "card", "token": CARD}
    json_headers = {"content-type": "application/json", **standing.tester.headers}
    responses = [
        client.get(f"/{CANARY}"),
        client.get(f"/docs/assets/{CANARY}"),
        client.get(f"/v1/check/{CARD}"),
        client.get("/v1/parameters", params={CANARY: CARD}),
        client.get("/v1/parameters", headers={"authorization": f"Bearer {CANARY}"}),
        client.get("/v1/parameters", headers={CANARY: CARD, "x-request-id": CANARY}),
        client.request(CANARY.upper(), "/livez"),
        client.post(f"/v1/check?{CANARY}={CARD}", json=own, headers=standing.tester.headers),
        client.post("/v1/check", content=CANARY, headers=json_headers),
        client.post("/v1/check", json=own, headers=json_headers | {"accept": CANARY}),
        client.post("/v1/check", json=own, headers=json_headers | {"content-type": CANARY}),
        client.post("/v1/check", content=encode(own) + b" " * 20_000, headers=json_headers),
    ]
    for route in ("check", "bulk"):
        responses += [
            client.post(f"/v1/{route}", json=own | change, headers=json_headers)
            for change in (
                {"key_id": CANARY},
                {"key_check": CANARY},
                {"selectors": CANARY},
                {"selectors": [plain]},
                {"selectors": [{"kind": CANARY, "token": CANARY}]},
                {"selectors": [plain | {CANARY: CARD}]},
                {CANARY: CARD},
            )
        ]
    for response in responses:
        require_safe(response)
    return sum(response.status_code >= 400 for response in responses)
