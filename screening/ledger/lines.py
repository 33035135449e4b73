"""The lines of a segment: header, records, seal, and the chain that binds each to those before it.

Pure. The chain starts with the header, whose previous chain value is empty: a record cannot be
moved to another segment, nor a header be exchanged, without every later line showing it.
"""

import hashlib
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, Literal

import msgspec

from screening.vocabulary.errors import LedgerDamaged
from screening.vocabulary.unreadable import UNREADABLE

CHAIN_CHARACTERS: Final = 64
MAX_PAYLOAD_BYTES: Final = 1 << 21
"""A bulk record of 10,000 matches, the largest there is, has two thirds of this."""

MAX_LINE_BYTES: Final = CHAIN_CHARACTERS + 1 + MAX_PAYLOAD_BYTES + 1

_SECONDS: Final = "%Y-%m-%dT%H:%M:%SZ"
_SEAL_START: Final = b'{"seal":'

Clock = Callable[[], datetime]


class Position(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far a segment was acknowledged: `records` of them, the last with this `chain`."""

    segment: str
    records: int
    chain: str


class SealPoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One link of the host's chain: `chain` is that of the seal line itself."""

    number: int
    segment: str
    records: int
    chain: str


class End(msgspec.Struct, frozen=True):
    """How far a segment goes: where its next line begins and which chain value it follows."""

    records: int = 0
    chain: bytes = b""  # nothing stands before the header
    size_bytes: int = 0


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first line of a segment.

    `previous_seal` is the host's last seal when the segment was opened; `continues` is set where
    the writer's segment before could not be finished, and names its last acknowledged record.
    """

    format: Literal["screening-ledger/1"]
    segment: str
    host: str
    opened_at: str
    previous_seal: SealPoint | None
    continues: Position | None


class Seal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The last line of a finished segment; seals are numbered from 1 on each host.

    `previous` is the chain value of the seal before, null for the first. `recovered` tells that the
    writer died and another process sealed; `cut_bytes` had then followed the last whole line.
    """

    number: int
    segment: str
    records: int
    previous: str | None
    sealed_at: str
    recovered: bool
    cut_bytes: int


class SealRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a seal stands in its line: no other payload may begin like it."""

    seal: Seal


class SealLine(msgspec.Struct, frozen=True):
    """A seal as the index has it: the whole `line`, its `chain` value and what it says."""

    line: bytes
    chain: str
    seal: Seal

    @property
    def point(self) -> SealPoint:
        """How the seal is referred to."""
        return SealPoint(self.seal.number, self.seal.segment, self.seal.records, self.chain)


_header_decoder = msgspec.json.Decoder(Header)
_seal_decoder = msgspec.json.Decoder(SealRecord)


def link(chain: bytes, payload: bytes) -> bytes:
    """Return the chain value, 64 hex characters, of `payload` after `chain`."""
    return hashlib.sha256(chain + payload).hexdigest().encode()


def find_payload(chain: bytes, line: bytes) -> bytes | None:
    """Return what `line` (without its line feed) carries, or None where it does not follow."""
    stated, separator, payload = line.partition(b" ")
    return payload if separator and stated == link(chain, payload) else None


def require_payload(payload: bytes) -> None:
    """Raise `ValueError` for a payload that would not stand as one record line."""
    if not (payload.startswith(b"{") and payload.endswith(b"}")) or b"\n" in payload:
        raise ValueError("a payload is one JSON object without a line feed")
    if is_seal(payload):
        raise ValueError("a payload must not begin as a seal does")
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise ValueError(f"a payload has at most {MAX_PAYLOAD_BYTES} bytes")


def is_seal(payload: bytes) -> bool:
    """Tell a seal from a record."""
    return payload.startswith(_SEAL_START)


def parse_header(payload: bytes) -> Header:
    """Read the payload of a first line; raises `LedgerDamaged`."""
    try:
        return _header_decoder.decode(payload)
    except UNREADABLE:
        raise LedgerDamaged("not a screening-ledger/1 header") from None


def parse_seal(payload: bytes) -> Seal:
    """Read the payload of a last line; raises `LedgerDamaged`."""
    try:
        return _seal_decoder.decode(payload).seal
    except UNREADABLE:
        raise LedgerDamaged("not a seal") from None


def parse_seal_line(line: bytes) -> SealLine:
    """Read a line of the index (without its line feed); raises `LedgerDamaged`.

    Whether its chain value is right shows in its segment only, whose last line it repeats; that
    nothing else was put into it shows here.
    """
    chain, separator, payload = line.partition(b" ")
    if not separator or len(chain) != CHAIN_CHARACTERS or not chain.isalnum():
        raise LedgerDamaged("not a seal")
    seal = parse_seal(payload)
    if payload != msgspec.json.encode(SealRecord(seal)):
        raise LedgerDamaged("a seal is not spelled as it was written")
    return SealLine(line, chain.decode(), seal)


def new_segment_id(now: datetime) -> str:
    """Return an id that sorts by time and that no other segment has."""
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%S%fZ}-{secrets.token_hex(4)}"


def in_seconds(now: datetime) -> str:
    """Return a time as ledgers have it: RFC 3339, UTC, in seconds."""
    return now.astimezone(UTC).strftime(_SECONDS)


def parse_seconds(text: str) -> datetime:
    """Read a time as `in_seconds` writes it; raises `ValueError` for any other spelling."""
    parsed = datetime.strptime(text, _SECONDS).replace(tzinfo=UTC)
    if in_seconds(parsed) != text:
        raise ValueError("not spelled as it was written")
    return parsed


def utc_now() -> datetime:
    """Read the system's clock."""
    return datetime.now(UTC)
