"""The Bloom filter of a generation: build in parts, merge, write as a file, map.

pybloom-live hashes `bytes` differently in two releases of one version number, so digests enter as
hex `str`. Its own file has no checksum: ours is covered by the manifest's SHA-256. A filter that is
being answered from is mapped read-only and never changed.
"""

import hashlib
import struct
from collections.abc import Iterable, Iterator
from itertools import cycle, islice, repeat
from operator import add, mod
from typing import Final

from bitarray import bitarray
from pybloom_live import BloomFilter

from screening.vocabulary.errors import Untrusted
from screening.vocabulary.selector import IndexDigest
from screening.vocabulary.tokens import DIGEST_BYTES

ERROR_RATE: Final = 1e-6
"""One hit in a million is confirmed for nothing.

Costs -log(1e-6) / log(2)**2 = 28.8 bits a selector.
"""

_MINIMUM_CAPACITY: Final = 1_000
_MAX_SLICES: Final = 64  # of an error rate of 2**-64; ours has 20
_KNOWN_FILTER_SHA256: Final = "8ce7808999dcc6e9b20faa04a0e1e1f0e6e69ea9983e396d80ba410f0daa1512"
"""Of a filter of two digests, made by the released pybloom-live 4.0.0."""
_TOGETHER: Final = 64
_MAGIC: Final = b"scrflt/1"
_HEADER: Final = struct.Struct("<8sdQQQ")  # magic, error rate, slices, bits a slice, capacity
HEADER_BYTES: Final = _HEADER.size


class _Positions:
    """The bits of many digests at once, as the library's `make_hashes` yields them for one.

    Setting them takes 0.45 of the time of the library's `add`, and looking for them 0.45 of that of
    its `in` (measured in one run).
    """

    def __init__(self, bloom: BloomFilter) -> None:
        self._bits_per_slice = bloom.bits_per_slice
        self._slices = range(0, bloom.num_bits, bloom.bits_per_slice)
        # As in the library: numbers wide enough for a slice, from as many salted hashes as needed.
        wide = bloom.bits_per_slice >= 1 << 15
        self._code = "Q" if bloom.bits_per_slice >= 1 << 31 else "I" if wide else "H"
        self._number_bytes = struct.calcsize(self._code)
        self._hashed_bytes = bloom.num_slices * self._number_bytes
        salts = -(-self._hashed_bytes // bloom.hashfn().digest_size)
        self._salts = [
            bloom.hashfn(bloom.hashfn(struct.pack("I", number)).digest()) for number in range(salts)
        ]
        sample = IndexDigest(bytes(range(DIGEST_BYTES)))
        if self.of([sample]) != [*map(add, self._slices, bloom.make_hashes(sample.hex()))]:
            raise _other_hashing()

    def of(self, digests: Iterable[IndexDigest]) -> list[int]:
        """Return the positions of every bit of every digest."""
        hashed = b"".join(map(self._hashed, digests))
        numbers = struct.unpack(f"{len(hashed) // self._number_bytes}{self._code}", hashed)
        in_slice = map(mod, numbers, repeat(self._bits_per_slice))
        return [*map(add, cycle(self._slices), in_slice)]

    def _hashed(self, digest: IndexDigest) -> bytes:
        key = digest.hex().encode()
        hashed = b""
        for salt in self._salts:
            mixed = salt.copy()
            mixed.update(key)
            hashed += mixed.digest()
        return hashed[: self._hashed_bytes]


class FilterBuilder:
    """Fills a filter for `expected` digests. Parts of one filter may be filled apart and merged."""

    def __init__(self, expected: int) -> None:
        self._bloom = BloomFilter(max(expected, _MINIMUM_CAPACITY), ERROR_RATE)

    def add_all(self, digests: Iterable[IndexDigest]) -> None:
        """Add digests; they are expected to be distinct."""
        bits, positions = self._bloom.bitarray, _Positions(self._bloom)
        for batch in _batches(digests):
            bits[positions.of(batch)] = True

    def bits(self) -> bytes:
        """Return the bits, for `merge` in another process."""
        return bytes(self._bloom.bitarray.tobytes())

    def merge(self, bits: bytes) -> None:
        """Take in what another builder with the same `expected` has filled."""
        part = bitarray(buffer=bits, endian="little")
        self._bloom.bitarray |= part[: len(self._bloom.bitarray)]

    def encoded(self) -> bytes:
        """Return the filter as a file: header, then bits."""
        bloom = self._bloom
        header = _HEADER.pack(
            _MAGIC, bloom.error_rate, bloom.num_slices, bloom.bits_per_slice, bloom.capacity
        )
        return header + self.bits()


def require_known_hashing() -> None:
    """Raise `Untrusted` where the filter library hashes otherwise than the indexer's.

    Every look-up would be a miss, and every answer "no".
    """
    builder = FilterBuilder(1)
    builder.add_all([IndexDigest(bytes(range(16))), IndexDigest(bytes(16))])
    if hashlib.sha256(builder.encoded()).hexdigest() != _KNOWN_FILTER_SHA256:
        raise _other_hashing()


class Filter:
    """A read-only filter over a buffer, shared between processes when the buffer is mapped."""

    def __init__(self, buffer: memoryview) -> None:
        """Map `buffer`, a whole filter file; raises `Untrusted` where it is not one."""
        if len(buffer) < HEADER_BYTES:
            raise Untrusted("a filter file is too short")
        magic, error_rate, slices, bits_per_slice, capacity = _HEADER.unpack_from(buffer)
        if magic != _MAGIC or not 0 < error_rate < 1 or not 0 < capacity < 1 << 40:
            raise Untrusted("a filter file has an unknown header")
        # Before the library sees them: it prepares a hash state for every few slices.
        if not 0 < slices <= _MAX_SLICES or bits_per_slice == 0:
            raise Untrusted("a filter file has an unknown header")
        if (slices * bits_per_slice + 7) // 8 != len(buffer) - HEADER_BYTES:
            raise Untrusted("a filter file has not the size that its header says")
        bloom = BloomFilter(1, ERROR_RATE)
        # The library has no way to take over bits that are there already, except by copying.
        bloom._setup(error_rate, slices, bits_per_slice, capacity, 0)  # noqa: SLF001
        bloom.bitarray = bitarray(buffer=buffer[HEADER_BYTES:], endian="little")
        self._bloom = bloom

    def might_contain(self, digest: IndexDigest) -> bool:
        """Return False where `digest` is certainly absent; True is no answer: confirm it."""
        return digest.hex() in self._bloom

    def count_missing(self, digests: Iterable[IndexDigest]) -> int:
        """Count those that `might_contain` says no to."""
        bits, positions = self._bloom.bitarray, _Positions(self._bloom)
        missing = 0
        for batch in _batches(digests):
            if not bits[positions.of(batch)].all():
                missing += sum(not self.might_contain(digest) for digest in batch)
        return missing


def _batches(digests: Iterable[IndexDigest]) -> Iterator[list[IndexDigest]]:
    iterator = iter(digests)
    while batch := list(islice(iterator, _TOGETHER)):
        yield batch


def _other_hashing() -> Untrusted:
    return Untrusted("the installed filter library hashes otherwise; install the pinned one")
