"""Records: a digest, and the minute from which on it is not listed."""

from hypothesis import given, settings
from hypothesis import strategies as st

from screening.generations.records import (
    NO_END,
    NOT_LISTED,
    Minute,
    current_minute,
    find_record,
    is_listed_at,
    minute_after,
    pack_record,
    unpack_records,
)
from screening.vocabulary.selector import IndexDigest

EPOCH = 1_577_836_800  # 2020-01-01T00:00:00Z
LAW = settings(max_examples=300)
DIGESTS = st.binary(min_size=16, max_size=16).map(IndexDigest)
MINUTES = st.integers(NOT_LISTED, NO_END).map(Minute)
IN_ITS_RANGE = st.integers(EPOCH, EPOCH + 60 * (NO_END - 2))


@LAW
@given(IN_ITS_RANGE, st.integers(-120, 120))
def test_an_entry_is_listed_through_its_last_second_and_less_than_a_minute_longer(
    expires_at: int, later: int
) -> None:
    now = max(EPOCH, expires_at + later)
    is_listed = is_listed_at(current_minute(now), minute_after(expires_at))
    if now <= expires_at:
        assert is_listed
    if now >= expires_at + 60:
        assert not is_listed


@LAW
@given(st.one_of(st.integers(-(10**12), 10**12), st.floats(-1e12, 1e12)))
def test_without_an_end_it_is_listed_whatever_the_clock_says_and_delisted_never(now: float) -> None:
    assert is_listed_at(current_minute(now), minute_after(None))
    assert not is_listed_at(current_minute(now), NOT_LISTED)


@LAW
@given(st.integers(-(10**12), 10**12))
def test_every_time_has_a_minute(expires_at: int) -> None:
    assert NOT_LISTED <= minute_after(expires_at) <= NO_END
    if expires_at < EPOCH:
        assert minute_after(expires_at) == NOT_LISTED


@LAW
@given(st.dictionaries(DIGESTS, MINUTES, max_size=30), DIGESTS)
def test_what_is_packed_is_found_and_nothing_else(
    listed: dict[IndexDigest, Minute], other: IndexDigest
) -> None:
    packed = b"".join(sorted(pack_record(*one) for one in listed.items()))
    assert dict(unpack_records(packed)) == listed
    for digest in (*listed, other):
        assert find_record(memoryview(packed), digest, 0, len(listed)) == listed.get(digest)
