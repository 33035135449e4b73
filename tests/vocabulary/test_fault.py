"""A refusal names the place and the fault in the contract's words, and none of the sender's."""

import json
import re

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.vocabulary.errors import InvalidRequest
from screening.vocabulary.wire import parse_bulk_msgpack, parse_check
from tests.vocabulary.questions import (
    PARSERS,
    TOKEN,
    TOKEN_TEXT,
    Parse,
    encoded,
    packed,
    question,
)

ROW = {"kind": "phone", "token": TOKEN_TEXT}
PLACE = r"(?:key_id|key_check|selectors(?:\[\d+\](?:\.(?:kind|token))?)?)"
FAULT = (
    r"is missing|is (?:longer|shorter) than \d+|is not spelled as the contract says|"
    r"is not one of the values of the contract|is not what the contract says|"
    r"is not (?:a string|an array|an object|binary \(bin\))|has a name that is no string"
)
SENTENCES = re.compile(
    rf"(?:(?:{PLACE}|the body) (?:{FAULT})|"
    r"an unknown member in (?:the body|selectors\[\.\.\.\])|"
    r"a string in the body is not UTF-8|the body is nested too deeply|"
    r"the body is not (?:JSON|MessagePack)|a member is given twice); see /docs"
)


def refusal(parse: Parse, body: bytes) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        parse(body)
    return caught.value


def told(error: InvalidRequest) -> tuple[str, str | None]:
    return str(error).removesuffix("; see /docs"), error.pointer


AT_A_PLACE = {
    "a number": ({"key_id": 1}, "key_id is not a string", "#/key_id"),
    "null": ({"selectors": None}, "selectors is not an array", "#/selectors"),
    "upper case": ({"key_id": "A"}, "key_id is not spelled as the contract says", "#/key_id"),
    "a line feed": ({"key_id": "a\n"}, "key_id is not spelled as the contract says", "#/key_id"),
    "a long key_id": ({"key_id": "a" * 33}, "key_id is longer than 32", "#/key_id"),
    "no selector": ({"selectors": []}, "selectors is shorter than 1", "#/selectors"),
    "seventeen": ({"selectors": [ROW] * 17}, "selectors is longer than 16", "#/selectors"),
    "a list for a row": ({"selectors": [[]]}, "selectors[0] is not an object", "#/selectors/0"),
    "a short token": (
        {"selectors": [ROW, ROW, ROW | {"token": "AAAA"}]},
        "selectors[2].token is shorter than 44",
        "#/selectors/2/token",
    ),
    "base64url": (
        {"selectors": [ROW | {"token": "-" * 43 + "="}]},
        "selectors[0].token is not spelled as the contract says",
        "#/selectors/0/token",
    ),
    "a kind": (
        {"selectors": [ROW, ROW | {"kind": "passport"}]},
        "selectors[1].kind is not one of the values of the contract",
        "#/selectors/1/kind",
    ),
    "no token": (
        {"selectors": [ROW, {"kind": "phone"}]},
        "selectors[1].token is missing",
        "#/selectors/1/token",
    ),
    "another member": ({"comment": 1}, "an unknown member in the body", "#"),
    "another member of a row": (
        {"selectors": [ROW | {"comment": 1}]},
        "an unknown member in selectors[...]",
        "#/selectors",
    ),
}


@pytest.mark.parametrize(("members", "sentence", "pointer"), AT_A_PLACE.values(), ids=AT_A_PLACE)
def test_the_place_and_the_fault_are_told(
    members: dict[str, object], sentence: str, pointer: str
) -> None:
    assert told(refusal(parse_check, encoded(parse_check, **members))) == (sentence, pointer)


def test_a_missing_member_is_named() -> None:
    for name in question():
        body = {other: value for other, value in question().items() if other != name}
        assert told(refusal(parse_check, json.dumps(body).encode())) == (
            f"{name} is missing",
            f"#/{name}",
        )


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "the body is not JSON"),
        (b"{", "the body is not JSON"),
        (b'{"key_id":"\\ud800"}', "the body is not JSON"),
        (b'{"key_id":"\xff"}', "a string in the body is not UTF-8"),
    ],
)
def test_what_cannot_be_read_at_all_has_no_place(body: bytes, sentence: str) -> None:
    assert told(refusal(parse_check, body)) == (sentence, None)


def test_messagepack_is_told_in_the_same_words() -> None:
    parse = parse_bulk_msgpack
    text_token = [{"kind": "phone", "token": TOKEN}, {"kind": "phone", "token": TOKEN_TEXT}]
    for body, expected in (
        (b"\xc1", ("the body is not MessagePack", None)),
        (msgspec.msgpack.encode([]), ("the body is not an object", "#")),
        (
            msgspec.msgpack.encode({**packed(), 1: 2}),
            ("the body has a name that is no string", "#"),
        ),
        (
            encoded(parse, selectors=text_token),
            ("selectors[1].token is not binary (bin)", "#/selectors/1/token"),
        ),
    ):
        assert told(refusal(parse, body)) == expected


# What msgspec would say itself, so that input might be taken for a place.
FORGED = [
    "x - at `$.selectors[7654321]",
    "x` - at `$.selectors[7654321]",
    "x` - at `$.selectors[7654321].token`",
    "x' - at `$.selectors[7654321].kind`",
    "x - at `key` in `$.selectors[7654321]",
    "Object missing required field `key_id`",
    "x\n - at `$.key_id`",
]


@pytest.mark.parametrize("parse", PARSERS)
@pytest.mark.parametrize("text", FORGED)
def test_input_in_the_form_of_a_place_is_never_taken_for_one(parse: Parse, text: str) -> None:
    row = {"kind": "phone", "token": TOKEN if parse is parse_bulk_msgpack else TOKEN_TEXT}
    for members in (
        {text: 1},
        {"key_id": text},
        {"selectors": [row | {text: 1}]},
        {"selectors": [{"kind": [text]}]},
    ):
        error = refusal(parse, encoded(parse, **members))
        assert "7654321" not in f"{error} {error.pointer}"
        assert SENTENCES.fullmatch(str(error))
    named = refusal(parse_check, encoded(parse_check, selectors=[ROW | {"kind": text}]))
    assert named.pointer == "#/selectors/0/kind"


NAMES = st.sampled_from(["key_id", "key_check", "selectors", "kind", "token", *FORGED])
VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(),
        st.text(),
        st.sampled_from([TOKEN_TEXT, "phone", "acme-2026a", "AAECAwQFBgc=", *FORGED]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.one_of(NAMES, st.text()), inner)
    ),
    max_leaves=16,
)


@pytest.mark.parametrize("parse", PARSERS)
@settings(max_examples=300, deadline=None, database=None)
@given(data=st.data())
def test_whatever_is_sent_the_sentence_is_one_of_ours(parse: Parse, data: st.DataObject) -> None:
    body = data.draw(
        st.one_of(
            st.binary(),
            VALUES.map(msgspec.msgpack.encode),
            VALUES.map(lambda value: json.dumps(value).encode()),
            st.builds(lambda name, value: encoded(parse, **{name: value}), NAMES, VALUES),
        )
    )
    try:
        parse(body)
    except InvalidRequest as error:
        assert SENTENCES.fullmatch(str(error)), "a sentence that is not one of ours"
        assert re.fullmatch(r"#(?:/[a-z_]+|/[0-9])*", error.pointer or "#")
