"""Records of matches: the content of an up file that brings them from the journal of an API host.

They are as they stand there, each match sealed to the disclosure key (docs/protocol.md, "Sealed
matches"): whoever carries them, and the indexer, cannot open them. So are records of what partners
say of a match, which name its row and nothing else.
"""

from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec

from screening.spools.spelling import (
    Deployment,
    Sequence,
    Sha256,
    Text,
    read_exactly,
    require_utc_seconds,
)

MOST_RECORDS: Final = 1_000
RECORD_MAX_BYTES: Final = 2 << 20
"""As long as a payload of the ledger may be."""

Record = Annotated[bytes, msgspec.Meta(min_length=1, max_length=RECORD_MAX_BYTES)]


class MatchRecords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the indexer signs: the records are in the signed log of this name."""

    format: Literal["screening-records/1"]
    deployment: Deployment
    sequence: Sequence
    previous: Sha256
    written_at: datetime
    log: Annotated[Text, msgspec.Meta(min_length=1)]
    records: Annotated[list[Record], msgspec.Meta(min_length=1, max_length=MOST_RECORDS)]

    def __post_init__(self) -> None:
        require_utc_seconds(self.written_at)

    def __repr__(self) -> str:
        return f"MatchRecords({self.log}, {len(self.records)} records)"


def parse_match_records(content: bytes) -> MatchRecords:
    """Return what `content` spells; raises `SpoolRefused`."""
    return read_exactly(content, MatchRecords, what="a file of records")
