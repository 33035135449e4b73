"""One open segment: the file that exactly one process holds, appends to, and seals.

After any failure its holder lets go of it for ever (durable.py has the reason).
"""

import contextlib
import errno
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

import msgspec

from screening.file_lock import try_flock
from screening.ledger.durable import unavailable, write_durably
from screening.ledger.lines import End, Header, Position, link
from screening.private_files import sync_directory
from screening.vocabulary.errors import LedgerUnavailable

OPEN: Final = ".open"
SEALED: Final = ".sealed"
DAMAGED: Final = ".damaged"


class OpenSegment:
    """The holder of one `.open` file, by an exclusive `flock` that ends with its process."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self.id = path.stem
        self.end = End()
        self._descriptor: int | None = descriptor
        self._file = os.fstat(descriptor)

    @classmethod
    def create(cls, directory: Path, header: Header) -> Self:
        """Make a new segment; its name and header are durable. Raises `LedgerUnavailable`.

        Under the host lock, so that nobody takes the file for a dead writer's before it is held.
        """
        path = directory / f"{header.segment}{OPEN}"
        with unavailable(f"segment {header.segment} could not be opened"):
            segment = cls(path, os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
            try:
                try_flock(segment.held())
                segment._append([msgspec.json.encode(header)], records=0)
                sync_directory(directory)
            except BaseException:
                segment.discard()
                raise
        return segment

    @classmethod
    def claim(cls, path: Path) -> Self | None:
        """Take over a segment whose writer is dead; None where it lives, or another was faster.

        Under the host lock. `adopt` must follow: it tells where the segment ends.
        """
        with (
            unavailable(f"segment {path.stem} could not be claimed"),
            contextlib.ExitStack() as undo,
        ):
            try:
                segment = cls(path, os.open(path, os.O_RDWR))
                undo.callback(segment.release)
                # Its last holder may have renamed it after it was opened here.
                if try_flock(segment.held()) and segment.is_in_place():
                    undo.pop_all()
                    return segment
            except FileNotFoundError:
                pass
            return None

    @property
    def position(self) -> Position:
        """What is acknowledged."""
        return Position(self.id, self.end.records, self.end.chain.decode())

    def append(self, payloads: Sequence[bytes]) -> None:
        """Make records durable; after `LedgerUnavailable` none of them is, and this is dead."""
        self._append(payloads, records=len(payloads))

    def adopt(self, end: End) -> None:
        """Cut the file off at `end` and make durable what lies before.

        The dead writer's last records may so far be in the page cache only.
        """
        with unavailable(f"segment {self.id} could not be recovered"):
            os.ftruncate(self.held(), end.size_bytes)
            os.fdatasync(self.held())
        self.end = end

    def finish(self, seal_payload: bytes | None) -> None:
        """Append the seal, unless it is there already, and rename to `.sealed`."""
        if seal_payload is not None:
            self._append([seal_payload], records=0)
        self.rename(SEALED)

    def rename(self, suffix: str) -> None:
        """Give the file its last name, durably, and let go of it."""
        with unavailable(f"segment {self.id} could not be renamed"):
            self.path.rename(self.path.with_suffix(suffix))
            sync_directory(self.path.parent)
        self.release()

    def discard(self) -> None:
        """Remove a segment in which nothing was acknowledged."""
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)
        self.release()

    def release(self) -> None:
        """Let go of the file: whoever opens the ledger next recovers and seals it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def is_in_place(self) -> bool:
        """Tell whether `path` still names the file that is held; raises `OSError`."""
        return os.path.samestat(self._file, self.path.stat())

    def _require_place(self) -> None:
        """Raise `OSError` for a file that was removed, or moved away with its folder.

        What is written to it is durable nowhere that anybody looks.
        """
        if not self.is_in_place():
            raise FileNotFoundError(errno.ENOENT, "another file has its name")

    def held(self) -> int:
        """Return the locked descriptor; raises `LedgerUnavailable` once it was let go of."""
        if self._descriptor is None:
            raise LedgerUnavailable(f"segment {self.id} has failed before")
        return self._descriptor

    def _append(self, payloads: Sequence[bytes], *, records: int) -> None:
        chain, lines = self.end.chain, []
        for payload in payloads:
            chain = link(chain, payload)
            lines.append(b"%b %b\n" % (chain, payload))
        content = b"".join(lines)
        end = End(self.end.records + records, chain, self.end.size_bytes + len(content))
        try:
            with unavailable(f"segment {self.id} could not be written"):
                write_durably(self.held(), content, at_byte=self.end.size_bytes)
                self._require_place()
            self.end = end
        except BaseException:
            self.release()
            raise
