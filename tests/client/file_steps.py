"""Kills a forked command right before one of its steps on files, as a power failure would.

Whatever changes a file or a name in a folder is a step, and so is making a name durable.
"""

import os
import signal
import sys
from typing import Any, Final

FOLDER: Final = "KILLED_IN"
BEFORE: Final = "KILLED_BEFORE"
"""The variables that name the folder, and the step, counted from 1."""

_ALWAYS: Final = frozenset({"os.truncate", "os.chmod"})
_IN_THE_FOLDER: Final = frozenset({"open", "os.rename", "os.link", "os.remove"})


class _Steps:
    """An audit hook that counts, and dies where the environment says so."""

    def __init__(self) -> None:
        self._count = 0

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event not in _ALWAYS | _IN_THE_FOLDER or FOLDER not in os.environ:
            return
        if event in _ALWAYS or _changes(event, arguments):
            self._count += 1
            if self._count == int(os.environ[BEFORE]):
                os.kill(os.getpid(), signal.SIGKILL)


def _changes(event: str, arguments: tuple[Any, ...]) -> bool:
    if not str(arguments[0]).startswith(os.environ[FOLDER]):
        return False
    writes = event != "open" or arguments[2] & (os.O_RDWR | os.O_WRONLY)
    return bool(writes) or os.path.isdir(arguments[0])  # noqa: PTH112 - a path's own call is audited


def install() -> None:
    """Have every command that is forked from this process look at its environment."""
    sys.addaudithook(_Steps())
