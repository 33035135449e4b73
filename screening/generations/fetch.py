"""Bring a generation from Redis to this machine's cache, verified, whole or not at all."""

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import redis

from screening.generations.buckets import BucketTable, table_bytes
from screening.generations.hashes import sha256_hex
from screening.generations.manifest import (
    FILTER_PIECE_BYTES,
    MANIFEST_MAX_BYTES,
    Head,
    Manifest,
    open_manifest,
)
from screening.generations.mapped import FILTER_FILE, RECORDS_FILE, TABLE_FILE
from screening.generations.overlay import open_overlay
from screening.generations.reader import MANIFEST_FILE, OVERLAY_PATTERN, overlay_name
from screening.generations.records import RECORD_BYTES
from screening.private_files import (
    ensure_private_directory,
    remove_whatever,
    replace_whatever,
    sync_directory,
)
from screening.store import keys
from screening.store.bounded_reads import read_strings
from screening.vocabulary.errors import Untrusted

_BUCKETS_PER_CALL: Final = 256
_OVERLAYS_KEPT: Final = 3


def generation_directory(cache: Path, head: Head) -> Path:
    """Name the folder of the generation that `head` puts in force."""
    return cache / "generations" / head.key_id / head.generation


def fetch_generation(
    store: redis.Redis, head: Head, cache: Path, *, max_records_bytes: int
) -> Path:
    """Lay the files of a generation into `cache` and return their folder.

    Its records come along where they need at most `max_records_bytes`. Raises `Untrusted` where
    anything in Redis is not what the signed head covers, and `StoreUnavailable`.
    """
    destination = generation_directory(cache, head)
    ensure_private_directory(destination.parent)
    partial = destination.parent / f".{head.generation}.{secrets.token_hex(4)}"
    partial.mkdir(mode=0o700)
    try:
        _fetch_into(store, head, partial, max_records_bytes)
        sync_directory(partial)
        remove_whatever(destination)  # it did not verify, or nobody would be fetching
        partial.rename(destination)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    sync_directory(destination.parent)
    return destination


def fetch_overlay(store: redis.Redis, head: Head, folder: Path) -> None:
    """Lay the overlay of `head` into `folder`, beside its generation; raises as that does."""
    described = head.overlay
    name = keys.overlay(head.key_id, head.generation, described.sha256)
    (document,) = _read(store, [(name, described.size_bytes)])
    open_overlay(document, described)
    replace_whatever(folder / overlay_name(described), document)
    _keep_overlays(folder)


def _keep_overlays(folder: Path) -> None:
    """Remove overlays but the last few: a worker may be about to load the one before."""
    found = sorted(folder.glob(OVERLAY_PATTERN), key=lambda path: path.lstat().st_mtime_ns)
    for path in found[:-_OVERLAYS_KEPT]:
        remove_whatever(path)


def _fetch_into(store: redis.Redis, head: Head, folder: Path, max_records_bytes: int) -> None:
    (document,) = _read(store, [(keys.manifest(head.key_id, head.generation), MANIFEST_MAX_BYTES)])
    manifest = open_manifest(document, head)
    files = manifest.files
    (table,) = _read(
        store, [(keys.table(head.key_id, head.generation), table_bytes(files.bucket_bits))]
    )
    if sha256_hex(table) != files.table_sha256:
        raise Untrusted("a bucket table in Redis is not the one that was published")
    _write(folder / MANIFEST_FILE, iter([document]))
    _write(folder / TABLE_FILE, iter([table]))
    filter_sha256 = _write(folder / FILTER_FILE, _filter_pieces(store, manifest))
    if filter_sha256 != files.filter_sha256:
        raise Untrusted("a filter in Redis is not the one that was published")
    if files.count * RECORD_BYTES <= max_records_bytes:
        buckets = BucketTable(table, bucket_bits=files.bucket_bits, count=files.count)
        records_sha256 = _write(folder / RECORDS_FILE, _buckets(store, manifest, buckets))
        if records_sha256 != files.records_sha256:
            raise Untrusted("the buckets in Redis are not those that were published")


def _filter_pieces(store: redis.Redis, manifest: Manifest) -> Iterator[bytes]:
    size = manifest.files.filter_bytes
    for number, start in enumerate(range(0, size, FILTER_PIECE_BYTES)):
        key = keys.filter_piece(manifest.key_id, manifest.generation, number)
        yield from _read(store, [(key, min(FILTER_PIECE_BYTES, size - start))])


def _buckets(store: redis.Redis, manifest: Manifest, table: BucketTable) -> Iterator[bytes]:
    bounds = [table.bounds(number) for number in range(len(table))]
    filled = [number for number, (first, end) in enumerate(bounds) if first < end]
    for start in range(0, len(filled), _BUCKETS_PER_CALL):
        numbers = filled[start : start + _BUCKETS_PER_CALL]
        wanted = [
            (
                keys.bucket(manifest.key_id, manifest.generation, number),
                (bounds[number][1] - bounds[number][0]) * RECORD_BYTES,
            )
            for number in numbers
        ]
        for number, bucket in zip(numbers, _read(store, wanted), strict=True):
            table.verify(number, bucket)
            yield bucket


def _read(store: redis.Redis, wanted: Sequence[tuple[str, int]]) -> list[bytes]:
    """Return what lies under each key, which may have so many bytes at most."""
    contents = []
    for content in read_strings(store, wanted):
        if content is None:
            raise Untrusted("a part of a generation in Redis is not of the size that was published")
        # Of an absent key and of an empty one alike: neither was ever published.
        if not content:
            raise Untrusted("a part of a generation is missing from Redis")
        contents.append(content)
    return contents


def _write(path: Path, pieces: Iterator[bytes]) -> str:
    """Write a file durably and return the SHA-256 of its content."""
    digest = hashlib.sha256()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        for piece in pieces:
            file.write(piece)
            digest.update(piece)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()
