"""Sealed values and blind tags of the list file."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.list.selector_tags import SelectorTags
from indexer.sealing import TAG_BYTES, Sealer
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.selector import Canonical, SelectorKind

SEALER = Sealer(bytes(range(32)))
LAW = settings(max_examples=100)


@LAW
@given(st.binary(max_size=100), st.binary(max_size=40))
def test_a_value_opens_in_its_place(value: bytes, place: bytes) -> None:
    assert SEALER.open(SEALER.seal(value, place), place) == value


@LAW
@given(st.binary(max_size=40), st.binary(max_size=40))
def test_a_value_opens_in_no_other_place(place: bytes, other: bytes) -> None:
    if place != other:
        with pytest.raises(OperatorError):
            SEALER.open(SEALER.seal(b"value", place), other)


def test_an_altered_or_shortened_value_does_not_open() -> None:
    sealed = SEALER.seal(b"value", b"place")
    altered = [
        sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :] for at in range(len(sealed))
    ]
    for broken in (*altered, *(sealed[:size] for size in range(len(sealed))), sealed + b"\0"):
        with pytest.raises(OperatorError) as caught:
            SEALER.open(broken, b"place")
        assert caught.value.__cause__ is None


def test_a_value_does_not_open_under_another_key() -> None:
    with pytest.raises(OperatorError):
        Sealer(bytes(32)).open(SEALER.seal(b"value", b"place"), b"place")


def test_sealing_twice_shows_no_likeness() -> None:
    sealed = {SEALER.seal(b"value", b"place") for _ in range(100)}
    assert len({one[:12] for one in sealed}) == len({one[12:] for one in sealed}) == 100


def test_a_tag_is_the_same_for_the_same_content_and_means_nothing_without_the_key() -> None:
    assert SEALER.tag(b"content") == SEALER.tag(b"content")
    assert len(SEALER.tag(b"content")) == TAG_BYTES
    assert Sealer(bytes(32)).tag(b"content") != SEALER.tag(b"content") != SEALER.tag(b"contents")


@LAW
@given(st.text(max_size=20))
def test_kinds_never_share_a_tag(text: str) -> None:
    tags = {SelectorTags(SEALER, 1).of(Canonical(kind, text)) for kind in SelectorKind}
    assert len(tags) == len(SelectorKind)


def test_a_representation_shows_no_key() -> None:
    assert bytes(range(32)).hex() not in f"{SEALER!r}"
    assert "\\x01\\x02" not in f"{SEALER!r}"
