"""Head and manifest: one signature covers every byte that an answer is read from."""

import msgspec
import pytest

from screening.generations.hashes import sha256_hex
from screening.generations.manifest import (
    Head,
    encode_manifest,
    open_head,
    open_manifest,
    sign_head,
)
from screening.store.signed import HEAD_LABEL, PARTNER_LABEL, Signer
from screening.vocabulary.errors import Untrusted
from tests.generations.conftest import Published, with_manifest

SIGNER = Signer(bytes(range(32)))


def test_a_head_is_read_as_it_was_signed(thousands: Published) -> None:
    document = sign_head(thousands.head, SIGNER)
    assert open_head(document, "acme-2026a", SIGNER.verifier()) == thousands.head


def test_every_altered_byte_of_a_head_is_refused(thousands: Published) -> None:
    document = sign_head(thousands.head, SIGNER)
    for position in range(len(document)):
        altered = bytearray(document)
        altered[position] ^= 1 << position % 8
        with pytest.raises(Untrusted):
            open_head(bytes(altered), "acme-2026a", SIGNER.verifier())


@pytest.mark.parametrize("key_id", ["acme-2026b", "acme-2026", "other-2026a", ""])
def test_a_head_under_another_key_id_is_refused(thousands: Published, key_id: str) -> None:
    with pytest.raises(Untrusted):
        open_head(sign_head(thousands.head, SIGNER), key_id, SIGNER.verifier())


def test_a_head_of_another_signer_or_kind_is_refused(thousands: Published) -> None:
    body = msgspec.json.encode(thousands.head)
    for document in (
        sign_head(thousands.head, Signer(bytes(32))),
        SIGNER.sign(PARTNER_LABEL, body),
        body,
        b"",
    ):
        with pytest.raises(Untrusted):
            open_head(document, "acme-2026a", SIGNER.verifier())


@pytest.mark.parametrize(
    "member",
    [
        {"format": "screening-head/1"},
        {"key_id": "Acme"},
        {"generation": "../../etc"},
        {"generation": "1-9f86d081"},
        {"manifest_sha256": "00"},
        {"sequence": "7"},
        {"sequence": None},
        {"overlay": 1},
    ],
    ids=str,
)
def test_a_signed_head_of_another_format_is_refused(
    thousands: Published, member: dict[str, object]
) -> None:
    body = msgspec.json.encode({**msgspec.to_builtins(thousands.head), **member})
    with pytest.raises(Untrusted):
        open_head(SIGNER.sign(HEAD_LABEL, body), "acme-2026a", SIGNER.verifier())


def test_a_manifest_is_read_as_it_was_written(thousands: Published) -> None:
    manifest = thousands.artefacts.manifest
    assert open_manifest(encode_manifest(manifest), thousands.head) == manifest


def test_every_altered_byte_of_a_manifest_is_refused(thousands: Published) -> None:
    document = thousands.artefacts.encoded_manifest()
    for position in range(len(document)):
        altered = bytearray(document)
        altered[position] ^= 1 << position % 8
        with pytest.raises(Untrusted):
            open_manifest(bytes(altered), thousands.head)


@pytest.mark.parametrize("member", [{"key_id": "other-2026a"}, {"generation": "00000002-9f86d081"}])
def test_a_manifest_of_another_token_key_or_generation_is_refused(
    thousands: Published, member: dict[str, object]
) -> None:
    # As its head would name it, were the publisher mistaken.
    other = with_manifest(thousands, **member).artefacts.encoded_manifest()
    head = msgspec.structs.replace(thousands.head, manifest_sha256=sha256_hex(other))
    with pytest.raises(Untrusted):
        open_manifest(other, head)


@pytest.mark.parametrize("document", [b"", b"{}", b"\xff", b"[" * 100_000, b'{"format":"x"}'])
def test_a_document_that_is_no_manifest_is_refused(thousands: Published, document: bytes) -> None:
    head: Head = msgspec.structs.replace(thousands.head, manifest_sha256=sha256_hex(document))
    with pytest.raises(Untrusted):
        open_manifest(document, head)


def test_a_manifest_without_outcomes_is_written_and_read_as_before_there_were_any(
    thousands: Published,
) -> None:
    document = thousands.artefacts.encoded_manifest()
    assert b"outcomes" not in document
    assert open_manifest(document, thousands.head).outcomes == {}


OUTCOMES = {"0" * 32: "store", "1" * 32: "slow"}


def test_outcomes_are_read_in_the_manifest_of_a_test_key(thousands: Published) -> None:
    made = with_manifest(thousands, mode="test", outcomes=OUTCOMES)
    assert open_manifest(made.artefacts.encoded_manifest(), made.head).outcomes == OUTCOMES


@pytest.mark.parametrize(
    ("mode", "outcomes"),
    [
        ("live", OUTCOMES),
        ("test", {"0" * 32: "match"}),
        ("test", {"0" * 31: "store"}),
        ("test", {"G" * 32: "store"}),
        ("test", {"0" * 32 + "\n": "store"}),
    ],
)
def test_outcomes_of_a_live_key_or_of_no_digest_are_refused(
    thousands: Published, mode: str, outcomes: dict[str, str]
) -> None:
    made = with_manifest(thousands, mode=mode, outcomes=outcomes)
    with pytest.raises(Untrusted):
        open_manifest(made.artefacts.encoded_manifest(), made.head)
