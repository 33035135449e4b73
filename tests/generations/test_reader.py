"""A generation in the cache: every byte is verified, and every answer exact or an error."""

import asyncio
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
import redis
from redis.asyncio import Redis as AsyncRedis

from screening.generations import bloom
from screening.generations.bloom import FilterBuilder
from screening.generations.manifest import Head
from screening.generations.mapped import FILTER_FILE, RECORDS_FILE, TABLE_FILE
from screening.generations.reader import (
    MANIFEST_FILE,
    Generation,
    load_generation,
    verify_generation,
)
from screening.generations.records import RECORD_BYTES, unpack_records
from screening.generations.writer import Artefacts, describe_files
from screening.vocabulary.errors import Untrusted
from screening.vocabulary.selector import IndexDigest
from tests.generations.conftest import (
    NOW_MINUTE,
    Published,
    build,
    head_of,
    invented_digests,
    with_manifest,
)
from tests.generations.laid_down import confirmed, confirming_client, laid_down
from tests.harness.valkey import Valkey

NOWHERE = AsyncRedis(unix_socket_path="/nowhere")  # connects when it is asked, and never is


@pytest.fixture
def cached(store: redis.Redis, tmp_path: Path, thousands: Published) -> Path:
    """The folder of a generation that was fetched with its digests."""
    return laid_down(store, thousands, tmp_path, local=True)


def is_listed(generation: Generation, digest: IndexDigest) -> bool:
    return asyncio.run(generation.confirm([digest], NOW_MINUTE))[digest]


@pytest.mark.parametrize("count", [0, 1, 5_000])
@pytest.mark.parametrize("local", [True, False])
def test_what_was_uploaded_is_what_is_answered_from(
    store: redis.Redis, shared_valkey: Valkey, tmp_path: Path, count: int, local: bool
) -> None:
    published = build(invented_digests(count))
    folder = laid_down(store, published, tmp_path, local=local)
    assert (folder / RECORDS_FILE).exists() == local
    generation = load_generation(folder, published.head, confirming_client(shared_valkey.url))
    assert generation.manifest == published.artefacts.manifest
    assert all(map(generation.might_contain, published.digests))
    probes = published.digests[:300] + invented_digests(300, label="not listed")
    expected = [digest in set(published.digests) for digest in probes]
    if local:
        store.flushall()
        assert [is_listed(generation, digest) for digest in probes] == expected
    else:
        assert confirmed(folder, published, shared_valkey.url, probes) == expected


@pytest.mark.parametrize("local", [True, False])
def test_with_a_filter_library_that_hashes_otherwise_nothing_is_loaded(
    store: redis.Redis,
    shared_valkey: Valkey,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    local: bool,
) -> None:
    published = build(invented_digests(100))
    folder = laid_down(store, published, tmp_path, local=local)
    monkeypatch.setattr(bloom, "_KNOWN_FILTER_SHA256", "another release's")
    with pytest.raises(Untrusted, match="hash"):
        load_generation(folder, published.head, confirming_client(shared_valkey.url))


def positions(size: int) -> Iterator[int]:
    """Yield bits of a file: its first and last bytes, and some between, other ones every run."""
    ends = {*range(min(size, 8)), *range(max(0, size - 8), size)}
    between = {secrets.randbelow(size) for _ in range(80)} if size else set()
    for position in sorted(ends | between):
        yield position * 8 + secrets.randbelow(8)


@pytest.mark.parametrize("name", [MANIFEST_FILE, FILTER_FILE, TABLE_FILE, RECORDS_FILE])
def test_a_flipped_bit_of_any_file_is_refused(
    cached: Path, thousands: Published, name: str
) -> None:
    load_generation(cached, thousands.head, NOWHERE)
    genuine = (cached / name).read_bytes()
    for position in positions(len(genuine)):
        altered = bytearray(genuine)
        altered[position // 8] ^= 1 << position % 8
        (cached / name).write_bytes(altered)
        with pytest.raises(Untrusted):
            load_generation(cached, thousands.head, NOWHERE)
        with pytest.raises(Untrusted):
            verify_generation(cached, thousands.head, max_records_bytes=0)


@pytest.mark.parametrize("name", [MANIFEST_FILE, FILTER_FILE, TABLE_FILE, RECORDS_FILE])
def test_a_file_that_is_cut_off_emptied_or_longer_is_refused(
    cached: Path, thousands: Published, name: str
) -> None:
    genuine = (cached / name).read_bytes()
    for altered in (genuine[:-1], genuine[:-19], b"", genuine + bytes(19)):
        (cached / name).write_bytes(altered)
        with pytest.raises(Untrusted):
            load_generation(cached, thousands.head, NOWHERE)


@pytest.mark.parametrize("name", [MANIFEST_FILE, FILTER_FILE, TABLE_FILE])
def test_an_absent_file_is_refused(cached: Path, thousands: Published, name: str) -> None:
    (cached / name).unlink()
    with pytest.raises(Untrusted):
        load_generation(cached, thousands.head, NOWHERE)


def test_digests_may_be_absent_only_where_they_need_more_than_is_allowed(
    cached: Path, thousands: Published
) -> None:
    verify_generation(cached, thousands.head, max_records_bytes=0)
    (cached / RECORDS_FILE).unlink()
    verify_generation(cached, thousands.head, max_records_bytes=5_000 * 19 - 1)
    with pytest.raises(Untrusted):
        verify_generation(cached, thousands.head, max_records_bytes=5_000 * 19)


@pytest.mark.parametrize(
    "member", [{"manifest_sha256": "0" * 64}, {"generation": "00000002-9f86d081"}]
)
def test_files_are_not_loaded_under_another_head(
    cached: Path, thousands: Published, member: dict[str, object]
) -> None:
    other: Head = msgspec.structs.replace(thousands.head, **member)
    with pytest.raises(Untrusted):
        load_generation(cached, other, NOWHERE)


def some_of(published: Published) -> bytes:
    """Return a filter of the first digest only."""
    builder = FilterBuilder(len(published.digests))
    first = published.artefacts.records[:RECORD_BYTES]
    builder.add_all([digest for digest, _ in unpack_records(first)])
    return builder.encoded()


def none_of(published: Published) -> bytes:
    """Return a filter as another release of the library would read it, which hashes otherwise."""
    other = build(invented_digests(len(published.digests), label="not listed"))
    return other.artefacts.filter


@pytest.mark.parametrize("filter_of", [none_of, some_of])
def test_a_filter_that_was_not_built_from_the_digests_is_refused(
    store: redis.Redis,
    tmp_path: Path,
    thousands: Published,
    filter_of: Callable[[Published], bytes],
) -> None:
    other, records = filter_of(thousands), thousands.artefacts.records
    table, files = describe_files(other, records)
    manifest = msgspec.structs.replace(thousands.artefacts.manifest, files=files)
    artefacts = Artefacts(manifest, other, table, records)
    published = Published(thousands.digests, artefacts, head_of(artefacts))
    folder = laid_down(store, published, tmp_path, local=True)
    with pytest.raises(Untrusted, match="does not contain"):
        load_generation(folder, published.head, NOWHERE)


def test_a_manifest_that_counts_other_digests_than_there_are_is_refused(
    store: redis.Redis, tmp_path: Path, thousands: Published
) -> None:
    files = msgspec.structs.replace(thousands.artefacts.manifest.files, count=5_001)
    published = with_manifest(thousands, files=files)
    folder = laid_down(store, published, tmp_path, local=True)
    with pytest.raises(Untrusted):
        load_generation(folder, published.head, NOWHERE)


def test_digests_on_this_machine_need_no_redis(
    store: redis.Redis, cached: Path, thousands: Published
) -> None:
    store.flushall()
    generation = load_generation(cached, thousands.head, NOWHERE)
    assert all(is_listed(generation, digest) for digest in thousands.digests[:50])
