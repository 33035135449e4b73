"""How the processes beside the workers begin and end: sync, the log, the metrics port, alerts.

The supervisor ends them after the workers, so they go on at what ends a whole process group.
"""

import signal
import sys
from collections.abc import Callable
from typing import Final, NoReturn

from screening.api.held_signals import TOLD_TO_THE_GROUP, hear
from screening.api.lifeline import Lifeline

END_SIGNAL: Final = signal.SIGUSR1
"""By which the parent ends such a process, and nobody a whole process group."""
_GOES_ON_AT: Final = TOLD_TO_THE_GROUP | {signal.SIGTERM}
"""The parent ends it after the workers."""
HELD_BACK_AT_FIRST: Final = _GOES_ON_AT | {END_SIGNAL}
"""What it is started with held back, and hears once it has begun."""
COMPANIONS_GRACE_S: Final = 5.0
"""How long it may take to end, before it is killed."""


def begin(lifeline: Lifeline, end: Callable[..., object]) -> None:
    """Show life from now on, and have `end` called, as signals are, once this process is to end.

    That is when the supervisor says so, or is gone.
    """
    # Not SIG_IGN, which an embedded server that is started from here would inherit; nor would it
    # hear what is still held back.
    for number in _GOES_ON_AT:
        signal.signal(number, _go_on)
    signal.signal(END_SIGNAL, end)
    hear(HELD_BACK_AT_FIRST)
    lifeline.hold(lambda: True, end=END_SIGNAL, grace_s=COMPANIONS_GRACE_S)


def end_here(*_: object) -> NoReturn:
    """End at whatever point this is: for processes that drop what they are at on the way."""
    signal.signal(END_SIGNAL, signal.SIG_IGN)  # told again, it must not break off its own end
    sys.exit()


def _go_on(*_: object) -> None:
    """Do nothing: what the group is told is the parent's to carry out."""
