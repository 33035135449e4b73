"""Bytes near to a document that is read, with a mark in them that no error may repeat."""

import json
import traceback
from typing import Any

import msgspec
from hypothesis import strategies as st

from tests.api.canary import CANARY, require_nothing_back

MARK = CANARY.encode()
VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**64 - 1),
        st.floats(),
        st.text(max_size=20),
        st.just(CANARY),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(st.just(CANARY), st.text(max_size=8)), inner, max_size=4),
    ),
    max_leaves=10,
)
NESTED = st.integers(1, 20_000).flatmap(
    lambda depth: st.sampled_from([b"[" * depth, b'{"a":' * depth, b"\x91" * depth])
)


@st.composite
def edited(draw: st.DrawFn, document: bytes) -> bytes:
    """Return a document with one to four places cut out, put in or written over."""
    content = bytearray(document)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        end = start + draw(st.sampled_from([0, 1, 2, 8, 64, len(content)]))
        content[start:end] = draw(st.one_of(st.just(MARK), st.binary(max_size=8)))
    return bytes(content)


@st.composite
def with_other_members(draw: st.DrawFn, document: dict[str, Any], *, packed: bool = False) -> bytes:
    """Return an object with a member, at any depth, of another value, or one more."""
    changed = json.loads(json.dumps(document)) if not packed else dict(document)
    place = changed
    while True:
        name = draw(st.sampled_from([*place, CANARY]))
        inner = place.get(name)
        inner = inner[0] if isinstance(inner, list) and inner else inner
        if not isinstance(inner, dict) or draw(st.booleans()):
            break
        place = inner
    place[name] = draw(VALUES)
    return msgspec.msgpack.encode(changed) if packed else json.dumps(changed).encode()


def near(document: bytes, members: dict[str, Any] | None = None) -> "st.SearchStrategy[bytes]":
    """Return bytes of every distance from a document; of JSON, `members` are what it holds."""
    ways = [edited(document), st.binary(max_size=200), st.just(MARK), NESTED]
    if members is not None:
        ways.append(with_other_members(members))
        ways.append(VALUES.map(lambda value: json.dumps(value).encode()))
    return st.one_of(ways)


def require_no_echo(error: BaseException) -> None:
    """Fail where an error, or one that it would be shown with, repeats the mark."""
    require_nothing_back("".join(traceback.format_exception(error)).encode())
    require_nothing_back(repr(error).encode())
