"""What a process of the host and its supervisor know of each other.

The supervisor sees in memory that both share that the process lives, and whether it serves: it
waits for no answer. The process knows whose death it is to end with.
"""

import mmap
import os
import threading
import time
from collections.abc import Callable
from typing import Final

_SHOW_S: Final = 0.5
_SHOW_BEFORE_SERVING_S: Final = 0.1
"""More often: somebody waits to hear of it."""

_SEEN_AT, _SERVES = range(2)
_BYTES_OF_A_DOUBLE: Final = 8


class Lifeline:
    """Made by the supervisor before the fork, held by both."""

    def __init__(self) -> None:
        """Count from now; raises `OSError` where no memory is left."""
        self.supervisor = os.getpid()
        self._shared = memoryview(mmap.mmap(-1, 2 * _BYTES_OF_A_DOUBLE)).cast("d")
        self._shared[_SEEN_AT] = time.monotonic()

    def show(self, serves: Callable[[], bool]) -> None:
        """Show life from now on, and whether this process `serves`: by a thread, since its work may
        take long.
        """
        threading.Thread(target=self._show, args=[serves], name="life", daemon=True).start()

    def _show(self, serves: Callable[[], bool]) -> None:
        while True:
            self._shared[_SEEN_AT] = time.monotonic()
            self._shared[_SERVES] = serves()
            time.sleep(_SHOW_S if self.serves else _SHOW_BEFORE_SERVING_S)

    @property
    def silent_s(self) -> float:
        """How long nothing has been seen of it, in seconds."""
        return time.monotonic() - self._shared[_SEEN_AT]

    @property
    def serves(self) -> bool:
        """Whether it said that it serves when it was last seen."""
        return bool(self._shared[_SERVES])
