"""Signals that reach a whole process group, and are its supervisor's to carry out.

A process that is started with them held back does not end by one before it heeds it. It inherits
what its parent holds back at that moment, and the parent hears of all afterwards.
"""

import contextlib
import signal
from collections.abc import Iterator
from typing import Final

TOLD_TO_THE_GROUP: Final = frozenset({signal.SIGINT, signal.SIGHUP})
"""By a terminal, at Ctrl-C or when it is closed."""
HEEDED_BY_THE_SUPERVISOR: Final = TOLD_TO_THE_GROUP | {
    signal.SIGTERM,
    signal.SIGTTIN,
    signal.SIGTTOU,
    signal.SIGUSR1,
    signal.SIGUSR2,
}
"""The last two only lest they end it."""
ENDING: Final = frozenset({signal.SIGTERM, signal.SIGINT})
"""What ends a server."""


def ignore_until_there_are_workers() -> None:
    """Ignore what is meant for workers, until the supervisor heeds it."""
    for number in HEEDED_BY_THE_SUPERVISOR - ENDING:
        signal.signal(number, signal.SIG_IGN)


@contextlib.contextmanager
def held_back(numbers: frozenset[signal.Signals]) -> Iterator[None]:
    """Have processes that are started within begin with `numbers` held back."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def hear(numbers: frozenset[signal.Signals]) -> None:
    """Let what was held back come, now that this process heeds it."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers)
