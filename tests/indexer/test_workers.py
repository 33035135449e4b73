"""Processes that share work: results in order, one sentence when one dies, none left behind."""

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.workers import Workers, batches
from screening.vocabulary.errors import OperatorError
from tests.harness.processes import Process, command_line, eventually


def twice(number: int) -> tuple[int, int]:
    return 2 * number, os.getpid()


def refuse(_: int) -> None:
    raise OperatorError("what to do")


def die(_: int) -> None:
    os._exit(1)


def say_and_stay(path: str) -> None:
    Path(path).write_text(str(os.getpid()))
    threading.Event().wait()


def keep_busy(path: str) -> None:
    """Share work that never ends; run in a process of its own."""
    with Workers(worth_it=True) as workers:
        list(workers.starmap(say_and_stay, [(path,)]))


@pytest.mark.parametrize("worth_it", [True, False])
def test_results_come_in_order_from_wherever_the_work_was_done(worth_it: bool) -> None:
    with Workers(worth_it=worth_it) as workers:
        results = list(workers.starmap(twice, ((number,) for number in range(50))))
    assert [number for number, _ in results] == list(range(0, 100, 2))
    assert all((pid != os.getpid()) == worth_it for _, pid in results)


def test_calls_are_drawn_only_as_workers_become_free() -> None:
    drawn = 0

    def calls() -> Iterator[tuple[int]]:
        nonlocal drawn
        for number in range(1_000):
            drawn += 1
            yield (number,)

    with Workers(worth_it=True) as workers:
        next(workers.starmap(twice, calls()))
        assert drawn <= 2 * (os.cpu_count() or 1) + 1


@pytest.mark.parametrize("worth_it", [True, False])
def test_an_error_reaches_the_one_who_waits(worth_it: bool) -> None:
    with Workers(worth_it=worth_it) as workers, pytest.raises(OperatorError, match="what to do"):
        list(workers.starmap(refuse, [(1,)]))


@pytest.mark.slow
def test_a_process_that_dies_is_one_sentence() -> None:
    with Workers(worth_it=True) as workers, pytest.raises(OperatorError, match="run it again"):
        list(workers.starmap(die, [(1,), (2,)]))


@pytest.mark.slow
def test_processes_end_when_the_one_that_started_them_is_killed(tmp_path: Path) -> None:
    code = "import sys; from tests.indexer.test_workers import keep_busy; keep_busy(sys.argv[1])"
    said = tmp_path / "pid"
    starter = Process(
        [sys.executable, "-c", code, str(said)],
        tmp_path / "log",
        environment=os.environ,
        cwd=Path(__file__).parents[2],
    )
    try:
        pid = int(
            eventually(lambda: said.read_text() if said.exists() else None, what="a worker at work")
        )
        starter.popen.kill()
        starter.popen.wait()
        eventually(lambda: not command_line(pid), what="the end of a worker")
    finally:
        starter.kill()


def test_batches_hold_every_item_once() -> None:
    assert list(batches(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(batches([], 2)) == []
