"""An export: the content of one down file, batches in the order in which they take effect."""

from datetime import datetime, timedelta
from typing import Annotated, Final, Literal

import msgspec

from screening.spools.batch import BATCH_MAX_BYTES, Signature
from screening.spools.spelling import (
    Count,
    Deployment,
    Sequence,
    Sha256,
    read_exactly,
    require_format,
    require_utc_seconds,
)

FIRST_PREVIOUS: Final = "0" * 64
"""In the place of the hash of the file before the first."""
LONGEST_LIFE: Final = timedelta(days=7)
_BATCHES_AT_MOST: Final = 1_000
_SIGNATURES_AT_MOST: Final = 8


class SignedBatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The exact bytes of a batch, and who has signed them."""

    batch: Annotated[bytes, msgspec.Meta(max_length=BATCH_MAX_BYTES)]
    signatures: Annotated[list[Signature], msgspec.Meta(max_length=_SIGNATURES_AT_MOST)]

    def __repr__(self) -> str:
        return f"SignedBatch(..., {len(self.signatures)} signatures)"


class Result(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The list as it is to be: how many statements are open, and what names the set of them."""

    statements: Count
    digest: Sha256


class Export(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the console signs; `previous` is the SHA-256 of the whole file before it."""

    format: Literal["screening-export/1"]
    deployment: Deployment
    sequence: Sequence
    previous: Sha256
    written_at: datetime
    expires_at: datetime
    batches: Annotated[list[SignedBatch], msgspec.Meta(min_length=1, max_length=_BATCHES_AT_MOST)]
    result: Result

    def __post_init__(self) -> None:
        require_utc_seconds(self.written_at, self.expires_at)
        if not timedelta(0) < self.expires_at - self.written_at <= LONGEST_LIFE:
            raise ValueError("it expires before it was written, or too late")


def parse_export(content: bytes) -> Export:
    """Return the export that `content` spells; raises `SpoolRefused`."""
    require_format(content, "screening-export/1", what="an export")
    return read_exactly(content, Export, what="an export")
