"""Writing generations: read back whole, put in force together, and swept without a slip."""

from typing import Any

import pytest
import redis

from screening.generations.hashes import sha256_hex
from screening.generations.manifest import FILTER_PIECE_BYTES
from screening.generations.overlay import encode_overlay
from screening.generations.records import NOT_LISTED, pack_record
from screening.generations.writer import (
    describe_files,
    put_in_force,
    sweep,
    upload,
    upload_overlay,
    withdraw,
)
from screening.store import keys
from screening.vocabulary.errors import StoreUnavailable, Untrusted
from screening.vocabulary.selector import IndexDigest
from tests.generations.conftest import Published, build, invented_digests
from tests.harness.valkey import Valkey

GENERATIONS = ["00000001-aaaaaaaa", "00000002-aaaaaaaa", "00000011-aaaaaaaa"]
# Each is the beginning of the next, or of its keys.
KEY_IDS = ["a", "a-1", "a-10", "aa"]


def keys_of(store: redis.Redis, key_id: str, generation: str) -> list[bytes]:
    return list(store.scan_iter(match=keys.every_key_of(key_id, generation)))


@pytest.fixture
def many(store: redis.Redis) -> list[tuple[str, str]]:
    """Several generations of several token keys whose names begin alike."""
    pairs = [(key_id, generation) for key_id in KEY_IDS for generation in GENERATIONS]
    for key_id, generation in pairs:
        published = build(invented_digests(500), key_id=key_id, generation=generation)
        upload(store, published.artefacts)
    return pairs


def test_an_upload_writes_every_piece(store: redis.Redis, thousands: Published) -> None:
    upload(store, thousands.artefacts)
    stored = {name.decode(): store.get(name) for name in store.scan_iter()}
    assert stored == {name: bytes(content) for name, content in thousands.artefacts.pieces()}
    assert sum(len(v or b"") for n, v in stored.items() if ":bucket:" in n) == 5_000 * 19


def test_an_empty_bucket_has_no_key(store: redis.Redis) -> None:
    # All begin with a zero bit: the second of two buckets is empty.
    published = build([IndexDigest(number.to_bytes(16, "big")) for number in range(400)])
    assert published.artefacts.manifest.files.bucket_bits == 1
    upload(store, published.artefacts)
    assert list(store.scan_iter(match="*:bucket:*")) == [
        keys.bucket(published.head.key_id, published.head.generation, 0).encode()
    ]


def test_an_upload_again_changes_nothing(store: redis.Redis, thousands: Published) -> None:
    upload(store, thousands.artefacts)
    before = {name: store.get(name) for name in store.scan_iter()}
    upload(store, thousands.artefacts)
    assert {name: store.get(name) for name in store.scan_iter()} == before


def test_a_filter_goes_in_pieces_of_a_mebibyte(thousands: Published) -> None:
    filter_file = bytes(2 * FILTER_PIECE_BYTES + 5)
    _, files = describe_files(filter_file, thousands.artefacts.records)
    assert files.filter_bytes == len(filter_file)
    sizes = [
        len(content)
        for name, content in build(invented_digests(100), capacity=300_000).artefacts.pieces()
        if ":filter:" in name
    ]
    assert sizes[0] == FILTER_PIECE_BYTES
    assert len(sizes) == 2


@pytest.mark.parametrize("count", [0, 1, 400])
def test_files_are_described_as_they_are(count: int) -> None:
    published = build(invented_digests(count))
    files = published.artefacts.manifest.files
    assert (files.count, files.filter_bytes) == (count, len(published.artefacts.filter))
    assert len(published.artefacts.table) == 36 << files.bucket_bits


def test_heads_change_all_together_and_only_when_executed(store: redis.Redis) -> None:
    store.hset(keys.HEADS, mapping={"a": b"old", "b": b"old", "gone": b"old"})
    pipeline = store.pipeline(transaction=True)
    put_in_force(pipeline, {"a": b"new", "b": b"new", "c": b"new"})
    withdraw(pipeline, ["gone"])
    assert store.hget(keys.HEADS, "a") == b"old"
    pipeline.execute()
    assert store.hgetall(keys.HEADS) == {b"a": b"new", b"b": b"new", b"c": b"new"}


def test_no_heads_is_no_command(store: redis.Redis) -> None:
    pipeline = store.pipeline(transaction=True)
    put_in_force(pipeline, {})
    withdraw(pipeline, [])
    assert pipeline.execute() == []


@pytest.mark.parametrize("key_id", KEY_IDS)
@pytest.mark.parametrize("generation", GENERATIONS)
def test_a_sweep_keeps_what_is_kept_and_nothing_whose_name_begins_alike(
    store: redis.Redis, many: list[tuple[str, str]], key_id: str, generation: str
) -> None:
    before = {name: store.get(name) for name in keys_of(store, key_id, generation)}
    total = store.dbsize()
    assert sweep(store, [(key_id, generation)], overlays=[]) == total - len(before)
    assert {name: store.get(name) for name in store.scan_iter()} == before
    assert len(before) >= 4
    assert (key_id, generation) in many


def test_a_sweep_removes_the_overlays_that_no_head_names_any_more(
    store: redis.Redis, thousands: Published
) -> None:
    key_id, generation = thousands.head.key_id, thousands.head.generation
    upload(store, thousands.artefacts)
    whole = set(keys_of(store, key_id, generation))
    overlays = [encode_overlay([pack_record(one, NOT_LISTED)]) for one in thousands.digests[:3]]
    for overlay in overlays:
        upload_overlay(store, key_id, generation, overlay)
    *old, current = map(sha256_hex, overlays)
    assert sweep(store, [(key_id, generation)], overlays=[current]) == len(old)
    kept = keys.overlay(key_id, generation, current).encode()
    assert set(keys_of(store, key_id, generation)) == {*whole, kept}


@pytest.mark.usefixtures("many")
def test_a_sweep_touches_nothing_but_generations(store: redis.Redis) -> None:
    others = {
        keys.host("a"): b"attested",
        "generation": b"of another kind",
        "generations:a:b:c": b"not ours",
        "cache:generation:a:b:c": b"not ours",
    }
    store.mset(others)
    store.hset(keys.HEADS, "a", b"head")
    store.hset(keys.PARTNERS, "a", b"record")
    sweep(store, [], overlays=[])
    assert {name.decode() for name in store.scan_iter()} == {*others, keys.HEADS, keys.PARTNERS}


@pytest.mark.usefixtures("many")
def test_a_sweep_removes_a_name_that_is_no_text(store: redis.Redis) -> None:
    store.set(b"generation:\xff\xfe:00000001-aaaaaaaa:manifest", b"planted")
    sweep(store, [("a", GENERATIONS[0])], overlays=[])
    assert list(store.scan_iter(match=b"generation:\xff*")) == []
    assert keys_of(store, "a", GENERATIONS[0])


def test_a_store_that_does_not_hold_what_was_written_is_noticed(
    shared_valkey: Valkey, thousands: Published
) -> None:
    class Forgetful(redis.Redis):
        def mset(self, mapping: Any) -> Any:
            written = dict(mapping)
            written[min(written)] = bytes(len(written[min(written)]))
            return super().mset(written)

    with (
        Forgetful(unix_socket_path=str(shared_valkey.socket)) as store,
        pytest.raises(Untrusted, match="does not hold what was just written"),
    ):
        upload(store, thousands.artefacts)


def test_a_store_that_is_full_refuses_the_upload(store: redis.Redis, thousands: Published) -> None:
    store.config_set("maxmemory", 1)
    try:
        with pytest.raises(StoreUnavailable, match="memory"):
            upload(store, thousands.artefacts)
    finally:
        store.config_set("maxmemory", 0)
    assert store.dbsize() == 0
