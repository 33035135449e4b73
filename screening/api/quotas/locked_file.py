"""A small file that all workers of a host share, under a lock: a number, or a sketch.

A disk that does not take what is to be kept is no reason to grant more: that is `Unavailable`.
"""

import asyncio
import os
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final, Self, TypeVar

from screening.api.quotas.sketch import REGISTERS, is_sketch
from screening.file_lock import try_flock
from screening.vocabulary.errors import Unavailable

_PATIENCE_S: Final = 0.25
"""Half of what a client waits for an answer; a sibling may have lost the processor meanwhile."""
_FIRST_PAUSE_S: Final = 0.0002
_LONGEST_PAUSE_S: Final = 0.005
_DIGITS: Final = 20

DoneT = TypeVar("DoneT")


class AllowanceLocked(Unavailable):
    """A sibling holds a file at this moment: for microseconds, unless it was stopped."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"the allowance {path} is locked", reason="overloaded")
        self.path = path


async def patiently(act: Callable[[], DoneT]) -> DoneT:
    """Do what needs files that siblings lock; again and again, while others are answered.

    `act` is done from its beginning each time, and holds no lock when it ends. Raises
    `AllowanceLocked` after a quarter of a second: one that was stopped must not stop us.
    """
    deadline, pause_s = time.monotonic() + _PATIENCE_S, _FIRST_PAUSE_S
    while True:
        try:
            return act()
        except AllowanceLocked:
            if time.monotonic() > deadline:
                raise
        await asyncio.sleep(pause_s)
        pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)


def unusable(path: Path, what: str, error: OSError) -> Unavailable:
    """Return what is said where a file cannot be `what`, as `read`."""
    return Unavailable(f"the allowance {path} cannot be {what}: {error.strerror}", reason="audit")


def is_there(path: Path) -> bool:
    """Tell whether there is such a file; raises `Unavailable` where nobody can know."""
    try:
        path.stat()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise unusable(path, "read", error) from None
    return True


class LockedFile:
    """Open, and locked, within `with`; `AllowanceLocked` where a sibling has it (`patiently`)."""

    def __init__(self, path: Path, *, outlives_boot: bool = True) -> None:
        self._path = path
        self._outlives_boot = outlives_boot

    def __enter__(self) -> Self:
        try:
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise unusable(self._path, "opened", error) from None
        with ExitStack() as undo:
            undo.callback(os.close, self._descriptor)
            if not self._is_locked():
                raise AllowanceLocked(self._path)
            undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)

    def _is_locked(self) -> bool:
        try:
            return try_flock(self._descriptor)
        except OSError as error:
            raise unusable(self._path, "locked", error) from None

    def _content(self, most_bytes: int) -> bytes:
        try:
            return os.pread(self._descriptor, most_bytes + 1, 0)
        except OSError as error:
            raise unusable(self._path, "read", error) from None

    def _replace(self, content: bytes, *, begin_blank: bool = False) -> None:
        """Put `content` in place of what is there, whole or not at all.

        `begin_blank`: as many zeros mean nothing, and may lie there where we are killed meanwhile.
        """
        try:
            before = os.pread(self._descriptor, len(content), 0)
            try:
                if begin_blank and not before:
                    os.ftruncate(self._descriptor, len(content))
                self._write(content)
            except OSError:
                self._put_back(before)
                raise
            # Else a power cut could leave a file that holds nothing, all day long.
            if self._outlives_boot and not before:
                os.fdatasync(self._descriptor)
        except OSError as error:
            raise unusable(self._path, "recorded", error) from None

    def _write(self, content: bytes) -> None:
        written = 0
        while written < len(content):
            written += os.pwrite(self._descriptor, content[written:], written)

    def _put_back(self, before: bytes) -> None:
        """Leave what was there: a part of what was to be would be no number, and no sketch."""
        with suppress(OSError):  # the pages that it takes are there already
            os.pwrite(self._descriptor, before, 0)
        os.ftruncate(self._descriptor, len(before))

    def _damaged(self, what: str) -> Unavailable:
        return Unavailable(
            f"the allowance {self._path} holds no {what}; see docs/operations.md", reason="audit"
        )


class NumberFile(LockedFile):
    """A number of at most 20 digits; 0 where there is none yet."""

    def number(self) -> int:
        """Return the number."""
        content = self._content(_DIGITS)
        if not content:
            return 0
        if len(content) != _DIGITS or not content.isdigit():
            raise self._damaged("number")
        return int(content)

    def set_number(self, number: int) -> None:
        """Put another in its place."""
        self._replace(b"%0*d" % (_DIGITS, number))


class SketchFile(LockedFile):
    """The registers of a `Sketch`, one byte each; none is raised where there is no file yet."""

    def registers(self) -> bytes:
        """Return the registers."""
        content = self._content(REGISTERS)
        if not content:
            return bytes(REGISTERS)
        if not is_sketch(content):
            raise self._damaged("sketch")
        return content

    def set_registers(self, registers: bytes) -> None:
        """Put others in their place; who is killed within leaves a sketch of fewer."""
        self._replace(registers, begin_blank=True)
