"""The filter: never a false "no", seldom a false "perhaps", and never a damaged file."""

import hashlib
import struct

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pybloom_live import BloomFilter

from screening.generations.bloom import (
    ERROR_RATE,
    HEADER_BYTES,
    Filter,
    FilterBuilder,
)
from screening.vocabulary.errors import Untrusted
from screening.vocabulary.selector import IndexDigest
from tests.generations.conftest import Digests, invented_digests

# SHA-256 of a filter file of 100 digests, as first published (pybloom-live 4.0.0 of the registry).
GOLDEN = "5c8dff604a3b36d5d808d3584458d857c3cd5a4aa6a08cb9c0a5fa33783ba257"

DIGEST_SETS = st.sets(st.binary(min_size=16, max_size=16).map(IndexDigest), max_size=60)


def filter_file(digests: Digests) -> bytes:
    builder = FilterBuilder(len(digests))
    builder.add_all(digests)
    return builder.encoded()


def missing(file: bytes, digests: Digests) -> int:
    return Filter(memoryview(file)).count_missing(digests)


def contains_all(file: bytes, digests: Digests) -> bool:
    return all(map(Filter(memoryview(file)).might_contain, digests))


@settings(max_examples=60)
@given(DIGEST_SETS)
def test_what_was_put_in_is_found(digests: set[IndexDigest]) -> None:
    assert contains_all(filter_file(list(digests)), list(digests))


@settings(max_examples=60)
@given(st.lists(DIGEST_SETS, min_size=1, max_size=4))
def test_parts_that_are_merged_equal_the_whole(parts: list[set[IndexDigest]]) -> None:
    everything: set[IndexDigest] = set().union(*parts)
    whole = FilterBuilder(len(everything))
    whole.add_all(everything)
    merged = FilterBuilder(len(everything))
    for part in parts:
        builder = FilterBuilder(len(everything))
        builder.add_all(part)
        merged.merge(builder.bits())
    assert merged.encoded() == whole.encoded()


def test_a_full_filter_finds_all_and_errs_about_once_in_a_million() -> None:
    digests = invented_digests(20_000)
    file = filter_file(digests)
    might_contain = Filter(memoryview(file)).might_contain
    assert all(map(might_contain, digests))
    probes = invented_digests(200_000, label="not listed")
    # 0.2 are to be expected; more than five have a probability below 10**-7.
    assert sum(map(might_contain, probes)) <= 5
    assert 28 < 8 * (len(file) - HEADER_BYTES) / len(digests) < 30  # bits a selector


def test_an_empty_filter_contains_nothing() -> None:
    might_contain = Filter(memoryview(filter_file([]))).might_contain
    assert not any(map(might_contain, invented_digests(1_000)))


def test_the_library_hashes_as_it_did_when_filters_were_published() -> None:
    # Two releases under one version number hash differently; files that lie in caches and stores
    # must stay readable. A change of this value is a new format of filter files.
    file = filter_file(invented_digests(100))
    assert hashlib.sha256(file).hexdigest() == GOLDEN


@pytest.mark.parametrize("size", [0, 1, HEADER_BYTES - 1, HEADER_BYTES])
def test_a_file_of_no_more_than_a_header_is_refused(size: int) -> None:
    with pytest.raises(Untrusted):
        Filter(memoryview(filter_file([])[:size]))


def test_a_file_that_is_cut_off_or_longer_is_refused() -> None:
    file = filter_file(invented_digests(10))
    for altered in (file[:-1], file[: len(file) // 2], file + b"\0"):
        with pytest.raises(Untrusted):
            Filter(memoryview(altered))


def test_a_flipped_bit_of_the_header_is_refused_or_loses_nothing() -> None:
    digests = invented_digests(10)
    file = filter_file(digests)
    refused = 0
    for position in range(HEADER_BYTES * 8):
        altered = bytearray(file)
        altered[position // 8] ^= 1 << position % 8
        try:
            assert contains_all(bytes(altered), digests)  # error rate and capacity are not read
        except Untrusted:
            refused += 1
    assert refused >= 3 * 64  # magic, slices, bits a slice


@settings(max_examples=200)
@given(
    st.floats(),
    st.integers(0, 2**64 - 1),
    st.one_of(st.integers(0, 30), st.integers(0, 2**64 - 1)),
    st.integers(0, 2**64 - 1),
    st.binary(max_size=64),
)
@example(5e-324, 20, 8, 1, bytes(20))  # of which the reciprocal is infinite
def test_any_header_is_refused_or_can_be_asked(
    error_rate: float, slices: int, bits_per_slice: int, capacity: int, bits: bytes
) -> None:
    file = struct.pack("<8sdQQQ", b"scrflt/1", error_rate, slices, bits_per_slice, capacity) + bits
    try:
        might_contain = Filter(memoryview(file)).might_contain
    except Untrusted:
        return
    assert might_contain(IndexDigest(bytes(16))) in {True, False}


@pytest.mark.parametrize(
    ("slices", "bits_per_slice", "size"),
    [(0, 1, 0), (1, 0, 0), (0, 0, 0), (2**60, 8, 8), (2**61, 2**61, 0), (1 << 12, 8, 1 << 12)],
)
def test_a_header_that_would_exhaust_the_library_is_refused(
    slices: int, bits_per_slice: int, size: int
) -> None:
    header = struct.pack("<8sdQQQ", b"scrflt/1", ERROR_RATE, slices, bits_per_slice, 1_000)
    with pytest.raises(Untrusted):
        Filter(memoryview(header + bytes(size)))


@pytest.mark.parametrize("expected", [1, 22_700, 22_900, 1_000_000])  # 16 and 32 bits a number
def test_many_digests_at_once_set_the_bits_that_the_library_sets(expected: int) -> None:
    digests = invented_digests(200)
    builder = FilterBuilder(expected)
    builder.add_all(digests)
    bloom = BloomFilter(max(expected, 1_000), ERROR_RATE)
    for digest in digests:
        bloom.add(digest.hex())
    assert builder.bits() == bloom.bitarray.tobytes()


def test_every_digest_that_is_missing_is_counted() -> None:
    listed, others = invented_digests(100), invented_digests(70, label="not listed")
    assert missing(filter_file(listed), [*listed, *others]) == 70


def test_cleared_bits_are_counted_as_digests_that_are_missing() -> None:
    digests = invented_digests(500)
    file = filter_file(digests)
    packed = digests
    assert missing(file, packed) == 0
    half = HEADER_BYTES + (len(file) - HEADER_BYTES) // 2
    assert missing(file[:half] + bytes(len(file) - half), packed) > 450
    assert missing(filter_file([]), packed) == 500


def test_a_filter_reads_its_buffer_in_place() -> None:
    file = bytearray(filter_file(invented_digests(10)))
    might_contain = Filter(memoryview(file)).might_contain
    file[HEADER_BYTES:] = bytes(len(file) - HEADER_BYTES)
    # No copy: all processes of a machine share one mapped file.
    assert not any(map(might_contain, invented_digests(10)))
