"""Whole generations made of invented digests, and a Valkey that the tests of a module share."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec
import pytest
import redis

from screening.generations.bloom import FilterBuilder
from screening.generations.hashes import sha256_hex
from screening.generations.manifest import Head, Manifest
from screening.generations.overlay import NO_CHANGES
from screening.generations.records import NO_END, current_minute, pack_record
from screening.generations.writer import Artefacts, describe_files
from screening.vocabulary.selector import IndexDigest
from screening.vocabulary.tokens import STRETCH_PROFILES
from tests.harness.valkey import Valkey

Digests = list[IndexDigest]
NOW_MINUTE = current_minute(1_795_000_000)


def invented_digests(count: int, *, label: str = "listed") -> Digests:
    """Return `count` distinct digests, sorted; another label gives others."""
    return sorted(
        IndexDigest(hashlib.sha256(f"{label} {number}".encode()).digest()[:16])
        for number in range(count)
    )


def packed_of(digests: Iterable[IndexDigest]) -> bytes:
    """Return the records of digests that never end."""
    return b"".join(pack_record(digest, NO_END) for digest in digests)


@dataclass(frozen=True, slots=True)
class Published:
    """A generation as a publisher has it, and the head that puts it in force."""

    digests: Digests
    artefacts: Artefacts
    head: Head


def build(
    digests: Digests,
    *,
    key_id: str = "acme-2026a",
    generation: str = "00000001-9f86d081",
    capacity: int = 0,
) -> Published:
    builder = FilterBuilder(capacity or len(digests))
    builder.add_all(digests)
    packed = packed_of(digests)
    table, files = describe_files(builder.encoded(), packed)
    manifest = Manifest(
        format="screening-generation/2",
        key_id=key_id,
        generation=generation,
        mode="live",
        protocol="screening/v1",
        normaliser=1,
        phone_metadata="phonenumbers 9.0.0",
        stretch=STRETCH_PROFILES["none"],
        key_check=bytes(8),
        pepper_id="0" * 16,
        seq=3,
        built_at=1_795_000_000,
        files=files,
    )
    artefacts = Artefacts(manifest, builder.encoded(), table, packed)
    return Published(digests, artefacts, head_of(artefacts))


def head_of(artefacts: Artefacts) -> Head:
    return Head(
        format="screening-head/2",
        key_id=artefacts.manifest.key_id,
        sequence=7,
        release=7,
        generation=artefacts.manifest.generation,
        manifest_sha256=sha256_hex(artefacts.encoded_manifest()),
        overlay=NO_CHANGES,
        seq=artefacts.manifest.seq,
        published_at=1_795_000_000,
        issued_at=1_795_000_000,
    )


def with_manifest(published: Published, **members: object) -> Published:
    """Return the same generation under another manifest that its head names."""
    manifest = msgspec.structs.replace(published.artefacts.manifest, **members)
    artefacts = Artefacts(
        manifest,
        published.artefacts.filter,
        published.artefacts.table,
        published.artefacts.records,
    )
    return Published(published.digests, artefacts, head_of(artefacts))


@pytest.fixture(scope="session")
def thousands() -> Published:
    """5,000 digests in 16 buckets."""
    return build(invented_digests(5_000))


@pytest.fixture(scope="module")
def shared_valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    server = Valkey(tmp_path_factory.mktemp("vk"))
    yield server
    server.kill()


@pytest.fixture
def store(shared_valkey: Valkey) -> Iterator[redis.Redis]:
    """An empty store."""
    with shared_valkey.client() as client:
        client.flushall()
        yield client
