"""A name that stands twice is refused wherever it is, and nothing else is for that reason."""

import base64
import json
from collections.abc import Callable, Iterable

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.vocabulary.question import read_bulk_json, read_bulk_msgpack, read_check
from tests.harness.reading import whole
from tests.vocabulary.questions import (
    JSON_READERS,
    TOKEN,
    TOKEN_TEXT,
    Read,
    packed,
    question,
    refused,
)

LAW = settings(max_examples=200)
OTHER = base64.b64encode(bytes(32)).decode()
Members = Iterable[tuple[str, str]]


def written(members: Members) -> str:
    """Write an object of members whose values are JSON already."""
    return "{" + ",".join(f'"{name}": {value}' for name, value in members) + "}"


def body_of(rows: list[Members], *, more: Members = ()) -> bytes:
    own = {name: json.dumps(value) for name, value in question().items()}
    own["selectors"] = "[" + ",".join(written(row) for row in rows) + "]"
    return written([*own.items(), *more]).encode()


ROW = [("kind", '"phone"'), ("token", f'"{TOKEN_TEXT}"')]
TWICE = {
    "selectors, another token": body_of(
        [ROW], more=[("selectors", f"[{written([ROW[0], ('token', json.dumps(OTHER))])}]")]
    ),
    "selectors, the same": body_of([ROW], more=[("selectors", f"[{written(ROW)}]")]),
    "key_id": body_of([ROW], more=[("key_id", '"acme-2026a"')]),
    "key_check": body_of([ROW], more=[("key_check", '"AAECAwQFBgc="')]),
    "a token": body_of([ROW, [*ROW, ("token", json.dumps(OTHER))]]),
    "a kind": body_of([[("kind", '"card"'), *ROW], ROW]),
    "a token, its name escaped": body_of([[*ROW, ("\\u0074oken", json.dumps(OTHER))]]),
}


@pytest.mark.parametrize("read", JSON_READERS)
@pytest.mark.parametrize("body", TWICE.values(), ids=TWICE)
def test_a_member_given_twice_is_refused(read: Read, body: bytes) -> None:
    assert refused(read, body)


def test_escaped_text_is_read_as_before() -> None:
    # As PHP writes it; and names and values may be escaped in every other way.
    plain = body_of([ROW])
    for body in (plain.replace(b"/", b"\\/"), plain.replace(b"kind", b"\\u006bind")):
        for read in JSON_READERS:
            assert whole(read(body)).kinds == ["phone"]


@LAW
@given(rows=st.lists(st.tuples(st.text('"\\\\/u0a\n'), st.text('"\\\\/u0a\n')), min_size=1))
def test_quotation_marks_in_invalid_rows_are_no_repetition(rows: list[tuple[str, str]]) -> None:
    document = question(selectors=[{"kind": kind, "token": token} for kind, token in rows])
    body = json.dumps(document).encode()
    assert whole(read_bulk_json(body)).tokens == [None] * len(rows)
    again = body.replace(b'"token":', b'"token": "x", "token":', 1)
    assert refused(read_bulk_json, again)


Pair = tuple[bytes, bytes]
HEADS: dict[str, Callable[[int], bytes]] = {
    "fixmap": lambda count: bytes([0x80 | count]),
    "map 16": lambda count: b"\xde" + count.to_bytes(2, "big"),
    "map 32": lambda count: b"\xdf" + count.to_bytes(4, "big"),
}


def pair(name: str, value: object) -> Pair:
    return msgspec.msgpack.encode(name), msgspec.msgpack.encode(value)


@pytest.mark.parametrize("head", HEADS)
def test_messagepack_is_read_in_every_form_and_refused_where_a_member_is_given_twice(
    head: str,
) -> None:
    def map_of(*pairs: Pair) -> bytes:
        return HEADS[head](len(pairs)) + b"".join(name + value for name, value in pairs)

    def body(*rows: bytes, more: Iterable[Pair] = ()) -> bytes:
        selectors = bytes([0x90 | len(rows)]) + b"".join(rows)
        return map_of(key_id, key_check, (pair("selectors", 0)[0], selectors), *more)

    key_id, key_check = pair("key_id", "acme-2026a"), pair("key_check", bytes(8))
    kind, token, other = pair("kind", "card"), pair("token", TOKEN), pair("token", bytes(32))
    row = map_of(kind, token)
    assert whole(read_bulk_msgpack(body(row, row))).tokens == [TOKEN, TOKEN]
    for twice in (
        body(row, map_of(kind, token, other)),
        body(map_of(kind, kind, token), row),
        body(row, more=[key_id]),
        body(row, more=[(pair("selectors", 0)[0], b"\x91" + map_of(kind, other))]),
    ):
        assert refused(read_bulk_msgpack, twice)


def test_a_member_given_twice_far_down_is_refused() -> None:
    rows: list[Members] = [ROW] * 1_000
    assert len(whole(read_bulk_json(body_of(rows))).tokens) == 1_000
    rows[700] = [*ROW, ("token", json.dumps(OTHER))]
    assert refused(read_bulk_json, body_of(rows))

    row = {"kind": "phone", "token": TOKEN}
    body = msgspec.msgpack.encode(packed(selectors=[row] * 999 + [row | {"Kind": "card"}]))
    assert refused(read_bulk_msgpack, body.replace(b"\xa4Kind", b"\xa4kind"))


def test_messagepack_with_a_string_in_a_longer_form_is_read() -> None:
    body = msgspec.msgpack.encode(packed())
    longer = body.replace(b"\xaaacme-2026a", b"\xd9\x0aacme-2026a")
    assert len(longer) == len(body) + 1
    assert whole(read_bulk_msgpack(longer)).tokens == [TOKEN]


def test_every_number_of_rows_is_counted_right() -> None:
    for count in range(1, 17):
        assert len(whole(read_check(body_of([ROW] * count))).tokens) == count
