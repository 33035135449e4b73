"""A generation as an API worker reads it: mapped files, exact confirmation.

A miss in the filter is final. A hit is never an answer: it is confirmed exactly, against the same
generation, in mapped records or, where they are beyond the memory allowance, in Redis.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from redis.asyncio import Redis

from screening.generations.bloom import Filter, require_known_hashing
from screening.generations.buckets import BucketTable, bucket_of
from screening.generations.manifest import Head, Manifest, open_manifest
from screening.generations.mapped import FILTER_FILE, RECORDS_FILE, TABLE_FILE, Mapped, map_file
from screening.generations.overlay import Overlay, OverlayFile, open_overlay
from screening.generations.records import (
    RECORD_BYTES,
    Minute,
    find_record,
    is_listed_at,
    unpack_records,
)
from screening.private_files import read_regular
from screening.store import keys
from screening.store.connection import store_errors
from screening.vocabulary.errors import StoreUnavailable, Untrusted
from screening.vocabulary.selector import IndexDigest

MANIFEST_FILE: Final = "manifest"
OVERLAY_PATTERN: Final = "overlay.*"


Confirmed = dict[IndexDigest, bool]
"""What is certain: whether a digest is listed. One that is absent is not known."""

PATIENCE_S: Final = 1.0
"""For all hits of one request: 10,000 in as many buckets take a quarter of it on a busy machine."""

_AT_A_TIME: Final = 64
"""Digests, or buckets of 3 KB, between which other requests are let in."""


class Confirmer(Protocol):
    """Answers exactly whether a generation lists digests."""

    async def confirm(self, digests: Sequence[IndexDigest], minute: Minute) -> Confirmed:
        """Return what is certain of `minute`; what could not be told is absent, never a "no"."""
        ...


class Generation:
    """One immutable, verified index. Safe to read from many requests at once."""

    def __init__(
        self, manifest: Manifest, bloom: Filter, confirmer: Confirmer, mapped: Sequence[Mapped]
    ) -> None:
        self.manifest = manifest
        self.might_contain = bloom.might_contain
        self.confirm = confirmer.confirm
        self._mapped = mapped

    def is_whole(self) -> bool:
        """Tell whether what is mapped is still what was published; reads and hashes all of it.

        Who writes in a mapped file changes what is read here; one that is replaced is not written.
        """
        return all(one.is_whole() for one in self._mapped)


def load_generation(directory: Path, head: Head, redis: Redis) -> Generation:
    """Map the files that sync has laid down in `directory` and verify every byte of them.

    `redis` confirms where the digests are not on this machine. Raises `Untrusted` where any file is
    absent, altered, or does not work with this version of the filter library.
    """
    files = _open_files(directory, head)
    if files.packed is not None:
        confirmer: Confirmer = LocalConfirmer(files.table, files.packed)
    else:
        confirmer = RedisConfirmer(redis, files.manifest, files.table)
    return Generation(files.manifest, files.bloom, confirmer, files.mapped)


def verify_generation(directory: Path, head: Head, *, max_records_bytes: int) -> None:
    """Verify every byte of what lies in `directory`; raises `Untrusted` as `load_generation`.

    Records may be absent only where they need more than `max_records_bytes`.
    """
    files = _open_files(directory, head)
    if files.packed is None and files.manifest.files.count * RECORD_BYTES <= max_records_bytes:
        raise Untrusted("a generation lies here without its records")


def overlay_name(described: OverlayFile) -> str:
    """Name the file of an overlay, in the folder of its generation."""
    return OVERLAY_PATTERN.replace("*", described.sha256)


def has_overlay(directory: Path, head: Head) -> bool:
    """Tell whether the overlay of `head` lies here, verified or not; an empty one has no file."""
    return not head.overlay.count or (directory / overlay_name(head.overlay)).exists()


def load_overlay(directory: Path, head: Head) -> Overlay:
    """Read the overlay of `head` that sync has laid down; raises `Untrusted`."""
    described = head.overlay
    if not described.count:
        return {}
    try:
        document = read_regular(directory / overlay_name(described))
    except OSError as error:
        raise Untrusted(f"an overlay cannot be read: {error.strerror}") from None
    return open_overlay(document, described)


@dataclass(frozen=True, slots=True)
class _Files:
    manifest: Manifest
    bloom: Filter
    table: BucketTable
    packed: memoryview | None
    mapped: Sequence[Mapped]


def _open_files(directory: Path, head: Head) -> _Files:
    try:
        manifest = open_manifest(read_regular(directory / MANIFEST_FILE), head)
        of_filter = map_file(directory / FILTER_FILE, manifest.files.filter_sha256)
        of_table = map_file(directory / TABLE_FILE, manifest.files.table_sha256)
        bloom = Filter(of_filter.content)
        table = BucketTable(
            of_table.content, bucket_bits=manifest.files.bucket_bits, count=manifest.files.count
        )
        require_known_hashing()
        if not (directory / RECORDS_FILE).exists():
            return _Files(manifest, bloom, table, None, (of_filter, of_table))
        of_records = map_file(directory / RECORDS_FILE, manifest.files.records_sha256)
    except OSError as error:
        raise Untrusted(f"a file of a generation cannot be read: {error.strerror}") from None
    packed = of_records.content
    if len(packed) != manifest.files.count * RECORD_BYTES:
        raise Untrusted("a generation has not as many records as its manifest says")
    _self_test(bloom, table, packed)
    return _Files(manifest, bloom, table, packed, (of_filter, of_table, of_records))


def _self_test(bloom: Filter, table: BucketTable, packed: memoryview) -> None:
    """Look up digests that are known to be listed, so that a library that hashes otherwise shows.

    Raises `Untrusted`: such a filter would answer "no" for ever.
    """
    step = max(1, table.count // 64)
    for index in range(0, table.count, step):
        record = packed[index * RECORD_BYTES : (index + 1) * RECORD_BYTES]
        if not all(bloom.might_contain(digest) for digest, _ in unpack_records(record)):
            raise Untrusted("a filter does not contain what it was built from")


class LocalConfirmer:
    """Confirms in the mapped records of this machine."""

    def __init__(self, table: BucketTable, packed: memoryview) -> None:
        self._table = table
        self._packed = packed

    async def confirm(self, digests: Sequence[IndexDigest], minute: Minute) -> Confirmed:
        """Look each digest up in its bucket; some microseconds for each."""
        certain: Confirmed = {}
        for count, digest in enumerate(digests, start=1):
            lo, hi = self._table.bounds(bucket_of(digest, self._table.bucket_bits))
            certain[digest] = _is_listed(self._packed, digest, lo, hi, minute=minute)
            if count % _AT_A_TIME == 0:
                await asyncio.sleep(0)
        return certain


class RedisConfirmer:
    """Confirms in the buckets in Redis; every bucket is checked against the mapped table.

    Each exchange with Redis has the client's time-outs, and all those of one request `PATIENCE_S`.
    """

    def __init__(self, redis: Redis, manifest: Manifest, table: BucketTable) -> None:
        self._redis = redis
        self._manifest = manifest
        self._table = table

    async def confirm(self, digests: Sequence[IndexDigest], minute: Minute) -> Confirmed:
        """Fetch and verify the buckets; of an absent or altered one nothing is certain."""
        by_bucket: defaultdict[int, list[IndexDigest]] = defaultdict(list)
        certain: Confirmed = {}
        for count, digest in enumerate(digests, start=1):
            number = bucket_of(digest, self._table.bucket_bits)
            lo, hi = self._table.bounds(number)
            if lo == hi:
                certain[digest] = False
            else:
                by_bucket[number].append(digest)
            if count % _AT_A_TIME == 0:
                await asyncio.sleep(0)
        numbers = list(by_bucket)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                for start in range(0, len(numbers), _AT_A_TIME):
                    slice_ = numbers[start : start + _AT_A_TIME]
                    # A task of its own: a request that is cancelled, or whose patience ends, must
                    # not break off a reply half-way.
                    contents = await asyncio.shield(asyncio.create_task(self._buckets(slice_)))
                    if contents is None:  # the others would wait as long for the same
                        break
                    for number, content in zip(slice_, contents, strict=True):
                        certain |= self._confirm_in(number, content, by_bucket[number], minute)
        return certain

    def _confirm_in(
        self, number: int, content: object, digests: Sequence[IndexDigest], minute: Minute
    ) -> Confirmed:
        if not isinstance(content, bytes):
            return {}
        try:
            self._table.verify(number, content)
        except Untrusted:
            return {}
        count = len(content) // RECORD_BYTES
        return {digest: _is_listed(content, digest, 0, count, minute=minute) for digest in digests}

    async def _buckets(self, numbers: Sequence[int]) -> Sequence[object] | None:
        key_id, generation = self._manifest.key_id, self._manifest.generation
        pipeline = self._redis.pipeline(transaction=False)
        for number in numbers:
            lo, hi = self._table.bounds(number)
            # Of a bucket that someone made longer, just enough to notice.
            pipeline.getrange(keys.bucket(key_id, generation, number), 0, (hi - lo) * RECORD_BYTES)
        with contextlib.suppress(StoreUnavailable), store_errors():
            return await pipeline.execute(raise_on_error=False)
        return None


def _is_listed(
    packed: bytes | memoryview, digest: IndexDigest, lo: int, hi: int, *, minute: Minute
) -> bool:
    listed_until = find_record(packed, digest, lo, hi)
    return listed_until is not None and is_listed_at(minute, listed_until)
