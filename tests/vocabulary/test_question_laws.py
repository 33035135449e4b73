"""Whatever arrives is a question as the contract says, or refused: no other end."""

import base64
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.vocabulary.errors import InvalidRequest
from screening.vocabulary.question import Question, read_bulk_json, read_check
from screening.vocabulary.selector import SelectorKind
from screening.vocabulary.tokens import is_key_id
from screening.vocabulary.wire import BULK_MAX_SELECTORS
from tests.harness.reading import whole
from tests.vocabulary.questions import READERS, TOKEN_TEXT, Read, encoded

LAW = settings(max_examples=200)


def holds_what_is_promised(asked: Question) -> bool:
    return (
        is_key_id(asked.key_id)
        and len(asked.key_check) == 8
        and 1 <= len(asked.kinds) == len(asked.tokens) <= BULK_MAX_SELECTORS
        and all(
            token is None or (len(token) == 32 and kind in set(SelectorKind))
            for kind, token in zip(asked.kinds, asked.tokens, strict=True)
        )
    )


MEMBERS = st.sampled_from(["key_id", "key_check", "selectors", "kind", "token", "x"])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),  # more has no form in MessagePack
    st.floats(),
    st.text(),
    st.just(TOKEN_TEXT),
    st.just("phone"),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(MEMBERS, inner)),
    max_leaves=12,
)


@pytest.mark.parametrize("read", READERS)
@LAW
@given(data=st.data())
def test_any_bytes_are_a_question_or_refused(read: Read, data: st.DataObject) -> None:
    body = data.draw(
        st.one_of(
            st.binary(),
            VALUES.map(lambda value: json.dumps(value).encode()),
            VALUES.map(msgspec.msgpack.encode),
            st.builds(lambda name, value: encoded(read, **{name: value}), MEMBERS, VALUES),
        )
    )
    try:
        asked = whole(read(body))
    except InvalidRequest:
        return
    assert holds_what_is_promised(asked)


@pytest.mark.parametrize("read", READERS)
@LAW
@given(data=st.data())
def test_a_question_with_some_bytes_altered_is_a_question_or_refused(
    read: Read, data: st.DataObject
) -> None:
    body = bytearray(encoded(read))
    for _ in range(data.draw(st.integers(1, 3))):
        position = data.draw(st.integers(0, len(body) - 1))
        body[position : position + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
        if not body:
            break
    try:
        asked = whole(read(bytes(body)))
    except InvalidRequest:
        return
    assert holds_what_is_promised(asked)


@LAW
@given(
    st.binary(min_size=32, max_size=32),
    st.lists(st.tuples(st.integers(0, 43), st.sampled_from("AQ9+/=-_ \n\u00e9")), max_size=2),
    st.integers(0, 2),
)
def test_a_row_of_bulk_takes_the_spellings_that_a_check_takes(
    token: bytes, changes: list[tuple[int, str]], cut: int
) -> None:
    characters = list(base64.b64encode(token).decode())
    for place, character in changes:
        characters[place] = character
    text = "".join(characters[cut:])
    body: dict[str, Any] = {"key_id": "acme-2026a", "selectors": [{"kind": "phone", "token": text}]}
    body["key_check"] = base64.b64encode(bytes(8)).decode()
    content = msgspec.json.encode(body)
    try:
        expected = whole(read_check(content)).tokens
    except InvalidRequest:
        expected = [None]
    assert whole(read_bulk_json(content)).tokens == expected
