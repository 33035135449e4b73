"""API keys: their form, their checksum, and that each is another."""

import re
import string
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.vocabulary.api_key import Mode, find_api_key, new_api_key

MODES: list[Mode] = ["live", "test"]
SHOWN = string.ascii_letters + string.digits + "_- \n"


@pytest.mark.parametrize("mode", MODES)
def test_a_new_key_has_the_documented_form_and_checksum(mode: Mode) -> None:
    key = new_api_key(mode)
    assert re.fullmatch(rf"gsk_{mode}_[a-z2-7]{{12}}_[a-z2-7]{{32}}_[0-9a-f]{{8}}", key.text)
    start, _, checksum = key.text.rpartition("_")
    assert int(checksum, 16) == zlib.crc32(start.encode())
    assert key.text.split("_")[2] == key.id


@pytest.mark.parametrize("mode", MODES)
def test_a_key_is_read_back_as_it_was_made(mode: Mode) -> None:
    key = new_api_key(mode)
    assert find_api_key(key.text) == key


def test_no_two_keys_share_an_id_or_a_secret() -> None:
    keys = [new_api_key("live") for _ in range(1_000)]
    assert len({key.id for key in keys}) == len({key.text.split("_")[3] for key in keys}) == 1_000


def test_every_one_character_slip_is_noticed() -> None:
    text = new_api_key("live").text
    for position in range(len(text)):
        before, after = text[:position], text[position + 1 :]
        assert find_api_key(before + after) is None
        for character in SHOWN:
            assert find_api_key(f"{before}{character}{text[position:]}") is None
            if character != text[position]:
                assert find_api_key(f"{before}{character}{after}") is None


def test_nothing_may_stand_before_or_behind_a_key() -> None:
    text = new_api_key("test").text
    for spelled in (f"{text}\n", f" {text}", f"{text} ", text.upper(), text.replace("_", "-")):
        assert find_api_key(spelled) is None


@settings(max_examples=200)
@given(st.one_of(st.text(st.characters()), st.from_regex(r"gsk_(live|test)_[a-z2-7_]*\Z")))
def test_any_other_text_is_no_key(text: str) -> None:
    assert find_api_key(text) is None


def test_a_representation_shows_the_public_id_only() -> None:
    key = new_api_key("live")
    assert repr(key) == f"ApiKey(live, {key.id})"
