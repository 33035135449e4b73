"""The bytes of a sealed match: what is in a box, and what binds it to its record and row.

Pure. Every box has the same length, whatever it holds.
"""

import re
import struct
from functools import lru_cache
from typing import Annotated, Final

import msgspec

NUMBER_MAX: Final = (1 << 63) - 1
KIND_BYTES: Final = 10
BOOKING_REGION_BYTES: Final = 2
"""Zero bytes where the partner did not tell it, as before there was any."""
KEY_ID_BYTES: Final = 32
GENERATION_BYTES: Final = 20
DIGEST_BYTES: Final = 16
_NAMED_BYTES: Final = (KIND_BYTES, BOOKING_REGION_BYTES, KEY_ID_BYTES, GENERATION_BYTES)
MATCH_BYTES: Final = DIGEST_BYTES + sum(_NAMED_BYTES)
TAG_BYTES: Final = 16
BOX_BYTES: Final = MATCH_BYTES + TAG_BYTES
"""96: in base64 128 characters, without padding."""
WORK_KEY_BYTES: Final = 32
SEALED_KEY_BYTES: Final = 32 + WORK_KEY_BYTES + TAG_BYTES

_PLACE_LABEL: Final = b"screening/v1/match\0"
_LAYOUT: Final = struct.Struct("".join(f"{size}s" for size in (DIGEST_BYTES, *_NAMED_BYTES)))
# No more than names of ours have: whoever has the public half can seal anything.
_NAME: Final = re.compile(rb"[a-z0-9][a-z0-9-]*")
_REGION: Final = re.compile(rb"[A-Z]{2}|\0\0")


class SealedKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What opens the boxes of one record, for whoever has the private half."""

    to: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{16}\Z")]
    """The id of the disclosure key."""
    key: Annotated[bytes, msgspec.Meta(min_length=SEALED_KEY_BYTES, max_length=SEALED_KEY_BYTES)]
    """A worker's key of that minute, sealed to it."""
    number: Annotated[int, msgspec.Meta(ge=0, le=NUMBER_MAX)]
    """Of the record among those that were sealed with this key."""


class Match(msgspec.Struct, frozen=True):
    """What a box holds: the index digest (16 bytes), and of which list and kind it is.

    `booking_region` is where the booking was made that it was asked for, where that was told.
    """

    digest: bytes
    kind: str
    key_id: str
    generation: str
    booking_region: str | None = None

    def __repr__(self) -> str:
        return "Match(...)"


@lru_cache(4_096)  # of lists, each with some countries: it is asked for with each record of a match
def tail_of(booking_region: str | None, key_id: str, generation: str) -> bytes:
    """Return what all matches of one record end with."""
    named = zip((booking_region or "", key_id, generation), _NAMED_BYTES[1:], strict=True)
    return b"".join(_padded(name, size) for name, size in named)


def kind_field(kind: str) -> bytes:
    """Return a kind as it stands behind the digest."""
    return _padded(kind, KIND_BYTES)


def nonce_start(number: int) -> bytes:
    """Return the first 8 bytes of a record's nonces; the row's number follows, in 4."""
    return number.to_bytes(8, "big")


def place_start(receipt: str) -> bytes:
    """Return what is bound to every box of a record; the row's number follows, in decimal."""
    return _PLACE_LABEL + receipt.encode() + b"."


def parse_match(content: bytes) -> Match | None:
    """Read what an opened box holds; None where it is no match."""
    if len(content) != MATCH_BYTES:
        return None
    digest, kind, region, *rest = _LAYOUT.unpack(content)
    names = [field.rstrip(b"\0") for field in (kind, *rest)]
    if not (_REGION.fullmatch(region) and all(map(_NAME.fullmatch, names))):
        return None
    kind, key_id, generation = (name.decode() for name in names)
    return Match(digest, kind, key_id, generation, region.rstrip(b"\0").decode() or None)


def _padded(name: str, size: int) -> bytes:
    field = name.encode()
    if len(field) > size:
        raise ValueError(f"the name has more than {size} bytes")
    return field.ljust(size, b"\0")
