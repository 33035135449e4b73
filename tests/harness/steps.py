"""The steps of a command that last, noted one by one; it dies before one, or stops before each.

A step is a call into the system or the database after which something may be different for those
who come later: a write to a file, a name made or removed, a packet to Redis, a change in SQLite.
"""

import functools
import os
import signal
import socket
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, Final

_ROOT: Final = Path(__file__).parents[2]
_ROOMS: Final = tuple(str(_ROOT / name) for name in ("screening", "indexer", "intelligence"))
_OF_FILES: Final = frozenset(
    {"write", "pwrite", "ftruncate", "rename", "replace", "link", "unlink", "remove", "mkdir"}
)
_OF_SQLITE: Final = frozenset({"execute", "executemany", "executescript"})
NEVER: Final = sys.maxsize
"""Before which step a command is killed that only has its steps written down."""


class Steps:
    """Writes down each step to `descriptor`, and dies before the step `kill_before`, from 0.

    Where it `stops`, it does so by SIGSTOP before each of them.

    Calls that follow one another from one line are one step, so that their number does not depend
    on how many partners there are.
    """

    def __init__(self, descriptor: int, kill_before: int, *, stops: bool = False) -> None:
        self._descriptor = descriptor
        self._kill_before = kill_before
        self._stops = stops
        self._count = 0
        self._last = ""
        self._database: tuple[int, bool] = (0, False)
        self._write = os.write

    def watch(self) -> None:
        """See every step that this process takes from now on.

        The calls themselves are stood in for: a profile function, which is called for all others
        too, would have a command take more than twice as long.
        """
        for name in _OF_FILES:
            setattr(os, name, self._noted(getattr(os, name)))
        socket.socket.sendall = self._noted(socket.socket.sendall)  # type: ignore[method-assign]  # of one command's process
        calls = {name: getattr(sqlite3.Connection, name) for name in _OF_SQLITE}
        methods = {name: self._noted_change(call) for name, call in calls.items()}
        watched = type("Connection", (sqlite3.Connection,), methods)
        sqlite3.connect = functools.partial(sqlite3.connect, factory=watched)  # type: ignore[assignment]  # of fewer overloads

    def _noted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(call)
        def noted(*arguments: Any, **options: Any) -> Any:
            self._note(call.__name__, sys._getframe(1))
            return call(*arguments, **options)

        return noted

    def _noted_change(self, call: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(call)
        def noted(connection: sqlite3.Connection, *arguments: Any) -> Any:
            # Before a statement that follows a change: had nothing changed, this is no new place.
            state = (connection.total_changes, connection.in_transaction)
            if state != self._database:
                self._database = state
                self._note(call.__name__, sys._getframe(1))
            return call(connection, *arguments)

        return noted

    def _note(self, name: str, frame: FrameType) -> None:
        label = f"{name} {_place(frame)}"
        if label == self._last:
            return
        self._last = label
        if self._count == self._kill_before:
            os.kill(os.getpid(), signal.SIGKILL)
        if self._stops:
            os.kill(os.getpid(), signal.SIGSTOP)
        self._write(self._descriptor, f"{label}\n".encode())
        self._count += 1


def _place(frame: FrameType | None) -> str:
    while frame is not None and not frame.f_code.co_filename.startswith(_ROOMS):
        frame = frame.f_back
    if frame is None:
        return "elsewhere"
    path = Path(frame.f_code.co_filename).relative_to(_ROOT)
    return f"{path}:{frame.f_lineno} {frame.f_code.co_name}"
