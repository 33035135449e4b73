"""A refusal names the place and the fault in the contract's words, and none of the sender's."""

import json
import re

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.vocabulary.errors import InvalidRequest
from screening.vocabulary.question import read_bulk_json, read_bulk_msgpack, read_check
from tests.harness.reading import whole
from tests.vocabulary.questions import (
    READERS,
    TOKEN,
    TOKEN_TEXT,
    Read,
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


def refusal(read: Read, body: bytes) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        whole(read(body))
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
    assert told(refusal(read_check, encoded(read_check, **members))) == (sentence, pointer)


@pytest.mark.parametrize("read", [read_bulk_json, read_bulk_msgpack])
def test_a_row_far_down_is_named_by_its_number(read: Read) -> None:
    row = {"kind": "phone", "token": TOKEN if read is read_bulk_msgpack else TOKEN_TEXT}
    for row_number in (255, 256, 999):
        rows: list[object] = [row] * 1_000
        for faulty, sentence, member in (
            ({"kind": "phone"}, ".token is missing", "/token"),
            (row | {"kind": 7}, ".kind is not a string", "/kind"),
            (7, " is not an object", ""),
        ):
            rows[row_number] = faulty
            assert told(refusal(read, encoded(read, selectors=rows))) == (
                f"selectors[{row_number}]{sentence}",
                f"#/selectors/{row_number}{member}",
            )
        rows[row_number] = row | {"comment": 1}
        assert told(refusal(read, encoded(read, selectors=rows))) == (
            "an unknown member in selectors[...]",
            "#/selectors",
        )


def test_a_missing_member_is_named() -> None:
    for name in question():
        body = {other: value for other, value in question().items() if other != name}
        assert told(refusal(read_check, json.dumps(body).encode())) == (
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
    assert told(refusal(read_check, body)) == (sentence, None)


def test_messagepack_is_told_in_the_same_words() -> None:
    read = read_bulk_msgpack
    text_token = [{"kind": "phone", "token": TOKEN}, {"kind": "phone", "token": TOKEN_TEXT}]
    for body, expected in (
        (b"\xc1", ("the body is not MessagePack", None)),
        (msgspec.msgpack.encode([]), ("the body is not an object", "#")),
        (
            msgspec.msgpack.encode({**packed(), 1: 2}),
            ("the body has a name that is no string", "#"),
        ),
        (
            encoded(read, selectors=text_token),
            ("selectors[1].token is not binary (bin)", "#/selectors/1/token"),
        ),
    ):
        assert told(refusal(read, body)) == expected


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


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("text", FORGED)
def test_input_in_the_form_of_a_place_is_never_taken_for_one(read: Read, text: str) -> None:
    row = {"kind": "phone", "token": TOKEN if read is read_bulk_msgpack else TOKEN_TEXT}
    for members in (
        {text: 1},
        {"key_id": text},
        {"selectors": [row | {text: 1}]},
        {"selectors": [{"kind": [text]}]},
    ):
        error = refusal(read, encoded(read, **members))
        assert "7654321" not in f"{error} {error.pointer}"
        assert SENTENCES.fullmatch(str(error))
    named = refusal(read_check, encoded(read_check, selectors=[ROW | {"kind": text}]))
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


@pytest.mark.parametrize("read", READERS)
@settings(max_examples=300)
@given(data=st.data())
def test_whatever_is_sent_the_sentence_is_one_of_ours(read: Read, data: st.DataObject) -> None:
    body = data.draw(
        st.one_of(
            st.binary(),
            VALUES.map(msgspec.msgpack.encode),
            VALUES.map(lambda value: json.dumps(value).encode()),
            st.builds(lambda name, value: encoded(read, **{name: value}), NAMES, VALUES),
        )
    )
    try:
        whole(read(body))
    except InvalidRequest as error:
        assert SENTENCES.fullmatch(str(error)), "a sentence that is not one of ours"
        assert re.fullmatch(r"#(?:/[a-z_]+|/[0-9])*", error.pointer or "#")
