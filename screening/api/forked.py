"""A process of the host, forked from its supervisor with all imported that it needs.

To import it costs a second of a core, more than all else that a start takes; forked, a process is
there within milliseconds, and what was imported lies in memory once. The supervisor has no other
thread: none is there that could hold a lock which its child would wait for
(docs/decisions/0025-processes-are-forked.md).
"""

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, cast

from screening.api.held_signals import HEEDED_BY_THE_SUPERVISOR, hear, held_back
from screening.api.lifeline import Lifeline

_FORK: Final = multiprocessing.get_context("fork")
_LOOK_AGAIN_AFTER_S: Final = 1.0


class _Closeable(Protocol):
    def close(self) -> None: ...


@dataclass(frozen=True)
class Task:
    """What a process of the host does, and how it begins.

    `run` is called in it with the `arguments` and the lifeline that it is to show itself by.
    """

    name: str
    """As the log has it."""
    short_name: str
    """As the system has it (`ps -o comm`): at most 15 characters."""
    run: Callable[..., None]
    arguments: tuple[object, ...]
    held_back: frozenset[signal.Signals]
    """What it does not hear before it says so."""
    not_its_own: Sequence[_Closeable]
    """What it closes: a lock or a port that would be held for longer than by its supervisor."""
    silence_s: float
    """For how long it may show no life."""


class Forked:
    """A process that does its task, or has ended."""

    def __init__(self, task: Task) -> None:
        """Start it; raises `OSError` where no memory, process or descriptor is left."""
        self._silence_s = task.silence_s
        self._silent_since: float | None = None
        self._lifeline = Lifeline()
        self._process = _FORK.Process(target=_run, args=(task, self._lifeline), name=task.name)
        with held_back(HEEDED_BY_THE_SUPERVISOR):
            self._process.start()
        self.pid = cast("int", self._process.pid)  # known once it has been started

    @property
    def exit_code(self) -> int | None:
        """How it has ended, the negative number of a signal included; None while it has not."""
        return self._process.exitcode

    @property
    def serves(self) -> bool:
        """Whether it has said that it serves."""
        return self._lifeline.serves

    def is_silent(self) -> bool:
        """Tell whether it has shown no life for too long, at two looks.

        The first may follow a stop of all processes, this one included.
        """
        if self._lifeline.silent_s <= self._silence_s:
            self._silent_since = None
        elif self._silent_since is None:
            self._silent_since = time.monotonic()
        else:
            return time.monotonic() - self._silent_since >= _LOOK_AGAIN_AFTER_S
        return False

    def tell(self, number: signal.Signals) -> None:
        """Send it a signal, where it has not ended."""
        if self.exit_code is None:  # and so its process id is still its own
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it, and wait for its end."""
        self._process.kill()
        self._process.join()


def _run(task: Task, lifeline: Lifeline) -> None:
    if sys.platform == "linux":
        Path("/proc/self/comm").write_text(task.short_name)
    for number in HEEDED_BY_THE_SUPERVISOR:
        signal.signal(number, signal.SIG_DFL)
    hear(HEEDED_BY_THE_SUPERVISOR - task.held_back)
    for one in task.not_its_own:
        one.close()
    task.run(*task.arguments, lifeline)
