"""Requests as they arrive: read whole, or refused without repeating a word."""

import base64
import json
import traceback

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.vocabulary.errors import InvalidRequest
from screening.vocabulary.question import read_bulk_json, read_bulk_msgpack, read_check
from screening.vocabulary.wire import BULK_MAX_SELECTORS, CHECK_MAX_SELECTORS
from tests.harness.reading import whole
from tests.vocabulary.questions import (
    JSON_READERS,
    READERS,
    TOKEN,
    TOKEN_TEXT,
    Read,
    encoded,
    packed,
    question,
    refused,
)

CANARY = "Fictional Canary"


@pytest.mark.parametrize("read", READERS)
def test_a_question_is_read_as_it_was_asked(read: Read) -> None:
    asked = whole(read(encoded(read)))
    assert (asked.key_id, asked.key_check) == ("acme-2026a", bytes(range(8)))
    assert (asked.kinds, [bytes(t or b"") for t in asked.tokens]) == (["phone"], [TOKEN])


@pytest.mark.parametrize(
    ("read", "most"),
    [
        (read_check, CHECK_MAX_SELECTORS),
        (read_bulk_json, BULK_MAX_SELECTORS),
        (read_bulk_msgpack, BULK_MAX_SELECTORS),
    ],
)
def test_a_question_has_at_least_one_selector_and_at_most_so_many(read: Read, most: int) -> None:
    row = {"kind": "card", "token": TOKEN if read is read_bulk_msgpack else TOKEN_TEXT}
    assert len(whole(read(encoded(read, selectors=[row] * most))).tokens) == most
    assert refused(read, encoded(read, selectors=[row] * (most + 1)))
    assert refused(read, encoded(read, selectors=[]))


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    "key_id", ["", "Acme", "acme_1", "acme-2026a\n", "a" * 33, "-acme", None, 1, ["acme"]]
)
def test_a_key_id_of_another_form_is_refused(read: Read, key_id: object) -> None:
    assert refused(read, encoded(read, key_id=key_id))


@pytest.mark.parametrize("read", JSON_READERS)
@pytest.mark.parametrize(
    "key_check",
    [
        "AAECAwQFBgc=\n",
        "\nAAECAwQFBgc=",
        "AAECAwQFBgc",
        "AAECAwQFBgd=",  # the same eight bytes with a bit left over
        "AAECAwQFBg==",
        "AAECAwQFBgcI",
        "AAECAwQF Bgc=",
        "____________",
        "",
        None,
    ],
)
def test_a_key_check_of_another_spelling_is_refused(read: Read, key_check: object) -> None:
    assert refused(read, encoded(read, key_check=key_check))


@pytest.mark.parametrize("size", [0, 7, 9])
def test_a_packed_key_check_of_another_length_is_refused(size: int) -> None:
    assert refused(read_bulk_msgpack, encoded(read_bulk_msgpack, key_check=bytes(size)))


BAD_TOKENS = [
    *(TOKEN_TEXT[:42] + last + "=" for last in "9+/x"),  # other bits than zero left over
    TOKEN_TEXT + "\n",
    "\n" + TOKEN_TEXT,
    TOKEN_TEXT[:-1],
    TOKEN_TEXT[:-1] + " ",
    TOKEN_TEXT.replace("A", " ", 1),
    "_" * 43 + "=",
    base64.b64encode(bytes(31)).decode(),
    base64.b64encode(bytes(33)).decode(),
    "",
]


@pytest.mark.parametrize("token", BAD_TOKENS)
def test_a_token_of_another_spelling_refuses_a_check_and_is_an_invalid_row_of_a_bulk(
    token: str,
) -> None:
    rows = [{"kind": "phone", "token": TOKEN_TEXT}, {"kind": "phone", "token": token}]
    assert refused(read_check, encoded(read_check, selectors=rows))
    asked = whole(read_bulk_json(encoded(read_bulk_json, selectors=rows)))
    assert [found is None for found in asked.tokens] == [False, True]


@settings(max_examples=100)
@given(st.binary(min_size=32, max_size=32))
def test_a_token_has_exactly_one_spelling(token: bytes) -> None:
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    text = base64.b64encode(token).decode()
    accepted = [
        digit
        for digit in digits
        if not refused(
            read_check,
            encoded(read_check, selectors=[{"kind": "phone", "token": f"{text[:42]}{digit}="}]),
        )
    ]
    # 16 of 64 leave no bit over; those are the 16 tokens that share the first 252 bits.
    assert len(accepted) == 16
    assert len({base64.b64decode(f"{text[:42]}{digit}=") for digit in accepted}) == 16


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_packed_token_of_another_length_is_an_invalid_row(size: int) -> None:
    rows = [{"kind": "email", "token": bytes(size)}, {"kind": "email", "token": TOKEN}]
    asked = whole(read_bulk_msgpack(encoded(read_bulk_msgpack, selectors=rows)))
    assert [found is None for found in asked.tokens] == [True, False]


@pytest.mark.parametrize("kind", ["fax", "Phone", "phone\n", "", "self-test"])
def test_an_unknown_kind_refuses_a_check_and_is_an_invalid_row_of_a_bulk(kind: str) -> None:
    assert refused(read_check, encoded(read_check, selectors=[{"kind": kind, "token": ""}]))
    for read, token in ((read_bulk_json, TOKEN_TEXT), (read_bulk_msgpack, TOKEN)):
        asked = whole(read(encoded(read, selectors=[{"kind": kind, "token": token}])))
        assert asked.tokens == [None]


@pytest.mark.parametrize("read", READERS)
def test_a_member_that_is_not_in_the_contract_is_refused(read: Read) -> None:
    row = {"kind": "phone", "token": TOKEN if read is read_bulk_msgpack else TOKEN_TEXT}
    assert refused(read, encoded(read, comment=1))
    assert refused(read, encoded(read, selectors=[{**row, "comment": 1}]))
    for name in question():
        whole = packed() if read is read_bulk_msgpack else question()
        del whole[name]
        encode = msgspec.msgpack.encode if read is read_bulk_msgpack else msgspec.json.encode
        assert refused(read, encode(whole))


HOPELESS = {
    "nothing": b"",
    "white space": b"  \n",
    "invalid UTF-8": b'{"key_id": "\xff\xfe"}',
    "an invalid name": b'{"\xff": 1}',
    "UTF-16": '{"key_id": "acme"}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf" + json.dumps(question()).encode(),
    "deep lists": b"[" * 1_000_000,
    "deep objects": b'{"selectors":' * 100_000,
    "a deep token": b'{"selectors":[{"token":' + b"[" * 100_000,
    "a huge number": b'{"key_id":' + b"9" * 10_000 + b"}",
    "a lone surrogate": b'{"key_id":"\\ud800","key_check":"","selectors":[]}',
    "twice": json.dumps(question()).encode() * 2,
    "cut off": json.dumps(question()).encode()[:-1],
    "packed deep lists": b"\x91" * 1_000_000,
    "packed deep maps": b"\x81\xa9selectors" * 100_000,
    "packed endless list": b"\x81\xa9selectors\xdd\xff\xff\xff\xff",
    "packed endless string": b"\x81\xa6key_id\xdb\xff\xff\xff\xffa",
    "packed reserved byte": b"\xc1",
    "packed extension": b"\x81\xa6key_id\xd4\x01a",
    "packed invalid UTF-8": b"\x81\xa6key_id\xa2\xff\xfe",
}


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("body", HOPELESS.values(), ids=HOPELESS.keys())
def test_a_hopeless_body_is_refused(read: Read, body: bytes) -> None:
    assert refused(read, body)


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("member", ["key_id", "key_check", "selectors", CANARY])
def test_a_refusal_repeats_nothing_of_the_body(read: Read, member: str) -> None:
    for value in (CANARY, {CANARY: CANARY}, [{"kind": CANARY, "token": [CANARY]}]):
        with pytest.raises(InvalidRequest) as caught:
            whole(read(encoded(read, **{member: value})))
        assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_representations_show_no_token() -> None:
    asked = whole(read_check(encoded(read_check)))
    assert repr(asked) == "Question(1 selectors)"
    assert TOKEN_TEXT not in repr(asked.tokens)
