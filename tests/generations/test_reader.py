"""A generation in the cache: every byte is verified, and every answer exact or an error."""

import asyncio
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import redis
from pydantic import SecretStr
from redis.asyncio import Redis as AsyncRedis

from screening.generations.buckets import bucket_of
from screening.generations.fetch import fetch_generation
from screening.generations.manifest import Head
from screening.generations.reader import (
    DIGESTS_FILE,
    FILTER_FILE,
    MANIFEST_FILE,
    PATIENCE_S,
    TABLE_FILE,
    Confirmed,
    Generation,
    load_generation,
    verify_generation,
)
from screening.generations.writer import Artefacts, describe_files, upload
from screening.store import keys
from screening.store.connection import open_confirming_client
from screening.store.settings import StoreSettings
from screening.vocabulary.errors import Untrusted
from screening.vocabulary.selector import IndexDigest
from tests.generations.conftest import (
    Published,
    build,
    head_of,
    invented_digests,
    with_manifest,
)
from tests.harness.valkey import Valkey

ALL_LOCAL, NONE_LOCAL = 1 << 30, -1
NOWHERE = AsyncRedis(unix_socket_path="/nowhere")  # connects when it is asked, and never is


@pytest.fixture
def cached(store: redis.Redis, tmp_path: Path, thousands: Published) -> Path:
    """The folder of a generation that was fetched with its digests."""
    return laid_down(store, thousands, tmp_path, local=True)


def laid_down(store: redis.Redis, published: Published, cache: Path, *, local: bool) -> Path:
    upload(store, published.artefacts)
    cache.chmod(0o700)
    allowed = ALL_LOCAL if local else NONE_LOCAL
    return fetch_generation(store, published.head, cache, max_digests_bytes=allowed)


def confirming_client(url: str, *, timeout_ms: int = 200) -> AsyncRedis:
    settings = StoreSettings(redis_url=SecretStr(url))
    return open_confirming_client(settings, timeout_ms=timeout_ms)


def is_listed(generation: Generation, digest: IndexDigest) -> bool:
    return asyncio.run(generation.confirm([digest]))[digest]


def confirmed(
    folder: Path, published: Published, url: str, digests: list[IndexDigest]
) -> list[bool | None]:
    """Ask Redis for all digests together; None for each that is not known."""

    async def ask() -> Confirmed:
        client = confirming_client(url)
        try:
            return await load_generation(folder, published.head, client).confirm(digests)
        finally:
            await client.aclose()

    certain = asyncio.run(ask())
    return [certain.get(digest) for digest in digests]


@pytest.mark.parametrize("count", [0, 1, 5_000])
@pytest.mark.parametrize("local", [True, False])
def test_what_was_uploaded_is_what_is_answered_from(
    store: redis.Redis, shared_valkey: Valkey, tmp_path: Path, count: int, local: bool
) -> None:
    published = build(invented_digests(count))
    folder = laid_down(store, published, tmp_path, local=local)
    assert (folder / DIGESTS_FILE).exists() == local
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


def positions(size: int) -> Iterator[int]:
    """Yield bits of a file: its first and last bytes, and some between, other ones every run."""
    ends = {*range(min(size, 8)), *range(max(0, size - 8), size)}
    between = {secrets.randbelow(size) for _ in range(80)} if size else set()
    for position in sorted(ends | between):
        yield position * 8 + secrets.randbelow(8)


@pytest.mark.parametrize("name", [MANIFEST_FILE, FILTER_FILE, TABLE_FILE, DIGESTS_FILE])
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
            verify_generation(cached, thousands.head, max_digests_bytes=0)


@pytest.mark.parametrize("name", [MANIFEST_FILE, FILTER_FILE, TABLE_FILE, DIGESTS_FILE])
def test_a_file_that_is_cut_off_emptied_or_longer_is_refused(
    cached: Path, thousands: Published, name: str
) -> None:
    genuine = (cached / name).read_bytes()
    for altered in (genuine[:-1], genuine[:-16], b"", genuine + bytes(16)):
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
    verify_generation(cached, thousands.head, max_digests_bytes=0)
    (cached / DIGESTS_FILE).unlink()
    verify_generation(cached, thousands.head, max_digests_bytes=5_000 * 16 - 1)
    with pytest.raises(Untrusted):
        verify_generation(cached, thousands.head, max_digests_bytes=5_000 * 16)


@pytest.mark.parametrize(
    "member", [{"manifest_sha256": "0" * 64}, {"generation": "00000002-9f86d081"}]
)
def test_files_are_not_loaded_under_another_head(
    cached: Path, thousands: Published, member: dict[str, object]
) -> None:
    other: Head = msgspec.structs.replace(thousands.head, **member)
    with pytest.raises(Untrusted):
        load_generation(cached, other, NOWHERE)


def test_a_filter_that_was_not_built_from_the_digests_is_refused(
    store: redis.Redis, tmp_path: Path, thousands: Published
) -> None:
    # As another release of the filter library would read it, which hashes otherwise.
    other = build(invented_digests(5_000, label="not listed")).artefacts.filter
    table, files = describe_files(other, thousands.artefacts.digests)
    manifest = msgspec.structs.replace(thousands.artefacts.manifest, files=files)
    artefacts = Artefacts(manifest, other, table, thousands.artefacts.digests)
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


@pytest.mark.parametrize(
    "tampering", ["removed", "emptied", "altered", "swapped", "cut", "retyped"]
)
def test_a_bucket_that_is_not_the_published_one_is_never_a_no(
    store: redis.Redis,
    shared_valkey: Valkey,
    tmp_path: Path,
    thousands: Published,
    tampering: str,
) -> None:
    folder = laid_down(store, thousands, tmp_path, local=False)
    names = [keys.bucket(thousands.head.key_id, thousands.head.generation, n) for n in range(16)]
    contents = {name: store.get(name) for name in names}
    for number, name in enumerate(names):
        content = contents[name]
        assert isinstance(content, bytes)
        if tampering == "removed":
            store.delete(name)
        elif tampering == "retyped":
            store.delete(name)
            store.rpush(name, content)
        else:
            other = contents[names[number - 1]]
            assert isinstance(other, bytes)
            altered = {
                "emptied": b"",
                "altered": content[:-1] + bytes([content[-1] ^ 1]),
                "swapped": other,
                "cut": content[:-16],
            }[tampering]
            store.set(name, altered)
    probes = thousands.digests[::25] + invented_digests(50, label="not listed")
    answers = confirmed(folder, thousands, shared_valkey.url, probes)
    assert set(answers) == {None}


def test_of_digests_that_are_asked_together_only_those_of_an_altered_bucket_are_not_known(
    store: redis.Redis, shared_valkey: Valkey, tmp_path: Path, thousands: Published
) -> None:
    folder = laid_down(store, thousands, tmp_path, local=False)
    altered = keys.bucket(thousands.head.key_id, thousands.head.generation, 5)
    store.set(altered, b"x")
    listed = set(thousands.digests)
    probes = sorted(listed | set(invented_digests(5_000, label="not listed")))
    answers = confirmed(folder, thousands, shared_valkey.url, probes)
    expected = [None if bucket_of(one, 4) == 5 else one in listed for one in probes]
    assert answers == expected


def test_the_digests_of_one_request_wait_for_redis_together_and_late_replies_are_nobodys(
    valkey: Valkey, tmp_path: Path, thousands: Published
) -> None:
    with valkey.client() as store:
        folder = laid_down(store, thousands, tmp_path, local=False)

    async def ask() -> None:
        # Each exchange might take far longer than all of them together may.
        client = confirming_client(valkey.url, timeout_ms=30_000)
        generation = load_generation(folder, thousands.head, client)
        try:
            assert len(await generation.confirm(thousands.digests)) == 5_000
            valkey.freeze()
            started = time.monotonic()
            assert await generation.confirm(thousands.digests[:2_500]) == {}
            assert PATIENCE_S <= time.monotonic() - started < PATIENCE_S + 5
            valkey.thaw()
            others = thousands.digests[2_500:]
            for one in others[::250]:
                assert await generation.confirm([one]) == {one: True}
        finally:
            await client.aclose()

    asyncio.run(ask())


def test_a_redis_that_is_down_is_never_a_no_and_is_asked_again(
    valkey: Valkey, tmp_path: Path, thousands: Published
) -> None:
    with valkey.client() as store:
        folder = laid_down(store, thousands, tmp_path, local=False)
    probe = thousands.digests[:1]
    valkey.freeze()
    assert confirmed(folder, thousands, valkey.url, probe) == [None]
    valkey.thaw()
    assert confirmed(folder, thousands, valkey.url, probe) == [True]
    valkey.kill()
    assert confirmed(folder, thousands, valkey.url, probe) == [None]
    valkey.start()
    assert confirmed(folder, thousands, valkey.url, probe) == [True]


def test_a_question_that_is_broken_off_leaves_the_answers_of_others_in_order(
    store: redis.Redis, shared_valkey: Valkey, tmp_path: Path, thousands: Published
) -> None:
    folder = laid_down(store, thousands, tmp_path, local=False)

    async def ask() -> None:
        client = confirming_client(shared_valkey.url)
        generation = load_generation(folder, thousands.head, client)
        try:
            for round_ in range(100):
                digests = thousands.digests[round_ * 37 :: 1_000]
                others = thousands.digests[-1 - round_ * 41 :: -1_000]
                broken = asyncio.create_task(generation.confirm(digests))
                kept = asyncio.create_task(generation.confirm(others))
                for _ in range(round_ % 7):
                    await asyncio.sleep(0)
                broken.cancel()
                assert await kept == dict.fromkeys(others, True)
                await asyncio.gather(broken, return_exceptions=True)
        finally:
            await client.aclose()

    asyncio.run(ask())
