"""Lives the same short life of a ledger again and again; each time another system call goes wrong.

Run as a process: `life.py FOLDER WAY`. For each n it forks a child that writes to `FOLDER/n` while
its n-th call that changes files or locks

    kill    never happens: SIGKILL before it
    half    happens by half (a write), then SIGKILL
    fail    gives EIO
    fail5   gives EIO, and the four after it too
    short   writes half and says so (a write; else EIO)

until a child comes to the end untouched. What a child was told to be durable it notes in
`FOLDER/n.acknowledged`. A child that dies of anything but its SIGKILL ends this with an error.
"""

import errno
import fcntl
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from screening.ledger.ledger import Ledger
from screening.vocabulary.errors import LedgerUnavailable
from tests.harness.each_step import steps_survived

RECORDS = 12


class Fault:
    """Counts calls, and spoils one of them or several in a row."""

    def __init__(self, at: int, way: str) -> None:
        self._left = at
        self._way = way
        self._failing = 5 if way == "fail5" else 1
        self.happened = False

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def called(*arguments: Any, **named: Any) -> Any:
            self._left -= 1
            if not (-self._failing < self._left <= 0):
                return function(*arguments, **named)
            self.happened = True
            return self._spoil(function, *arguments, **named)

        return called

    def _spoil(self, function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        written = 0
        if self._way in ("half", "short") and function.__name__ == "pwrite":
            descriptor, content, offset = arguments
            written = function(descriptor, content[: len(content) // 2], offset)
        if self._way in ("kill", "half"):
            os.kill(os.getpid(), signal.SIGKILL)
        if written:
            return written
        raise OSError(errno.EIO, os.strerror(errno.EIO))


def live(folder: Path, acknowledged: int, clock: list[float]) -> None:
    """Write twelve records in several segments, each tried until it is taken."""
    ledger = Ledger(folder, host="life", monotonic=lambda: clock[0], max_segment_bytes=500)
    for number in range(RECORDS):
        while True:
            clock[0] += 1
            try:
                ledger.append([b'{"n":%d}' % number])
            except LedgerUnavailable:
                continue
            break
        os.write(acknowledged, b"%d\n" % number)
    ledger.close()


def child(folder: Path, at: int, way: str) -> bool:
    """Live with one fault; True when it never came to it."""
    acknowledged = os.open(f"{folder}.acknowledged", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    folder.mkdir(mode=0o700)
    fault = Fault(at, way)
    for module, name in [
        *((os, name) for name in ("pwrite", "fdatasync", "fsync", "ftruncate", "rename")),
        (os, "unlink"),
        (fcntl, "flock"),
    ]:
        setattr(module, name, fault.around(getattr(module, name)))
    live(folder, acknowledged, [0.0])
    return not fault.happened


def main() -> None:
    folder, way = Path(sys.argv[1]), sys.argv[2]
    steps_survived(lambda at: child(folder / f"{at:03}", at, way), may_end=True)


if __name__ == "__main__":
    main()
