"""Fetching a generation: whole and as it was signed, or not at all."""

import os
from pathlib import Path

import msgspec
import pytest
import redis
from pydantic import SecretStr

from screening.generations.fetch import fetch_generation, fetch_overlay, generation_directory
from screening.generations.manifest import FILTER_PIECE_BYTES
from screening.generations.overlay import describe_overlay, encode_overlay
from screening.generations.reader import load_overlay, overlay_name, verify_generation
from screening.generations.records import NOT_LISTED, pack_record
from screening.generations.writer import upload, upload_overlay
from screening.store import keys
from screening.store.connection import open_store
from screening.store.settings import StoreSettings
from screening.vocabulary.errors import StoreUnavailable, Untrusted
from tests.generations.conftest import Published, build, invented_digests
from tests.harness.valkey import Valkey

ALL_LOCAL = 1 << 30


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    folder = tmp_path / "cache"
    folder.mkdir(mode=0o700)
    return folder


def names_of(published: Published) -> list[str]:
    """Every Redis key of a generation."""
    return [name for name, _ in published.artefacts.pieces()]


def refused(
    store: redis.Redis, published: Published, cache: Path, *, allowed: int = ALL_LOCAL
) -> bool:
    """Tell whether fetching raises `Untrusted`, and look that it leaves nothing behind."""
    try:
        fetch_generation(store, published.head, cache, max_records_bytes=allowed)
    except Untrusted:
        assert [one for one in cache.rglob("*") if one.is_file()] == []
        assert list(generation_directory(cache, published.head).parent.iterdir()) == []
        return True
    return False


def test_a_fetched_generation_lies_private_in_its_own_folder(
    store: redis.Redis, cache: Path, thousands: Published
) -> None:
    upload(store, thousands.artefacts)
    folder = fetch_generation(store, thousands.head, cache, max_records_bytes=ALL_LOCAL)
    assert folder == generation_directory(cache, thousands.head)
    assert {one.stat().st_mode & 0o777 for one in folder.iterdir()} == {0o600}
    assert [one.name for one in folder.parent.iterdir()] == [thousands.head.generation]


def test_a_fetched_generation_has_its_name_when_all_of_it_is_durable(
    store: redis.Redis, cache: Path, thousands: Published, durable_steps: list[str]
) -> None:
    upload(store, thousands.artefacts)
    durable_steps.clear()
    fetch_generation(store, thousands.head, cache, max_records_bytes=ALL_LOCAL)
    *synced, folder, renamed, parent = durable_steps
    assert sorted(synced) == ["fsync filter", "fsync manifest", "fsync records", "fsync table"]
    assert (folder, renamed) == (f"fsync {renamed[7:]}", f"rename {folder[6:]}")
    assert parent == f"fsync {thousands.head.key_id}"


def test_digests_stay_in_redis_where_they_need_more_than_is_allowed(
    store: redis.Redis, cache: Path, thousands: Published
) -> None:
    upload(store, thousands.artefacts)
    for allowed, local in ((5_000 * 19 - 1, False), (5_000 * 19, True)):
        folder = fetch_generation(store, thousands.head, cache, max_records_bytes=allowed)
        assert (folder / "records").exists() == local


def test_a_damaged_generation_in_the_cache_is_replaced(
    store: redis.Redis, cache: Path, thousands: Published
) -> None:
    upload(store, thousands.artefacts)
    folder = fetch_generation(store, thousands.head, cache, max_records_bytes=ALL_LOCAL)
    (folder / "filter").write_bytes(b"damaged")
    fetch_generation(store, thousands.head, cache, max_records_bytes=ALL_LOCAL)
    verify_generation(folder, thousands.head, max_records_bytes=ALL_LOCAL)


def test_the_overlays_of_the_last_three_heads_stay_for_workers_that_are_about_to_load_one(
    store: redis.Redis, cache: Path, thousands: Published
) -> None:
    upload(store, thousands.artefacts)
    folder = fetch_generation(store, thousands.head, cache, max_records_bytes=ALL_LOCAL)
    fetched: list[str] = []
    for number in range(5):
        document = encode_overlay([pack_record(thousands.digests[number], NOT_LISTED)])
        upload_overlay(store, thousands.head.key_id, thousands.head.generation, document)
        head = msgspec.structs.replace(thousands.head, overlay=describe_overlay(document))
        fetch_overlay(store, head, folder)
        path = folder / overlay_name(head.overlay)
        os.utime(path, (number, number))  # two may be of one tick of the file system's clock
        fetched.append(path.name)
        assert {one.name for one in folder.glob("overlay.*")} == set(fetched[-3:])


def test_a_folder_in_place_of_an_overlay_is_replaced(
    store: redis.Redis, cache: Path, thousands: Published
) -> None:
    upload(store, thousands.artefacts)
    folder = fetch_generation(store, thousands.head, cache, max_records_bytes=ALL_LOCAL)
    document = encode_overlay([pack_record(thousands.digests[0], NOT_LISTED)])
    upload_overlay(store, thousands.head.key_id, thousands.head.generation, document)
    head = msgspec.structs.replace(thousands.head, overlay=describe_overlay(document))
    (folder / overlay_name(head.overlay)).mkdir()
    fetch_overlay(store, head, folder)
    assert load_overlay(folder, head) == {thousands.digests[0]: NOT_LISTED}


def test_a_filter_of_several_pieces_is_put_together(store: redis.Redis, cache: Path) -> None:
    # As large as for 600,000 digests, though only few are in it.
    published = build(invented_digests(100), capacity=600_000)
    assert published.artefacts.manifest.files.filter_bytes > 2 * FILTER_PIECE_BYTES
    upload(store, published.artefacts)
    folder = fetch_generation(store, published.head, cache, max_records_bytes=0)
    assert (folder / "filter").read_bytes() == published.artefacts.filter


def test_every_missing_key_is_noticed(
    store: redis.Redis, cache: Path, thousands: Published
) -> None:
    upload(store, thousands.artefacts)
    names = names_of(thousands)
    assert len(names) == 1 + 1 + 1 + 16
    for name in names:
        content = store.get(name)
        assert isinstance(content, bytes)
        store.delete(name)
        assert refused(store, thousands, cache), name
        store.set(name, b"")  # an empty value is no absent one, and no better
        assert refused(store, thousands, cache), name
        store.set(name, content)
    assert not refused(store, thousands, cache)


def test_every_altered_key_is_noticed(
    store: redis.Redis, cache: Path, thousands: Published
) -> None:
    upload(store, thousands.artefacts)
    for name in names_of(thousands):
        content = store.get(name)
        assert isinstance(content, bytes)
        flipped = bytes([content[0] ^ 1]) + content[1:]
        for altered in (flipped, content[:-1], content[:-19], content + content[-19:]):
            store.set(name, altered)
            assert refused(store, thousands, cache), name
        store.set(name, content)


@pytest.mark.parametrize("part", range(4))
def test_of_a_key_that_has_grown_hardly_more_is_read_than_was_published(
    store: redis.Redis, cache: Path, thousands: Published, part: int
) -> None:
    upload(store, thousands.artefacts)
    store.setrange(names_of(thousands)[part], 100 << 20, b"x")
    before = _bytes_out(store)
    assert refused(store, thousands, cache)
    assert _bytes_out(store) - before < 1 << 20


def _bytes_out(store: redis.Redis) -> int:
    return int(store.info("stats")["total_net_output_bytes"])


def test_what_is_fetched_without_its_digests_is_verified_as_well(
    store: redis.Redis, cache: Path, thousands: Published
) -> None:
    upload(store, thousands.artefacts)
    for name in names_of(thousands)[:3]:
        content = store.get(name)
        assert isinstance(content, bytes)
        for position in (0, len(content) // 2, len(content) - 1):
            altered = bytearray(content)
            altered[position] ^= 0x10
            store.set(name, bytes(altered))
            assert refused(store, thousands, cache, allowed=0), name
        store.set(name, content)
    assert not refused(store, thousands, cache, allowed=0)


def test_swapped_buckets_are_noticed(store: redis.Redis, cache: Path, thousands: Published) -> None:
    upload(store, thousands.artefacts)
    first, second = (
        keys.bucket(thousands.head.key_id, thousands.head.generation, number) for number in (3, 4)
    )
    contents = dict(thousands.artefacts.pieces())
    store.mset({first: bytes(contents[second]), second: bytes(contents[first])})
    assert refused(store, thousands, cache)


def test_every_part_of_another_generation_is_noticed(
    store: redis.Redis, cache: Path, thousands: Published
) -> None:
    """Each key holds what is genuine, signed and of another list."""
    other = build(invented_digests(5_000, label="an older list"))
    upload(store, thousands.artefacts)
    genuine = dict(thousands.artefacts.pieces())
    for name, content in other.artefacts.pieces():
        store.set(name, bytes(content))
        assert refused(store, thousands, cache), name
        store.set(name, bytes(genuine[name]))


def test_a_key_of_another_type_is_no_failure_of_the_store(
    store: redis.Redis, cache: Path, thousands: Published
) -> None:
    for name in names_of(thousands):
        upload(store, thousands.artefacts)
        store.delete(name)
        store.rpush(name, b"x")
        assert refused(store, thousands, cache), name
        store.delete(name)


def test_a_store_that_is_frozen_or_down_leaves_nothing_half_fetched(
    valkey: Valkey, cache: Path, thousands: Published
) -> None:
    with valkey.client() as client:
        upload(client, thousands.artefacts)
    with open_store(StoreSettings(redis_url=SecretStr(valkey.url)), timeout_ms=200) as store:
        for stop in (valkey.freeze, valkey.kill):  # a frozen process can be killed
            stop()
            with pytest.raises(StoreUnavailable):
                fetch_generation(store.client, thousands.head, cache, max_records_bytes=ALL_LOCAL)
            assert list(generation_directory(cache, thousands.head).parent.iterdir()) == []
