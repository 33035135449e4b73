"""A part of the map: the content of an up file that tells what index digests stand for."""

from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec

from screening.spools.changes import CanonicalText, Kind
from screening.spools.spelling import (
    Deployment,
    Sequence,
    Sha256,
    TokenKeyId,
    read_exactly,
    require_utc_seconds,
)

MOST_ENTRIES: Final = 5_000
"""Some 600 KiB, which a reader keeps in one transaction of half a second."""


class MapEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A digest, 16 bytes in hex, and its selector in normaliser version 1."""

    digest: Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{32}\Z")]
    kind: Kind
    canonical: CanonicalText

    def __repr__(self) -> str:
        return "MapEntry(...)"


class MapPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the indexer signs; what was told before stays true of the records of that time.

    With no entries it tells that the token key has `ended`: it is live no more.
    """

    format: Literal["screening-map/1"]
    deployment: Deployment
    sequence: Sequence
    previous: Sha256
    written_at: datetime
    key_id: TokenKeyId
    ended: bool
    entries: Annotated[list[MapEntry], msgspec.Meta(max_length=MOST_ENTRIES)]

    def __post_init__(self) -> None:
        require_utc_seconds(self.written_at)
        if self.ended == bool(self.entries):
            raise ValueError("either it tells entries, or that the token key has ended")


def parse_map_part(content: bytes) -> MapPart:
    """Return what `content` spells; raises `SpoolRefused`."""
    return read_exactly(content, MapPart, what="a part of the map")
