"""Packed records in buckets, and the table that binds every bucket to the signed manifest.

All records of a generation (`records.py`), sorted, are one run of bytes. A bucket holds those whose
digests share their first `bucket_bits` bits. The table has one 36-byte entry for each bucket: the
index of its first record (`u32be`), then the SHA-256 of its bytes. The manifest holds the table's
SHA-256.
"""

import hashlib
import struct
from bisect import bisect_left
from collections.abc import Iterator
from typing import Final

from screening.generations.records import RECORD_BYTES, RecordDigests
from screening.vocabulary.errors import Untrusted
from screening.vocabulary.selector import IndexDigest

RECORDS_PER_BUCKET: Final = 200
"""A mean; 3.8 KB a bucket keeps key and table overhead below 1 byte a selector in Redis."""

_ENTRY: Final = struct.Struct(">I32s")
_MAX_BUCKET_BITS: Final = 24


def bucket_bits_for(count: int) -> int:
    """Return how many leading bits choose the bucket, for `count` records."""
    wanted = max(1, count // RECORDS_PER_BUCKET)
    return min(_MAX_BUCKET_BITS, wanted.bit_length() - 1)


def bucket_of(digest: IndexDigest, bucket_bits: int) -> int:
    """Return the number of the bucket that holds `digest`, were it listed."""
    return int.from_bytes(digest[:4], "big") >> (32 - bucket_bits)


def slice_buckets(packed: bytes | memoryview, bucket_bits: int) -> Iterator[bytes | memoryview]:
    """Yield the bytes of each bucket of `packed` (sorted records), empty buckets included."""
    count = len(packed) // RECORD_BYTES
    digests = RecordDigests(packed)
    start = 0
    for number in range(1, 1 << bucket_bits):
        boundary = (number << (32 - bucket_bits)).to_bytes(4, "big")
        end = bisect_left(digests, boundary, lo=start, hi=count)
        yield packed[start * RECORD_BYTES : end * RECORD_BYTES]
        start = end
    yield packed[start * RECORD_BYTES :]


def encode_table(packed: bytes | memoryview, bucket_bits: int) -> bytes:
    """Return the table for `packed`."""
    entries = []
    first = 0
    for bucket in slice_buckets(packed, bucket_bits):
        entries.append(_ENTRY.pack(first, hashlib.sha256(bucket).digest()))
        first += len(bucket) // RECORD_BYTES
    return b"".join(entries)


def table_bytes(bucket_bits: int) -> int:
    """Return how long the table of so many buckets is."""
    return _ENTRY.size << bucket_bits


class BucketTable:
    """Says for each bucket where it starts, how many records it holds, and its hash."""

    def __init__(self, table: bytes | memoryview, *, bucket_bits: int, count: int) -> None:
        if not 0 <= bucket_bits <= _MAX_BUCKET_BITS or len(table) != table_bytes(bucket_bits):
            raise Untrusted("a bucket table has not the size that its manifest says")
        self._table = table
        self.bucket_bits = bucket_bits
        self.count = count

    def __len__(self) -> int:
        return 1 << self.bucket_bits

    def bounds(self, bucket: int) -> tuple[int, int]:
        """Return the indices of the bucket's first record and of the one behind its last."""
        first: int = _ENTRY.unpack_from(self._table, bucket * _ENTRY.size)[0]
        if bucket + 1 == len(self):
            return first, self.count
        return first, _ENTRY.unpack_from(self._table, (bucket + 1) * _ENTRY.size)[0]

    def verify(self, bucket: int, content: bytes) -> None:
        """Raise `Untrusted` where `content` is not the bucket that was published."""
        expected = _ENTRY.unpack_from(self._table, bucket * _ENTRY.size)[1]
        if hashlib.sha256(content).digest() != expected:
            raise Untrusted("a bucket in Redis is not the one that was published")
