"""Trouble with what is done again and again, which ends nothing and is told while it lasts."""

import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Final

_AGAIN_S: Final = 3_600.0
"""What was said once has rolled out of a log that people look at, or was never seen."""


class Trouble:
    """What is wrong with one thing, told at once, and by the hour while it goes on.

    `monotonic` gives seconds.
    """

    def __init__(
        self, tell: Callable[[str], None], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._tell = tell
        self._monotonic = monotonic
        self._last: str | None = None
        self._told_at = 0.0

    def note(self, what: str | None) -> None:
        """Take down what was wrong this time, None where nothing was."""
        now, before = self._monotonic(), self._last
        self._last = what
        if what is not None and (what != before or now >= self._told_at + _AGAIN_S):
            self._told_at = now
            self._tell(what)


def defect_sentence(error: Exception) -> str:
    """Name a defect and its place: its text may hold a selector, a file and a line do not."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{'/'.join(Path(frame.filename).parts[-2:])}:{frame.lineno}"
    return f"a defect ({type(error).__name__}, {place}); report it"
