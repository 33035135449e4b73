"""What the supervisor does at which moment, with processes and a clock that the test makes up."""

import errno
import signal
from itertools import pairwise

import pytest
from uvicorn.config import STARTUP_FAILURE

from screening.api.companions import END_SIGNAL
from screening.api.forked import Task
from screening.vocabulary.errors import OperatorError
from tests.harness.supervised import SYNC, WORKER, Host, Process


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
