"""A kit: what an up file brings to the one who has ordered it, and to nobody else."""

from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from screening.disclosure.keys import SUITE
from screening.spools.spelling import (
    BatchId,
    Deployment,
    PartnerName,
    Sequence,
    Sha256,
    read_exactly,
    require_utc_seconds,
)
from screening.vocabulary.errors import SpoolRefused

_LABEL: Final = b"screening/v1/kit\0"
_MOST_BYTES: Final = 16 << 10


class IssuedKit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the indexer signs; `of` is the number of the down file that has ordered it."""

    format: Literal["screening-issued-kit/1"]
    deployment: Deployment
    sequence: Sequence
    previous: Sha256
    written_at: datetime
    of: Sequence
    batch: BatchId
    partner: PartnerName
    sealed: Annotated[bytes, msgspec.Meta(max_length=_MOST_BYTES)]

    def __post_init__(self) -> None:
        require_utc_seconds(self.written_at)

    def __repr__(self) -> str:
        return f"IssuedKit({self.partner})"


def parse_issued_kit(content: bytes) -> IssuedKit:
    """Return what `content` spells; raises `SpoolRefused`."""
    return read_exactly(content, IssuedKit, what="a file with a kit")


def seal_kit(kit: bytes, to: bytes, *, deployment: str, batch: str) -> bytes:
    """Return what the private half of `to` (X25519, 32 bytes) alone opens, for this order alone.

    Raises `SpoolRefused` where that is no key.
    """
    try:
        return SUITE.encrypt(kit, X25519PublicKey.from_public_bytes(to), _info(deployment, batch))
    except ValueError:  # a point of small order (RFC 7748, section 6.1)
        raise SpoolRefused(
            "malformed", f"order {batch} has a kit sealed to what is no key; have it ordered anew"
        ) from None


def open_kit(
    sealed: bytes, private: X25519PrivateKey, *, deployment: str, batch: str
) -> bytes | None:
    """Return the kit, None where it is sealed to another key or for another order."""
    try:
        return SUITE.decrypt(sealed, private, _info(deployment, batch))
    except (InvalidTag, ValueError):
        return None


def _info(deployment: str, batch: str) -> bytes:
    return _LABEL + f"{deployment} {batch}".encode()
