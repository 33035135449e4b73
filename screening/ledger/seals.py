"""The host's chain of seals: the file `seals`, and the lock under which it grows.

A seal is announced before it is set: its line goes to `seals`, then to the segment, then the
segment is renamed. Whoever finds a segment that was left between these steps completes the
announced seal and no other, so the chain neither forks nor loses a number.
"""

import io
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import msgspec

from screening.file_lock import try_flock
from screening.ledger.durable import unavailable, write_durably
from screening.ledger.lines import (
    Seal,
    SealPoint,
    SealRecord,
    link,
    parse_seal_line,
)
from screening.ledger.segment import SEALED, OpenSegment
from screening.private_files import open_private, sync_directory
from screening.vocabulary.errors import LedgerDamaged, LedgerUnavailable

SEALS: Final = "seals"
LOCK: Final = "lock"

LOCK_WAIT_S: Final = 2.0
"""Every holder needs milliseconds; one that was stopped must not stop all others for ever."""

_LOCK_RETRY_S: Final = 0.005
_LAST_LINE_WITHIN_BYTES: Final = 4096
"""A seal line has less than 500 bytes."""


class Seals:
    """The index of one ledger directory. All but `lock` and `find_line` only under the lock."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / SEALS
        self._lock_path = directory / LOCK

    def lock(self, *, wait_s: float = LOCK_WAIT_S) -> io.FileIO:
        """Take the host lock until the returned file is closed; raises `LedgerUnavailable`."""
        deadline = time.monotonic() + wait_s
        with unavailable("the lock beside the segments could not be taken"), ExitStack() as undo:
            descriptor = os.open(self._lock_path, os.O_RDWR | os.O_CREAT, 0o600)
            held = undo.enter_context(io.FileIO(descriptor, "r+b"))
            while not try_flock(held):
                if time.monotonic() >= deadline:
                    raise LedgerUnavailable("another process holds the lock beside the segments")
                time.sleep(_LOCK_RETRY_S)
            undo.pop_all()
            return held

    def last(self) -> SealPoint | None:
        """Return the last seal, None before the first; raises `LedgerDamaged`."""
        with self._opened() as descriptor:
            whole = self._whole_bytes(descriptor)
            start = max(0, whole - _LAST_LINE_WITHIN_BYTES)
            lines = os.pread(descriptor, whole - start, start).splitlines()
        if lines:
            return parse_seal_line(lines[-1]).point
        if any(self.path.parent.glob(f"*{SEALED}")):
            raise LedgerDamaged("the file seals is empty, but there are sealed segments")
        return None

    def find_line(self, segment: str) -> bytes | None:
        """Return the announced line of a segment's seal, made durable, or None."""
        named = f'"segment":"{segment}"'.encode()
        with self._opened():  # for its fdatasync: the announcer may have died before its own
            pass
        with open_private(self.path) as file:
            return next((line[:-1] for line in file if named in line and line[-1:] == b"\n"), None)

    def seal(self, segment: OpenSegment, *, sealed_at: str, cut_bytes: int | None = None) -> None:
        """Announce and set the seal of a segment; `cut_bytes` where it is a recovered one.

        Raises `LedgerUnavailable` or, where the index cannot be read, `LedgerDamaged`.
        """
        segment.held()  # no seal is announced for a segment that cannot take it
        last = self.last()
        seal = Seal(
            number=last.number + 1 if last else 1,
            segment=segment.id,
            records=segment.end.records,
            previous=last.chain if last else None,
            sealed_at=sealed_at,
            recovered=cut_bytes is not None,
            cut_bytes=cut_bytes or 0,
        )
        payload = msgspec.json.encode(SealRecord(seal))
        self._announce(b"%b %b\n" % (link(segment.end.chain, payload), payload))
        segment.finish(payload)

    def _announce(self, line: bytes) -> None:
        with self._opened() as descriptor:
            whole = self._whole_bytes(descriptor)
            os.ftruncate(descriptor, whole)
            write_durably(descriptor, line, at_byte=whole)

    def _whole_bytes(self, descriptor: int) -> int:
        """Return where the last whole line ends.

        A line that a crash tore announced nothing, since nobody acted on it: it is written over.
        """
        size = os.fstat(descriptor).st_size
        start = max(0, size - _LAST_LINE_WITHIN_BYTES)
        line_feed = os.pread(descriptor, size - start, start).rfind(b"\n")
        if line_feed < 0 and start > 0:
            raise LedgerDamaged("the file seals ends in something longer than a seal")
        return start + line_feed + 1

    @contextmanager
    def _opened(self) -> Iterator[int]:
        """Open the index, made where it is missing, with all its lines durable."""
        with unavailable("the seals could not be kept"):
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                os.fdatasync(descriptor)
                if os.fstat(descriptor).st_size == 0:
                    sync_directory(self.path.parent)
                yield descriptor
            finally:
                os.close(descriptor)
