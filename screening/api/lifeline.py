"""What a process of the host and its supervisor know of each other.

The supervisor sees in memory that both share that the process lives, and whether it serves: it
waits for no answer. The process knows whose death it is to end with.
"""

import mmap
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Final, NoReturn

from uvicorn.config import STARTUP_FAILURE

from screening.api.logs import tell
from screening.parent_death import end_without

_SHOW_S: Final = 0.5
_SHOW_BEFORE_SERVING_S: Final = 0.1
"""More often: somebody waits to hear of it."""
_STOPPED_S: Final = 1.0
"""A supervisor that has not looked for so long was stopped, and the process with it, perhaps."""

_SEEN_AT, _SERVES = range(2)
_BYTES_OF_A_DOUBLE: Final = 8


def end_unbegun(error: RuntimeError) -> NoReturn:
    """End this process, which cannot begin: it may start no thread, say."""
    tell(f"process {os.getpid()} cannot begin: {error}\n")
    sys.exit(STARTUP_FAILURE)


class Lifeline:
    """Made by the supervisor before the fork, held by both."""

    def __init__(self, silence_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Count from now; raises `OSError` where no memory is left.

        The process may show no life for `silence_s` seconds.
        """
        self.supervisor = os.getpid()
        self._silence_s = silence_s
        self._clock = clock
        self._looked_at = self._looks_since = clock()
        self._shared = memoryview(mmap.mmap(-1, 2 * _BYTES_OF_A_DOUBLE)).cast("d")
        self._shared[_SEEN_AT] = clock()

    def hold(self, serves: Callable[[], bool], *, end: signal.Signals, grace_s: float) -> None:
        """Show life from now on, and whether this process `serves`; end with the supervisor.

        By threads, since its work may take long. Once the supervisor is gone it is sent `end`, and
        killed after `grace_s` seconds. Ends this process where no thread can be started.
        """

        def show_again_and_again() -> None:
            while True:
                self.show(serves=serves())
                time.sleep(_SHOW_S if self.serves else _SHOW_BEFORE_SERVING_S)

        try:
            end_without(self.supervisor, end, grace_s=grace_s)
            threading.Thread(target=show_again_and_again, name="life", daemon=True).start()
        except RuntimeError as error:  # of which the system has too many
            end_unbegun(error)

    def show(self, *, serves: bool) -> None:
        """Show life once."""
        self._shared[_SEEN_AT] = self._clock()
        self._shared[_SERVES] = serves

    @property
    def serves(self) -> bool:
        """Whether the process said that it serves when it was last seen."""
        return bool(self._shared[_SERVES])

    def is_silent(self) -> bool:
        """Tell whether it has shown no life for too long, and for a second more.

        After a stop of all processes, the supervisor included, it has all of that time again: one
        may get going seconds later than the other, as where its memory comes back from a disk.
        """
        now, most_s = self._clock(), self._silence_s + _STOPPED_S
        # On a machine that stops every few seconds, what hangs is to be found all the same.
        if now - self._looked_at > _STOPPED_S and now - self._looks_since > 2 * most_s:
            self._looks_since = now
        self._looked_at = now
        seen_at = max(self._shared[_SEEN_AT], self._looks_since)
        return bool(now - seen_at > most_s)
