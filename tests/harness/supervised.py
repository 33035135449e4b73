"""A supervisor with processes and a clock that the test makes up."""

import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import pytest

from screening.api import supervision
from screening.api.companions import END_SIGNAL
from screening.api.forked import Task

WORKER: Final = Task("a worker", "gen-worker", print, (), frozenset(), (), 5.0, list)
SYNC: Final = Task("sync", "gen-sync", print, (), frozenset(), (), 10.0, list)


@dataclass
class Process:
    """As the supervisor sees one; ends at the signals that it `heeds`."""

    task: Task
    pid: int
    started_at: float
    heeds: frozenset[signal.Signals]
    code: int | None = None
    serves: bool = True
    silent: bool = False
    told: list[signal.Signals] = field(default_factory=list)
    asked: int = 0

    @property
    def exit_code(self) -> int | None:
        self.asked += 1
        return self.code

    @exit_code.setter
    def exit_code(self, code: int | None) -> None:
        self.code = code

    def is_silent(self) -> bool:
        return self.silent

    def tell(self, number: signal.Signals) -> None:
        self.told.append(number)
        if self.code is None and number in self.heeds:
            self.exit_code = -number


class Host:
    """Processes and a clock; `at` says what happens when, and SIGTERM comes at the end."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, workers: int = 1) -> None:
        self.now = 0.0
        self.processes: list[Process] = []
        self.heeds = frozenset({signal.SIGTERM, signal.SIGKILL, END_SIGNAL})
        self.new: Callable[[Process], None] = lambda _: None
        self._events: list[tuple[float, Callable[[], None]]] = []
        monkeypatch.setattr(supervision, "Forked", self._forked)
        monkeypatch.setattr(supervision, "time", self)
        monkeypatch.setattr(signal, "signal", lambda *_: None)
        self._supervisor = supervision.Supervisor(
            WORKER, workers, (SYNC,), stop_listening=lambda: None
        )

    def at(self, moment: float, happens: Callable[[], None]) -> None:
        self._events.append((moment, happens))

    def send(self, number: signal.Signals) -> None:
        self._supervisor._hear(number, None)

    def run(self, until: float) -> None:
        self.at(until, lambda: self.send(signal.SIGTERM))
        self._supervisor.run_until_told()

    def of(self, task: Task) -> list[Process]:
        return [one for one in self.processes if one.task is task]

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        due = [one for one in self._events if one[0] <= self.now]
        self._events = [one for one in self._events if one[0] > self.now]
        for _, happens in due:
            happens()

    def _forked(self, task: Task) -> Process:
        process = Process(task, len(self.processes) + 1, self.now, self.heeds)
        self.new(process)
        self.processes.append(process)
        return process
