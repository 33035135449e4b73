"""Signed documents: nothing that anybody else wrote or altered is read."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.store.signed import HEAD_LABEL, PARTNER_LABEL, Signer, Verifier
from screening.vocabulary.errors import Untrusted

SIGNER = Signer(bytes(range(32)))
LAW = settings(max_examples=100)


@LAW
@given(st.binary(max_size=200))
def test_what_was_signed_is_read_by_whoever_holds_the_public_key_alone(body: bytes) -> None:
    verifier = Verifier(SIGNER.verifier().public_key)
    assert verifier.open(HEAD_LABEL, SIGNER.sign(HEAD_LABEL, body)) == body


def test_every_altered_bit_is_refused() -> None:
    document = SIGNER.sign(HEAD_LABEL, b'{"sequence":7}')
    verifier = SIGNER.verifier()
    for position in range(len(document) * 8):
        altered = bytearray(document)
        altered[position // 8] ^= 1 << position % 8
        with pytest.raises(Untrusted):
            verifier.open(HEAD_LABEL, bytes(altered))


def test_every_shorter_or_longer_document_is_refused() -> None:
    document = SIGNER.sign(HEAD_LABEL, b'{"sequence":7}')
    verifier = SIGNER.verifier()
    for altered in (*(document[:size] for size in range(len(document))), document + b"\0"):
        with pytest.raises(Untrusted):
            verifier.open(HEAD_LABEL, altered)


def test_one_kind_of_document_is_never_read_as_another() -> None:
    with pytest.raises(Untrusted):
        SIGNER.verifier().open(PARTNER_LABEL, SIGNER.sign(HEAD_LABEL, b"{}"))


def test_a_document_of_another_signer_is_refused() -> None:
    with pytest.raises(Untrusted):
        SIGNER.verifier().open(HEAD_LABEL, Signer(bytes(32)).sign(HEAD_LABEL, b"{}"))


@LAW
@given(st.binary(max_size=200))
def test_any_other_bytes_are_refused(document: bytes) -> None:
    with pytest.raises(Untrusted) as caught:
        SIGNER.verifier().open(HEAD_LABEL, document)
    assert caught.value.__cause__ is None


def test_a_representation_shows_no_key() -> None:
    assert bytes(range(32)).hex() not in f"{SIGNER!r}"
    assert "\\x01\\x02" not in f"{SIGNER!r}"
