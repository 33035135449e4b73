"""Whatever stands in a record in place of a sealed match, it is opened or named, and not repeated.

Whoever has the public half can seal any content: what is inside of a box is held against the layout
as well.
"""

import json
import os
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from screening.audit.opened import Opened
from screening.disclosure.boxes import (
    MATCH_BYTES,
    SEALED_KEY_BYTES,
    Match,
    SealedKey,
    nonce_start,
    parse_match,
    place_start,
)
from screening.disclosure.keys import encode_public_halves, read_public_halves
from screening.disclosure.opening import Opener, PrivateHalf
from screening.disclosure.sealing import MatchSealer
from screening.ledger.accesses import Access
from screening.private_files import replace_private
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.selector import IndexDigest
from screening.vocabulary.unreadable import UNREADABLE
from tests.api.canary import CANARY
from tests.fuzz.extent import fuzzed
from tests.fuzz.given import MARK, near, require_no_echo
from tests.ledger.looking import ASKED

HALF = PrivateHalf.generate()
RECEIPT, GENERATION = "a" * 26, "20261128-0123abcd"
SEALER = MatchSealer(lambda: HALF.key).for_record(RECEIPT, ASKED.key_id, GENERATION)
BOX = SEALER.box(3, IndexDigest(bytes(range(16))), "phone")
CONTENT = msgspec.json.encode(
    msgspec.structs.asdict(ASKED)
    | {"receipt": RECEIPT, "generation": GENERATION, "matches": {"3": BOX}, "sealed": SEALER.key}
)
ONE_MATCH = Match(bytes(range(16)), "phone", ASKED.key_id, GENERATION)


def test_what_was_sealed_is_opened() -> None:
    assert Opener([HALF]).open(SEALER.key, RECEIPT, 3, BOX) == ONE_MATCH


@fuzzed
@given(data=st.data())
def test_a_box_of_any_bytes_is_that_match_or_none(data: st.DataObject) -> None:
    box = data.draw(near(BOX))
    row = data.draw(st.one_of(st.just(3), st.integers(-(2**40), 2**40)))
    match = Opener([HALF]).open(SEALER.key, RECEIPT, row, box)
    assert match == (ONE_MATCH if (box, row) == (BOX, 3) else None)


@fuzzed
@given(sealed=near(SEALER.key.key))
def test_a_work_key_of_any_bytes_opens_or_does_not(sealed: bytes) -> None:
    whole = sealed[:SEALED_KEY_BYTES].ljust(SEALED_KEY_BYTES, b"\0")
    key = SealedKey(HALF.key.id, whole, SEALER.key.number)
    match = Opener([HALF]).open(key, RECEIPT, 3, BOX)
    assert match == (ONE_MATCH if whole == SEALER.key.key else None)


@fuzzed
@given(content=near(bytes(range(16)) + b"phone".ljust(12, b"\0") + b"a".ljust(52, b"\0")))
def test_whatever_somebody_else_has_sealed_is_a_match_in_plain_letters_or_none(
    content: bytes,
) -> None:
    secret = os.urandom(32)
    key = SealedKey(HALF.key.id, HALF.key.seal(secret), 0)
    place = place_start(RECEIPT) + b"3"
    for inside in (content, content[:MATCH_BYTES].ljust(MATCH_BYTES, b"\0")):
        box = AESGCM(secret).encrypt(nonce_start(0) + bytes([0, 0, 0, 3]), inside, place)
        match = Opener([HALF]).open(key, RECEIPT, 3, box)
        assert match == parse_match(inside)
        if match is not None:
            names = match.kind + match.key_id + match.generation
            assert set(names) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


@fuzzed
@given(data=st.data())
def test_a_record_of_any_matches_is_told_and_no_sentence_repeats_what_is_in_it(
    data: st.DataObject,
) -> None:
    document = json.loads(CONTENT)
    try:
        access = msgspec.json.decode(data.draw(near(CONTENT, document)), type=Access)
    except UNREADABLE:
        return
    telling = Opened(Opener([HALF]))
    rows = list(telling.rows(access))
    assert rows
    assert all(len(row) == len(telling.columns) for row in rows)
    assert not any(CANARY in sentence for sentence in telling.wrong())


@fuzzed
@given(data=st.data())
def test_a_file_of_public_halves_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    halves = [HALF.key, PrivateHalf.generate().key]
    path = Path(tmp_path_factory.mktemp("fuzz")) / "disclosure.pub"
    replace_private(path, data.draw(near(encode_public_halves(halves))))
    try:
        read = read_public_halves(path)
    except OperatorError as error:
        require_no_echo(error)
        return
    assert read
    assert MARK not in encode_public_halves(read)
