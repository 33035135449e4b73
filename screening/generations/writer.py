"""Build -> verify -> upload -> put in force -> retire. Only the indexer imports this.

Nothing here changes what is in force until `put_in_force` is executed in one Redis transaction; a
publisher that dies before it leaves keys that no head names, which `sweep` removes.
"""

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import redis

from screening.generations.buckets import (
    bucket_bits_for,
    encode_table,
    slice_buckets,
)
from screening.generations.hashes import sha256_hex
from screening.generations.manifest import (
    FILTER_PIECE_BYTES,
    Files,
    Manifest,
    encode_manifest,
)
from screening.generations.records import RECORD_BYTES
from screening.store import keys
from screening.store.connection import UNREADABLE_REPLIES, store_errors
from screening.vocabulary.errors import Untrusted

_COMMANDS_PER_CALL: Final = 256
_LOOK_AGAIN_S: Final = 0.05

Piece = tuple[str, bytes | memoryview]
"""A Redis key and its content."""


@dataclass(frozen=True, slots=True)
class Artefacts:
    """All bytes of one generation, ready to upload."""

    manifest: Manifest
    filter: bytes
    table: bytes
    records: bytes

    def encoded_manifest(self) -> bytes:
        """Return the manifest as it is stored."""
        return encode_manifest(self.manifest)

    def pieces(self) -> Iterator[Piece]:
        """Yield every Redis key of this generation with its content; empty buckets have none."""
        key_id, generation = self.manifest.key_id, self.manifest.generation
        yield keys.manifest(key_id, generation), self.encoded_manifest()
        yield keys.table(key_id, generation), self.table
        filter_view = memoryview(self.filter)
        for number, start in enumerate(range(0, len(filter_view), FILTER_PIECE_BYTES)):
            piece = filter_view[start : start + FILTER_PIECE_BYTES]
            yield keys.filter_piece(key_id, generation, number), piece
        for number, bucket in enumerate(
            slice_buckets(memoryview(self.records), self.manifest.files.bucket_bits)
        ):
            if len(bucket):
                yield keys.bucket(key_id, generation, number), bucket


def describe_files(filter_file: bytes, records: bytes) -> tuple[bytes, Files]:
    """Return the bucket table, and the manifest's description of the three files.

    `records` are sorted, distinct and packed.
    """
    count = len(records) // RECORD_BYTES
    bucket_bits = bucket_bits_for(count)
    table = encode_table(memoryview(records), bucket_bits)
    return table, Files(
        count=count,
        bucket_bits=bucket_bits,
        filter_bytes=len(filter_file),
        filter_sha256=sha256_hex(filter_file),
        table_sha256=sha256_hex(table),
        records_sha256=sha256_hex(records),
    )


def upload(store: redis.Redis, artefacts: Artefacts) -> None:
    """Write a generation under its own keys and read every byte back."""
    _write(store, artefacts.pieces)


def upload_overlay(store: redis.Redis, key_id: str, generation: str, overlay: bytes) -> None:
    """Write an overlay beside its generation and read it back."""
    name = keys.overlay(key_id, generation, sha256_hex(overlay))
    _write(store, lambda: iter([(name, overlay)]))


def _write(store: redis.Redis, pieces: Callable[[], Iterator[Piece]]) -> None:
    with store_errors():
        for batch in _batches(pieces()):
            store.mset({key: bytes(content) for key, content in batch})
        for batch in _batches(pieces()):
            stored = store.mget([key for key, _ in batch])
            if stored != [bytes(content) for _, content in batch]:
                raise Untrusted("Redis does not hold what was just written to it; check the store")


def put_in_force(pipeline: "redis.client.Pipeline", heads: Mapping[str, bytes]) -> None:
    """Queue the signed `heads` (key_id -> document) on a transaction: all change, or none."""
    if heads:
        pipeline.hset(keys.HEADS, items=[part for item in heads.items() for part in item])


def withdraw(pipeline: "redis.client.Pipeline", key_ids: Collection[str]) -> None:
    """Queue the removal of the heads of `key_ids` on a transaction."""
    if key_ids:
        pipeline.hdel(keys.HEADS, *map(keys.field, key_ids))


def sweep(
    store: redis.Redis, kept: Collection[tuple[str, str]], *, overlays: Collection[str]
) -> int:
    """Remove generations but those `kept` as (key_id, generation); return the keys removed.

    Of their overlays, those with a SHA-256 in `overlays` stay.
    """
    prefixes = tuple(keys.every_key_of(*pair).removesuffix("*").encode() for pair in kept)
    kept_overlays = tuple(one.encode() for one in overlays)
    removed = 0
    with store_errors():
        doomed = [
            key
            for key in store.scan_iter(match=keys.every_key_of("*"), count=1_000)
            if not key.startswith(prefixes)
            or (keys.is_overlay(key) and not key.endswith(kept_overlays))
        ]
        for start in range(0, len(doomed), _COMMANDS_PER_CALL):
            removed += store.unlink(*doomed[start : start + _COMMANDS_PER_CALL])
    return removed


def forget_on_disk(store: redis.Redis, *, timeout_s: float = 60.0) -> bool:
    """Have the store write its append-only file anew, and tell whether it has within `timeout_s`.

    What was removed lies in that file until then. A store that is not ours to administer permits
    neither the question nor the command; one without such a file has nothing to forget.
    """
    deadline = time.monotonic() + timeout_s
    try:
        if not store.info("persistence")["aof_enabled"]:
            return True
        store.bgrewriteaof()
        while True:
            # An embedded server that ends now would break it off.
            told = store.info("persistence")
            if not (told["aof_rewrite_in_progress"] or told["aof_rewrite_scheduled"]):
                return bool(told["aof_last_bgrewrite_status"] == "ok")
            if time.monotonic() > deadline:
                return False
            time.sleep(_LOOK_AGAIN_S)
    except (redis.RedisError, *UNREADABLE_REPLIES):
        return False


def _batches(
    pieces: Iterator[Piece],
) -> Iterator[list[Piece]]:
    """Group pieces into calls of bounded number and of a few MiB at the most."""
    batch: list[Piece] = []
    size = 0
    for key, content in pieces:
        batch.append((key, content))
        size += len(content)
        if len(batch) >= _COMMANDS_PER_CALL or size >= 4 * FILTER_PIECE_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
