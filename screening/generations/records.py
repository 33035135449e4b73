"""Index records: an index digest, and until when it is listed; 19 bytes.

    index digest (16) || minute (3, big-endian)

Minutes count from 2020-01-01T00:00:00Z; the digest is listed before the minute begins. 0 is before
any: it is not listed, whatever lies below (`overlay.py`). The last is never reached.
"""

from bisect import bisect_left
from collections.abc import Iterator
from typing import Final, NewType

from screening.vocabulary.selector import IndexDigest
from screening.vocabulary.tokens import DIGEST_BYTES

Minute = NewType("Minute", int)

NOT_LISTED: Final = Minute(0)
NO_END: Final = Minute((1 << 24) - 1)
RECORD_BYTES: Final = DIGEST_BYTES + 3

_EPOCH_S: Final = 1_577_836_800
_MINUTE_S: Final = 60


def minute_after(expires_at: int | None) -> Minute:
    """Return the first minute that begins after `expires_at` (Unix seconds); None never comes.

    What would end in 2051 or later has no end: no generation lives so long.
    """
    if expires_at is None:
        return NO_END
    minute = (expires_at - _EPOCH_S) // _MINUTE_S + 1
    return Minute(min(max(minute, NOT_LISTED), NO_END))


def current_minute(now: float) -> Minute:
    """Return the minute of `now` (Unix seconds), for `is_listed_at`.

    Never the last one, and never one before the first: a clock that is wrong delists nobody for
    whom no end is set.
    """
    minute = int(now - _EPOCH_S) // _MINUTE_S
    return Minute(min(max(minute, NOT_LISTED), NO_END - 1))


def is_listed_at(minute: Minute, listed_until: Minute) -> bool:
    """Tell whether a digest that is listed until then is listed in `minute`: its end is the end."""
    return listed_until > minute


def begin_of_minute(now: float) -> int:
    """Return the Unix second before which an entry must have ended to be listed no more at `now`.

    What ends within the minute of `now` is listed until the next begins.
    """
    return int(now) - int(now) % _MINUTE_S


def pack_record(digest: IndexDigest, listed_until: Minute) -> bytes:
    """Return one record."""
    return digest + listed_until.to_bytes(3, "big")


def unpack_records(packed: bytes | memoryview) -> Iterator[tuple[IndexDigest, Minute]]:
    """Yield what `packed` records hold, in order."""
    packed = bytes(packed)
    for start in range(0, len(packed), RECORD_BYTES):
        end = start + DIGEST_BYTES
        minute = int.from_bytes(packed[end : start + RECORD_BYTES], "big")
        yield IndexDigest(packed[start:end]), Minute(minute)


def find_record(packed: bytes | memoryview, digest: IndexDigest, lo: int, hi: int) -> Minute | None:
    """Return until when `digest` is listed by the sorted records `lo` to `hi`, None if by none."""
    digests = RecordDigests(packed)
    position = bisect_left(digests, digest, lo=lo, hi=hi)
    if position == hi or digests[position] != digest:
        return None
    end = (position + 1) * RECORD_BYTES
    return Minute(int.from_bytes(packed[end - 3 : end], "big"))


class RecordDigests:
    """The digests of packed records as a sequence, for `bisect`."""

    def __init__(self, packed: bytes | memoryview) -> None:
        self._packed = packed

    def __len__(self) -> int:
        return len(self._packed) // RECORD_BYTES

    def __getitem__(self, index: int) -> bytes:
        start = index * RECORD_BYTES
        return bytes(self._packed[start : start + DIGEST_BYTES])
