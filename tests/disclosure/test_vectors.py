"""What `tests/vectors/sealed_matches.json` says is what is sealed and opened, by RFC 9180 too."""

import base64
import json
import os
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography.exceptions import InvalidTag

from screening.disclosure.boxes import BOX_BYTES, Match, SealedKey
from screening.disclosure.keys import DisclosureKey, encode_public_halves
from screening.disclosure.opening import Opener, PrivateHalf
from tests.disclosure.reference import disclosure_id, open_key, public_of, seal_key, seal_match

VECTORS: Final = json.loads((Path(__file__).parents[1] / "vectors/sealed_matches.json").read_text())
SECRET: Final = bytes.fromhex(VECTORS["private_half"])
PUBLIC: Final = bytes.fromhex(VECTORS["public_half"])
WORK_KEY: Final = bytes.fromhex(VECTORS["work_key"])
SEALED: Final = base64.b64decode(VECTORS["sealed_key"])
HALF: Final = PrivateHalf(SECRET)


def opened(case: dict[str, Any]) -> Match | None:
    key = SealedKey(VECTORS["disclosure_id"], SEALED, case["number"])
    return Opener([HALF]).open(key, case["receipt"], case["row"], base64.b64decode(case["box"]))


def test_a_disclosure_key_has_this_name_and_this_line_in_its_file() -> None:
    assert HALF.key == DisclosureKey(PUBLIC)
    assert HALF.key.id == VECTORS["disclosure_id"] == disclosure_id(public_of(SECRET))
    assert encode_public_halves([HALF.key]).decode() == VECTORS["public_line"] + "\n"


def test_a_work_key_is_sealed_as_rfc_9180_says() -> None:
    ephemeral = bytes.fromhex(VECTORS["ephemeral"])
    assert seal_key(WORK_KEY, public=PUBLIC, ephemeral=ephemeral) == SEALED
    assert HALF.open(SEALED) == WORK_KEY
    # What our own code seals, whoever reads the standard opens.
    other = os.urandom(32)
    assert open_key(HALF.key.seal(other), secret=SECRET) == other


@pytest.mark.parametrize("case", VECTORS["sealed_keys_refused"], ids=lambda case: case["why"])
def test_a_sealed_work_key_that_is_no_more_what_it_was_does_not_open(case: dict[str, Any]) -> None:
    sealed = base64.b64decode(case["sealed_key"])
    assert HALF.open(sealed) is None
    with pytest.raises((InvalidTag, ValueError)):
        open_key(sealed, secret=SECRET)


@pytest.mark.parametrize("case", VECTORS["matches"], ids=lambda case: f"{case['row']}")
def test_a_box_holds_what_the_vector_says(case: dict[str, Any]) -> None:
    digest = bytes.fromhex(case["digest"])
    region = case.get("booking_region")
    match = (digest, case["kind"], region or "", case["key_id"], case["generation"])
    handle = (case["receipt"], case["row"])
    box = seal_match(WORK_KEY, number=case["number"], handle=handle, match=match)
    assert base64.b64encode(box).decode() == case["box"]
    assert len(box) == BOX_BYTES
    assert opened(case) == Match(digest, case["kind"], *match[3:], region)


@pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: case["why"])
def test_what_was_not_sealed_for_its_row_does_not_open(case: dict[str, Any]) -> None:
    assert opened(case) is None
