"""Buckets: exact membership, whatever the digests, and a hash that binds each bucket."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.generations.buckets import (
    RECORDS_PER_BUCKET,
    BucketTable,
    bucket_bits_for,
    bucket_of,
    encode_table,
    slice_buckets,
)
from screening.generations.records import NO_END, RECORD_BYTES, find_record
from screening.vocabulary.errors import Untrusted
from screening.vocabulary.selector import IndexDigest
from tests.generations.conftest import invented_digests, packed_of

LAW = settings(max_examples=150)
# Few prefixes, so that buckets fill, edges are hit and long runs share their first bytes.
DIGESTS = st.one_of(
    st.binary(min_size=16, max_size=16),
    st.builds(
        lambda start, end: start + bytes(13) + end,
        st.sampled_from([b"\0\0", b"\0\1", b"\x7f\xff", b"\x80\0", b"\xff\xff"]),
        st.sampled_from([b"\0", b"\1", b"\xff"]),
    ),
).map(IndexDigest)
SETS = st.sets(DIGESTS, max_size=40)
BITS = st.integers(0, 10)


def table_of(packed: bytes, bits: int) -> BucketTable:
    return BucketTable(
        encode_table(packed, bits), bucket_bits=bits, count=len(packed) // RECORD_BYTES
    )


@LAW
@given(SETS, SETS, BITS)
def test_a_lookup_in_its_bucket_is_membership(
    listed: set[IndexDigest], probes: set[IndexDigest], bits: int
) -> None:
    packed = packed_of(sorted(listed))
    table = table_of(packed, bits)
    for digest in listed | probes:
        lo, hi = table.bounds(bucket_of(digest, bits))
        expected = NO_END if digest in listed else None
        assert find_record(packed, digest, lo, hi) == expected
        assert find_record(memoryview(packed), digest, lo, hi) == expected


@LAW
@given(SETS, BITS)
def test_the_buckets_are_all_digests_in_order_each_in_its_own(
    listed: set[IndexDigest], bits: int
) -> None:
    packed = packed_of(sorted(listed))
    buckets = [bytes(bucket) for bucket in slice_buckets(packed, bits)]
    assert len(buckets) == 1 << bits
    assert b"".join(buckets) == packed
    for number, bucket in enumerate(buckets):
        for start in range(0, len(bucket), RECORD_BYTES):
            assert bucket_of(IndexDigest(bucket[start : start + 16]), bits) == number


@LAW
@given(SETS, BITS)
def test_the_table_tells_every_bucket_from_any_other_content(
    listed: set[IndexDigest], bits: int
) -> None:
    packed = packed_of(sorted(listed))
    table = table_of(packed, bits)
    assert len(table) == 1 << bits
    for number, bucket in enumerate(slice_buckets(packed, bits)):
        content = bytes(bucket)
        lo, hi = table.bounds(number)
        assert packed[lo * RECORD_BYTES : hi * RECORD_BYTES] == content
        table.verify(number, content)
        for other in (content + bytes(19), content[:-19] if content else b"\0", content[::-1]):
            if other != content:
                with pytest.raises(Untrusted):
                    table.verify(number, other)


@pytest.mark.parametrize("bits", [0, 4, 24])
def test_an_empty_list_contains_nothing(bits: int) -> None:
    if bits < 24:
        assert table_of(b"", bits).bounds((1 << bits) - 1) == (0, 0)
    assert find_record(b"", IndexDigest(bytes(16)), 0, 0) is None
    assert bucket_of(IndexDigest(b"\xff" * 16), bits) == (1 << bits) - 1


@pytest.mark.parametrize(("bits", "spare"), [(4, 0), (3, 36), (5, 0), (-1, 0), (25, 0)])
def test_a_table_of_another_size_than_its_manifest_says_is_refused(bits: int, spare: int) -> None:
    table = encode_table(packed_of(invented_digests(100)), 4) + bytes(spare)
    if bits == 4:
        table = table[:-1]
    with pytest.raises(Untrusted):
        BucketTable(table, bucket_bits=bits, count=100)


@pytest.mark.parametrize(
    ("count", "bits"), [(0, 0), (1, 0), (399, 0), (400, 1), (5_000, 4), (10**6, 12), (10**12, 24)]
)
def test_a_bucket_holds_about_two_hundred_digests(count: int, bits: int) -> None:
    assert bucket_bits_for(count) == bits
    if 400 <= count <= 10**6:
        assert RECORDS_PER_BUCKET <= count / (1 << bits) < 2 * RECORDS_PER_BUCKET
