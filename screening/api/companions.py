"""How the processes beside the workers begin and end: sync, and the one that keeps the log.

The parent ends them after the workers, so they go on at what ends a whole process group.
"""

import signal
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from screening.api.held_signals import TOLD_TO_THE_GROUP, hear
from screening.api.logs import configure_logs
from screening.parent_death import end_without

if TYPE_CHECKING:
    from ctypes import c_double

END_SIGNAL: Final = signal.SIGUSR1
"""By which the parent ends such a process, and nobody a whole process group."""
LEFT_TO_THE_PARENT: Final = TOLD_TO_THE_GROUP | {signal.SIGTERM}
"""What it goes on at, and is started with held back: the parent ends it after the workers."""
COMPANIONS_GRACE_S: Final = 5.0
"""How long it may take to end, before it is killed."""
_SHOW_LIFE_S: Final = 0.5


def begin(parent: int, sign_of_life: "c_double", end: Callable[..., object]) -> None:
    """Show life from now on, and have `end` called, as signals are, once this process is to end.

    That is when `parent` (a process id) says so, or is gone. `sign_of_life` is shared with it, and
    set to the monotonic clock again and again: by a thread, since the work may take long.
    """
    threading.Thread(target=_show_life, args=[sign_of_life], daemon=True).start()
    # Not SIG_IGN, which an embedded server that is started from here would inherit; nor would it
    # hear what is still held back.
    for number in LEFT_TO_THE_PARENT:
        signal.signal(number, _go_on)
    hear(LEFT_TO_THE_PARENT)
    signal.signal(END_SIGNAL, end)
    end_without(parent, END_SIGNAL, grace_s=COMPANIONS_GRACE_S)
    configure_logs()


def _show_life(sign_of_life: "c_double") -> None:
    while True:
        sign_of_life.value = time.monotonic()
        time.sleep(_SHOW_LIFE_S)


def _go_on(*_: object) -> None:
    """Do nothing: what the group is told is the parent's to carry out."""
