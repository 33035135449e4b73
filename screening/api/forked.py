"""A process of the host, forked from its supervisor with nearly all imported that it needs.

To import it costs a second of a core, more than all else that a start takes; forked, a process is
there within milliseconds, and what was imported lies in memory once. The supervisor has no other
thread: none is there that could hold a lock which its child would wait for
(docs/decisions/0025-processes-are-forked.md).
"""

import contextlib
import os
import signal
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn, Protocol

from screening.api.held_signals import HEEDED_BY_THE_SUPERVISOR, hear, held_back
from screening.api.lifeline import Lifeline
from screening.api.logs import tell

_FAILED: Final = 1


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
    prepare: Callable[[], object]
    """Called by the supervisor before each start."""


class Forked:
    """A process that does its task, or has ended."""

    def __init__(self, task: Task) -> None:
        """Start it; raises `OSError` where no memory or process is left, or as `prepare` does."""
        task.prepare()
        self._lifeline = Lifeline(task.silence_s)
        self._exit_code: int | None = None
        # Not by multiprocessing: that loses four descriptors each time that a fork fails.
        with held_back(HEEDED_BY_THE_SUPERVISOR):
            self.pid = os.fork()
            if self.pid == 0:
                _end_as(lambda: _run(task, self._lifeline))

    @property
    def exit_code(self) -> int | None:
        """How it has ended, the negative number of a signal included; None while it has not."""
        if self._exit_code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._exit_code = os.waitstatus_to_exitcode(status)
        return self._exit_code

    @property
    def serves(self) -> bool:
        """Whether it has said that it serves."""
        return self._lifeline.serves

    def is_silent(self) -> bool:
        """Tell whether it has shown no life for too long."""
        return self._lifeline.is_silent()

    def tell(self, number: signal.Signals) -> None:
        """Send it a signal, where it has not ended."""
        if self.exit_code is None:  # and so its process id is still its own
            os.kill(self.pid, number)


def _end_as(run: Callable[[], None]) -> NoReturn:
    """End this process as `run` ends, and do nothing that is its parent's to do."""
    code = _FAILED
    try:
        run()
        code = 0
    except SystemExit as end:
        match end.code:
            case None:
                code = 0
            case int():
                code = end.code
            case sentence:
                tell(f"{sentence}\n")
    except BaseException:
        tell(traceback.format_exc())
    finally:
        os._exit(code)


def _run(task: Task, lifeline: Lifeline) -> None:
    with contextlib.suppress(OSError):  # no Linux, or no leave to write there
        Path("/proc/self/comm").write_text(task.short_name)
    for number in HEEDED_BY_THE_SUPERVISOR:
        signal.signal(number, signal.SIG_DFL)
    hear(HEEDED_BY_THE_SUPERVISOR - task.held_back)
    for one in task.not_its_own:
        one.close()
    task.run(*task.arguments, lifeline)
