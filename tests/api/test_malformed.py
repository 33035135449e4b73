"""Whatever body is sent: never a 5xx, always our form of a refusal, and no echo."""

import json
from collections.abc import Sequence
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.api.canary import CANARY, fuzzed, require_safe
from tests.api.questions import packed, question
from tests.api.standing import TEST_LISTED, Standing, encode, random_tokens

MSGPACK = "application/msgpack"

routes = st.sampled_from(["check", "bulk"])
media_types = st.sampled_from(["application/json", MSGPACK])


def ask(
    standing: Standing, route: str, body: bytes, content_type: str = "application/json"
) -> httpx.Response:
    response = standing.post(route, body, standing.tester, content_type=content_type)
    require_safe(response)
    return response


def packed_question(standing: Standing) -> bytes:
    return msgspec.msgpack.encode(packed(standing.tester, *TEST_LISTED))


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
    for packed_body in (
        b"\x91" * 2_000_000,
        b"\x81\xa1a" * 600_000,
        b"\xdd\xff\xff\xff\xff" * 1_000,
    ):
        assert ask(standing, "bulk", packed_body, MSGPACK).status_code == 400


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


@pytest.mark.parametrize("route", ["check", "bulk"])
def test_a_member_given_twice_is_refused(standing: Standing, route: str) -> None:
    # The last would be answered, and the first could be taken for a "no".
    unlisted = [{"kind": "phone", "token": token} for token in random_tokens(1)]
    for name, text in (("selectors", json.dumps(unlisted)), ("key_id", '"a"')):
        body = _valid(standing)[:-1] + f',"{name}":{text}}}'.encode()
        response = ask(standing, route, body)
        assert response.json()["detail"] == "a member is given twice; see /docs"
