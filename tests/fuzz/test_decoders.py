"""Whatever bytes a reader is given, it reads them or raises its own error, and repeats nothing.

Where a signature or a hash stands before a decoder, it is a true one: what is behind must hold by
itself, on the day that the key before it is lost.
"""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.generations.bloom import Filter, FilterBuilder
from screening.generations.buckets import BucketTable
from screening.generations.hashes import sha256_hex
from screening.generations.manifest import Head, encode_manifest, open_head, open_manifest
from screening.generations.overlay import OverlayFile, open_overlay
from screening.registry.record import ApiKeyRecord, PartnerRecord, open_record
from screening.store.signed import HEAD_LABEL, PARTNER_LABEL, Signer
from screening.vocabulary.errors import InvalidRequest, KitRefused, ScreeningError, Untrusted
from screening.vocabulary.kit import parse_kit
from screening.vocabulary.question import read_bulk_msgpack
from screening.vocabulary.selector import IndexDigest
from tests.fuzz.extent import fuzzed
from tests.fuzz.given import near, require_no_echo, with_other_members
from tests.generations.conftest import Published, build, invented_digests
from tests.harness.reading import whole
from tests.vocabulary.conftest import TOKENS, Document
from tests.vocabulary.questions import READERS, Read, encoded, packed, question

SIGNER = Signer(bytes(range(32)))
VERIFIER = SIGNER.verifier()
PUBLISHED: Published = build(invented_digests(50))
HEAD: Head = PUBLISHED.head
RECORD = PartnerRecord(
    format="screening-partner/1",
    partner="acme",
    sequence=7,
    issued_at=1_795_000_000,
    state="active",
    mode="live",
    server_key_id="0" * 16,
    key_ids=["acme-2026a"],
    api_keys=[ApiKeyRecord("a" * 12, bytes(32), ["check"])],
    selectors_per_second=1,
    daily_selectors=1,
)
OVERLAY = PUBLISHED.artefacts.records[: 19 * 20]

Open = Callable[[bytes], object]


def open_signed_head(body: bytes) -> object:
    return open_head(SIGNER.sign(HEAD_LABEL, body), HEAD.key_id, VERIFIER)


def open_signed_record(body: bytes) -> object:
    return open_record(SIGNER.sign(PARTNER_LABEL, body), "acme", VERIFIER)


def open_named_manifest(document: bytes) -> object:
    return open_manifest(
        document, msgspec.structs.replace(HEAD, manifest_sha256=sha256_hex(document))
    )


def open_named_overlay(document: bytes) -> object:
    return open_overlay(document, OverlayFile(20, sha256_hex(document)))


def ask_filter(file: bytes) -> object:
    return Filter(memoryview(file)).might_contain(IndexDigest(bytes(16)))


def ask_table(table: bytes) -> object:
    files = PUBLISHED.artefacts.manifest.files
    buckets = BucketTable(table, bucket_bits=files.bucket_bits, count=files.count)
    return [buckets.bounds(number) for number in range(len(buckets))]


def small_filter() -> bytes:
    builder = FilterBuilder(1)
    builder.add_all(invented_digests(20))
    return builder.encoded()


JSON_DOCUMENTS: dict[str, tuple[Open, bytes]] = {
    "head": (open_signed_head, msgspec.json.encode(HEAD)),
    "partner record": (open_signed_record, msgspec.json.encode(RECORD)),
    "manifest": (open_named_manifest, encode_manifest(PUBLISHED.artefacts.manifest)),
}
FILES: dict[str, tuple[Open, bytes]] = {
    "overlay": (open_named_overlay, OVERLAY),
    "filter": (ask_filter, small_filter()),
    "table": (ask_table, PUBLISHED.artefacts.table),
}


def require_read_or(expected: type[ScreeningError], read: Open, content: bytes) -> object | None:
    """Return what was read; fail for a foreign exception, and for one that repeats the mark."""
    try:
        return read(content)
    except expected as error:
        require_no_echo(error)
        return None


@pytest.mark.parametrize("read", READERS)
@fuzzed
@given(data=st.data())
def test_a_body_is_a_question_or_an_invalid_request(read: Read, data: st.DataObject) -> None:
    if read is read_bulk_msgpack:
        changed: Any = with_other_members(packed(), packed=True)
        body = data.draw(st.one_of(near(encoded(read)), changed))
    else:
        body = data.draw(near(encoded(read), question()))
    require_read_or(InvalidRequest, lambda content: whole(read(content)), body)


@fuzzed
@given(data=st.data())
def test_a_kit_is_a_kit_or_refused(kit_document: Document, data: st.DataObject) -> None:
    document = data.draw(near(json.dumps(kit_document).encode(), kit_document))
    kit = require_read_or(KitRefused, parse_kit, document)
    for secret in (kit_document["api_key"], TOKENS["secret_base64"], TOKENS["salt_base64"]):
        assert secret not in repr(kit)


@pytest.mark.parametrize("name", JSON_DOCUMENTS)
@fuzzed
@given(data=st.data())
def test_a_signed_document_is_one_of_ours_or_untrusted(name: str, data: st.DataObject) -> None:
    read, document = JSON_DOCUMENTS[name]
    require_read_or(Untrusted, read, data.draw(near(document, json.loads(document))))


@pytest.mark.parametrize("name", FILES)
@fuzzed
@given(data=st.data())
def test_a_file_of_a_generation_can_be_asked_or_is_untrusted(
    name: str, data: st.DataObject
) -> None:
    read, document = FILES[name]
    require_read_or(Untrusted, read, data.draw(near(document)))


def test_what_was_written_is_read() -> None:
    for read, document in (JSON_DOCUMENTS | FILES).values():
        assert read(document) is not None
