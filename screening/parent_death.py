"""How a process ends with its parent, so that none outlives whoever would end it.

On Linux the kernel tells of the death (PR_SET_PDEATHSIG of prctl(2)): a process that is stopped or
hung is told, too. It tells when the *thread* that started the process ends, and nothing where that
has ended before it was asked to; so its word alone is believed only by processes whose parent
starts them in its main thread, and only after a look at who the parent is.
"""

import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Final

_PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h
_LOOK_AGAIN_S: Final = 0.5


def die_with_parent(parent: int) -> Callable[[], None] | None:
    """Return what a child calls to be killed when `parent` (a process id) dies; None where unknown.

    The main thread of `parent` is to start the child, which may be a fork of a single thread.
    """
    tell = _teller()
    if tell is None:
        return None

    def request_death() -> None:
        tell(signal.SIGKILL)
        if os.getppid() != parent:  # it died before it was asked
            os._exit(1)

    return request_death


def end_without(parent: int, number: signal.Signals, *, grace_s: float) -> None:
    """Send this process `number` once `parent` (a process id) is gone, and kill it after `grace_s`.

    By a thread, whatever the others hang in. To be called in the main thread.
    """
    tell = _teller()
    if tell is not None:
        # Which kills nothing: it has a process that was stopped go on, and look.
        tell(signal.SIGCONT)
    arguments = (parent, number, grace_s)
    threading.Thread(target=_watch, args=arguments, name="parent", daemon=True).start()


def _watch(parent: int, number: signal.Signals, grace_s: float) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_AGAIN_S)
    os.kill(os.getpid(), number)
    time.sleep(grace_s)
    os.kill(os.getpid(), signal.SIGKILL)


def _teller() -> Callable[[signal.Signals], None] | None:
    """Return what asks the kernel to tell the calling process of its parent's death by a signal."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl

    def tell(number: signal.Signals) -> None:
        prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)

    return tell
