"""What one process computes of an index; apart from the rest, for it is imported in each of them.

A share of the selectors is indexed first. Then, when the filter is whole, the records of a range of
prefixes, whichever shares they are from, are sorted and looked for in it.
"""

from collections.abc import Iterable, Sized
from dataclasses import dataclass, field
from typing import Protocol

from screening.generations.bloom import Filter, FilterBuilder
from screening.generations.records import (
    RECORD_BYTES,
    minute_after,
    pack_record,
    unpack_records,
)
from screening.vocabulary.selector import IndexDigest, Stretched
from screening.vocabulary.tokens import Digester, TokenDeriver


class Share(Sized, Iterable[tuple[Stretched, int | None]], Protocol):
    """Slow hashes that one process indexes, and when each expires (Unix seconds); it pickles."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What makes a slow hash an index digest of one token key."""

    key_id: str
    secret: bytes = field(repr=False)
    pepper: bytes = field(repr=False)


def digests(share: Share, keys: Keys) -> list[IndexDigest]:
    """Return the index digests of a share, in its order."""
    token, digest = TokenDeriver(keys.secret).token, Digester(keys.pepper, keys.key_id).digest
    return [digest(token(value)) for value, _ in share]


def index_records(share: Share, keys: Keys) -> list[bytes]:
    """Return the records of a share, sorted."""
    token, digest = TokenDeriver(keys.secret).token, Digester(keys.pepper, keys.key_id).digest
    return sorted(
        [pack_record(digest(token(value)), minute_after(expires_at)) for value, expires_at in share]
    )


def index_share(share: Share, keys: Keys, expected: int) -> tuple[bytes, bytes]:
    """Return the packed records of a share, sorted, and its part of the bits of the filter.

    `expected` is the number of digests in the whole filter.
    """
    packed = b"".join(index_records(share, keys))
    builder = FilterBuilder(expected)
    builder.add_all(digest for digest, _ in unpack_records(packed))
    return packed, builder.bits()


def check_range(packed: bytes, filter_file: bytes) -> tuple[bytes, int]:
    """Return the packed records sorted, and of how many the filter lacks the digest."""
    starts = range(0, len(packed), RECORD_BYTES)
    records = b"".join(sorted([packed[start : start + RECORD_BYTES] for start in starts]))
    digests = (digest for digest, _ in unpack_records(records))
    return records, Filter(memoryview(filter_file)).count_missing(digests)
