"""The overlay: what has changed in the list since a generation was built.

One record (`records.py`) for each selector that a change concerns, sorted, and nothing else: until
when it is listed now, `NOT_LISTED` for one that is not. It is read before the generation, and what
it says is final. Every worker holds it in memory: it is small, or a new generation is built.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from screening.generations.hashes import Sha256Hex, sha256_hex
from screening.generations.records import RECORD_BYTES, Minute, unpack_records
from screening.vocabulary.errors import Untrusted
from screening.vocabulary.selector import IndexDigest

Overlay = Mapping[IndexDigest, Minute]


class OverlayFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which overlay belongs to a head: how many records, and their SHA-256."""

    count: int
    sha256: Sha256Hex

    @property
    def size_bytes(self) -> int:
        """Return how long it is."""
        return self.count * RECORD_BYTES


def describe_overlay(document: bytes) -> OverlayFile:
    """Return what a head says of an overlay."""
    return OverlayFile(len(document) // RECORD_BYTES, sha256_hex(document))


NO_CHANGES: Final = describe_overlay(b"")


def encode_overlay(records: Iterable[bytes]) -> bytes:
    """Write an overlay."""
    return b"".join(sorted(records))


def open_overlay(document: bytes, described: OverlayFile) -> Overlay:
    """Read the overlay that a signed head describes; raises `Untrusted` for any other."""
    if sha256_hex(document) != described.sha256:
        raise Untrusted("an overlay is not the one that its signed head names")
    if len(document) != described.size_bytes:
        raise Untrusted("an overlay has not as many records as its head says")
    return dict(unpack_records(document))
