"""What the supervisor does about a process that a kill does not end."""

import signal

import pytest
from structlog.testing import capture_logs

from screening.api.forked import Task
from tests.harness.supervised import SYNC, WORKER, Host, Process


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Host:
    return Host(monkeypatch)


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


@pytest.mark.parametrize("task", [WORKER, SYNC])
def test_of_what_gets_stuck_again_and_again_one_is_replaced_until_it_has_ended(
    host: Host, task: Task
) -> None:
    def is_stuck(process: Process) -> None:
        if process.task is task:
            process.silent, process.heeds = True, frozenset()

    host.new = is_stuck
    host.at(500.0, lambda: setattr(host.of(task)[0], "exit_code", -9))
    seen: list[int] = []
    host.at(499.0, lambda: seen.append(len(host.of(task))))
    with capture_logs() as told:
        host.run(until=1_000.0)
    assert seen == [2]
    assert len(host.of(task)) == 3  # the place of the second was free then
    assert [one.told.count(signal.SIGKILL) for one in host.of(task)[:2]] == [1, 1]
    assert sum("stuck in the kernel" in one["event"] for one in told) == 2


def test_how_what_is_stuck_has_ended_is_asked_for_beside_the_next(host: Host) -> None:
    def is_stuck() -> None:
        (stuck,) = host.of(WORKER)
        stuck.silent, stuck.heeds = True, frozenset()

    asked: list[int] = []
    host.at(3.0, is_stuck)
    for moment in (10.0, 20.0):
        host.at(moment, lambda: asked.append(host.of(WORKER)[0].asked))
    host.run(until=30.0)
    assert asked[0] < asked[1]


def test_a_new_worker_that_gets_stuck_before_it_serves_is_asked_for_too(host: Host) -> None:
    def is_stuck(process: Process) -> None:
        process.serves, process.heeds = False, frozenset()

    asked: list[int] = []
    host.at(2.9, lambda: setattr(host, "new", is_stuck))
    host.at(3.0, lambda: host.send(signal.SIGHUP))
    for moment in (100.0, 110.0):
        host.at(moment, lambda: asked.append(host.of(WORKER)[1].asked))
    host.run(until=120.0)
    assert asked[0] < asked[1]


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
