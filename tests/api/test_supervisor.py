"""What the supervisor does at which moment, with processes and a clock that the test makes up."""

import errno
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import pytest
from structlog.testing import capture_logs
from uvicorn.config import STARTUP_FAILURE

from screening.api import supervision
from screening.api.companions import END_SIGNAL
from screening.api.forked import Task
from screening.vocabulary.errors import OperatorError

WORKER: Final = Task("a worker", "gen-worker", print, (), frozenset(), (), 5.0)
SYNC: Final = Task("sync", "gen-sync", print, (), frozenset(), (), 10.0)


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


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Host:
    return Host(monkeypatch)


def test_what_dies_is_started_again_and_again_but_not_without_a_pause(host: Host) -> None:
    host.new = lambda process: setattr(process, "exit_code", 1)
    host.run(until=10.0)
    for task in (WORKER, SYNC):
        starts = [one.started_at for one in host.of(task)]
        pauses = [later - before for before, later in pairwise(starts)]
        assert len(starts) > 10
        assert min(pauses) >= 0.5 - 1e-9


def test_what_has_run_for_a_while_is_started_again_at_the_next_look(host: Host) -> None:
    host.at(3.0, lambda: setattr(host.processes[1], "exit_code", -9))
    host.run(until=4.0)
    _, again = host.of(WORKER)
    assert 3.0 <= again.started_at < 3.3


@pytest.mark.parametrize("task", [WORKER, SYNC])
def test_what_shows_no_life_is_killed_and_another_is_started(host: Host, task: Task) -> None:
    host.at(3.0, lambda: setattr(host.of(task)[0], "silent", True))
    host.run(until=5.0)
    hung, again = host.of(task)
    assert hung.told == [signal.SIGKILL]
    assert again.started_at < 3.5


def test_what_cannot_be_started_is_tried_twice_a_second_until_it_can_be(host: Host) -> None:
    tried: list[float] = []

    def fail(process: Process) -> None:
        if 3.0 < host.now < 6.0:
            tried.append(host.now)
            raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

    host.new = fail
    host.at(3.0, lambda: setattr(host.of(WORKER)[0], "exit_code", -9))
    host.run(until=10.0)
    assert 4 <= len(tried) <= 7
    assert len(host.of(WORKER)) == 2


@pytest.mark.parametrize("task", [WORKER, SYNC])
def test_what_is_stuck_in_the_kernel_is_killed_once_and_another_takes_its_place(
    host: Host, task: Task
) -> None:
    def is_stuck() -> None:
        (stuck,) = host.of(task)
        stuck.silent, stuck.heeds = True, frozenset()

    host.at(3.0, is_stuck)
    with capture_logs() as told:
        host.run(until=60.0)
    stuck, again = host.of(task)
    assert stuck.told == [signal.SIGKILL]
    assert again.started_at < 4.0
    assert sum("stuck in the kernel" in one["event"] for one in told) == 1


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTTOU])
def test_how_a_replaced_worker_has_ended_is_asked_for_until_it_has(
    monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    host = Host(monkeypatch, workers=2)
    asked: list[int] = []

    def stuck() -> Process:
        return host.of(WORKER)[1]

    def hang() -> None:
        for process in host.of(WORKER):
            process.heeds = frozenset()
        host.send(number)

    def count() -> None:
        asked.append(stuck().asked)

    host.at(3.0, hang)
    host.at(30.0, count)
    host.at(40.0, count)
    host.at(40.0, lambda: setattr(stuck(), "exit_code", -9))
    host.at(41.0, count)
    host.run(until=45.0)
    assert signal.SIGKILL in stuck().told
    assert asked[0] < asked[1]
    assert stuck().asked == asked[2]  # and no more


def test_workers_end_before_what_runs_beside_them(host: Host) -> None:
    ends: list[str] = []
    host.new = lambda process: _note_its_end(process, ends)
    host.run(until=2.0)
    assert ends == ["a worker SIGTERM", "sync SIGUSR1"]


def _note_its_end(process: Process, ends: list[str]) -> None:
    def tell(number: signal.Signals) -> None:
        ends.append(f"{process.task.name} {number.name}")
        process.exit_code = 0

    process.tell = tell  # type: ignore[method-assign]


def test_what_heeds_nothing_is_killed_within_the_promised_time(host: Host) -> None:
    host.heeds = frozenset({signal.SIGKILL})
    host.run(until=2.0)
    assert [one.told[-1] for one in host.processes] == [signal.SIGKILL] * 2
    assert host.now - 2.0 <= 20


def test_a_hangup_replaces_each_worker_by_one_that_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    host = Host(monkeypatch, workers=2)
    host.at(3.0, lambda: host.send(signal.SIGHUP))
    host.run(until=10.0)
    first, second, third, fourth = host.of(WORKER)
    assert third.told == fourth.told == [signal.SIGTERM]  # at the end only
    assert first.exit_code == second.exit_code == -signal.SIGTERM
    assert len(host.of(SYNC)) == 1


@pytest.mark.parametrize("exit_code", [None, STARTUP_FAILURE])
def test_a_worker_that_does_not_come_to_serve_replaces_none(
    host: Host, exit_code: int | None
) -> None:
    def cannot_begin(process: Process) -> None:
        process.serves, process.exit_code = False, exit_code

    host.at(2.9, lambda: setattr(host, "new", cannot_begin))
    host.at(3.0, lambda: host.send(signal.SIGHUP))
    host.run(until=100.0)
    old, new = host.of(WORKER)
    assert old.told == [signal.SIGTERM]
    assert new.exit_code is not None
    assert new.told == ([] if exit_code else [signal.SIGKILL])


@pytest.mark.parametrize("during", ["the start of a new one", "the end of an old one"])
def test_told_to_end_while_it_replaces_workers_it_starts_none_more(
    monkeypatch: pytest.MonkeyPatch, during: str
) -> None:
    host = Host(monkeypatch, workers=3)
    slow = during == "the start of a new one"

    def slow_from_now_on() -> None:
        host.new = lambda process: setattr(process, "serves", not slow)
        for process in host.processes:
            process.heeds = frozenset()

    host.at(2.9, slow_from_now_on)
    host.at(3.0, lambda: host.send(signal.SIGHUP))
    host.run(until=4.0)
    assert len(host.of(WORKER)) == 4
    assert all(signal.SIGTERM in one.told for one in host.of(WORKER))


def test_one_worker_more_and_less_but_never_none(host: Host) -> None:
    host.at(1.0, lambda: host.send(signal.SIGTTIN))
    host.at(2.0, lambda: host.send(signal.SIGTTOU))
    host.at(3.0, lambda: host.send(signal.SIGTTOU))
    told: list[list[signal.Signals]] = []
    host.at(4.0, lambda: told.extend(list(one.told) for one in host.of(WORKER)))
    host.run(until=5.0)
    assert told == [[], [signal.SIGTERM]]
    assert host.of(WORKER)[1].started_at < 1.5


def test_a_server_none_of_whose_workers_has_begun_ends_at_the_first_that_cannot(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    host = Host(monkeypatch, workers=2)

    def cannot_begin(process: Process) -> None:
        if process.task is WORKER:
            process.serves, process.exit_code = False, STARTUP_FAILURE

    host.new = cannot_begin
    with pytest.raises(OperatorError, match="no worker could start"):
        host.run(until=60.0)
    assert len(host.of(WORKER)) == 2
    assert host.of(SYNC)[0].told == [END_SIGNAL]
