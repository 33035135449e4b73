"""What one process computes of an index; apart from the rest, for it is imported in each of them.

A share of the selectors is indexed first. Then, when the filter is whole, the digests of a range of
prefixes, whichever shares they are from, are sorted and looked for in it.
"""

from collections.abc import Iterable, Iterator, Sized
from dataclasses import dataclass, field
from typing import Protocol

from indexer.sealing import Sealer
from screening.generations.bloom import FilterBuilder, count_missing
from screening.vocabulary.selector import Stretched
from screening.vocabulary.tokens import DIGEST_BYTES, Digester, TokenDeriver


class Share(Sized, Iterable[Stretched], Protocol):
    """Slow hashes that one process indexes; it pickles."""


@dataclass(frozen=True, slots=True)
class SealedShare:
    """Slow hashes as the list file holds them: they are opened by the process that needs them."""

    sealer: Sealer = field(repr=False)
    place: bytes
    rows: list[tuple[bytes, bytes]] = field(repr=False)  # blind tag, sealed value

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Stretched]:
        """Yield the values; `OperatorError` where one was altered or moved."""
        unseal, place = self.sealer.open, self.place
        return (Stretched(unseal(sealed, place + tag)) for tag, sealed in self.rows)


@dataclass(frozen=True, slots=True)
class Keys:
    """What makes a slow hash an index digest of one token key."""

    key_id: str
    secret: bytes = field(repr=False)
    pepper: bytes = field(repr=False)


def index_share(share: Share, keys: Keys, expected: int) -> tuple[bytes, bytes]:
    """Return the packed digests of a share, sorted, and its part of the bits of the filter.

    `expected` is the number of digests in the whole filter.
    """
    token, digest = TokenDeriver(keys.secret).token, Digester(keys.pepper, keys.key_id).digest
    digests = sorted([digest(token(stretched)) for stretched in share])
    builder = FilterBuilder(expected)
    builder.add_all(digests)
    return b"".join(digests), builder.bits()


def check_range(packed: bytes, filter_file: bytes) -> tuple[bytes, int]:
    """Return the packed digests sorted, and how many of them the filter lacks."""
    starts = range(0, len(packed), DIGEST_BYTES)
    digests = b"".join(sorted([packed[start : start + DIGEST_BYTES] for start in starts]))
    return digests, count_missing(filter_file, digests)
