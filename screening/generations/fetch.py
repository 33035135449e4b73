"""Bring a generation from Redis to this machine's cache, verified, whole or not at all."""

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import redis
from redis.exceptions import ResponseError

from screening.generations.buckets import BucketTable
from screening.generations.manifest import (
    FILTER_PIECE_BYTES,
    Head,
    Manifest,
    open_manifest,
    sha256_hex,
)
from screening.generations.reader import (
    DIGESTS_FILE,
    FILTER_FILE,
    MANIFEST_FILE,
    TABLE_FILE,
)
from screening.private_files import ensure_private_directory, sync_directory
from screening.store import keys
from screening.store.connection import store_errors
from screening.vocabulary.errors import Untrusted
from screening.vocabulary.tokens import DIGEST_BYTES

_BUCKETS_PER_CALL: Final = 256


def generation_directory(cache: Path, head: Head) -> Path:
    """Name the folder of the generation that `head` puts in force."""
    return cache / "generations" / head.key_id / head.generation


def is_of_wrong_type(answer: object) -> bool:
    """Tell whether Redis answered that a key holds another type than the command is for.

    Someone has written there what the indexer never does: unlike other errors, this one says
    nothing about any other key.
    """
    return isinstance(answer, ResponseError) and "WRONGTYPE" in str(answer)


def fetch_generation(
    store: redis.Redis, head: Head, cache: Path, *, max_digests_bytes: int
) -> Path:
    """Lay the files of a generation into `cache` and return their folder.

    Its digests come along where they need at most `max_digests_bytes`. Raises `Untrusted` where
    anything in Redis is not what the signed head covers, and `StoreUnavailable`.
    """
    destination = generation_directory(cache, head)
    ensure_private_directory(destination.parent)
    partial = destination.parent / f".{head.generation}.{secrets.token_hex(4)}"
    partial.mkdir(mode=0o700)
    try:
        with store_errors():
            _fetch_into(store, head, partial, max_digests_bytes)
        sync_directory(partial)
        if destination.exists():  # what lies there did not verify, or nobody would be fetching
            shutil.rmtree(destination)
        partial.rename(destination)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    sync_directory(destination.parent)
    return destination


def _fetch_into(store: redis.Redis, head: Head, folder: Path, max_digests_bytes: int) -> None:
    document = _get(store, keys.manifest(head.key_id, head.generation), "manifest")
    manifest = open_manifest(document, head)
    table = _get(store, keys.table(head.key_id, head.generation), "bucket table")
    if sha256_hex(table) != manifest.files.table_sha256:
        raise Untrusted("a bucket table in Redis is not the one that was published")
    _write(folder / MANIFEST_FILE, iter([document]))
    _write(folder / TABLE_FILE, iter([table]))
    filter_sha256 = _write(folder / FILTER_FILE, _filter_pieces(store, manifest))
    if filter_sha256 != manifest.files.filter_sha256:
        raise Untrusted("a filter in Redis is not the one that was published")
    if manifest.files.count * DIGEST_BYTES <= max_digests_bytes:
        buckets = BucketTable(
            table, bucket_bits=manifest.files.bucket_bits, count=manifest.files.count
        )
        digests_sha256 = _write(folder / DIGESTS_FILE, _buckets(store, manifest, buckets))
        if digests_sha256 != manifest.files.digests_sha256:
            raise Untrusted("the buckets in Redis are not those that were published")


def _filter_pieces(store: redis.Redis, manifest: Manifest) -> Iterator[bytes]:
    for number in range(-(-manifest.files.filter_bytes // FILTER_PIECE_BYTES)):
        key = keys.filter_piece(manifest.key_id, manifest.generation, number)
        yield _get(store, key, "filter piece")


def _buckets(store: redis.Redis, manifest: Manifest, table: BucketTable) -> Iterator[bytes]:
    filled = [n for n in range(len(table)) if table.bounds(n)[0] < table.bounds(n)[1]]
    for start in range(0, len(filled), _BUCKETS_PER_CALL):
        numbers = filled[start : start + _BUCKETS_PER_CALL]
        names = [keys.bucket(manifest.key_id, manifest.generation, n) for n in numbers]
        for number, content in zip(numbers, store.mget(names), strict=True):
            bucket = _present(content, "bucket")  # MGET has none for another type, either
            table.verify(number, bucket)
            yield bucket


def _get(store: redis.Redis, key: str, what: str) -> bytes:
    try:
        content = store.get(key)
    except ResponseError as error:
        if not is_of_wrong_type(error):
            raise
        raise Untrusted(f"a {what} in Redis is of another type than was published") from None
    return _present(content, what)


def _present(content: object, what: str) -> bytes:
    # GET of an absent key and of an empty one look alike further down: absence is an error here.
    if not isinstance(content, bytes):
        raise Untrusted(f"a {what} is missing from Redis")
    return content


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
