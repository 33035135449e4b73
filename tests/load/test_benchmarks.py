"""A benchmark that is ended, killed or fails half-way leaves no process behind, and no folder."""

import os
import re
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.harness.processes import Process, eventually, processes_of

ROOT: Final = Path(__file__).parents[2]
PUBLISHING: Final = ("publishing", "--selectors", "200", "--partners", "1")
BENCH: Final = ("bench", "--seconds", "1", "--rounds", "1", "--publish")
TIMING: Final = ("key_timing", "--samples", "100", "--requests", "1000000")
OVERLOAD: Final = ("overload", "--seconds", "0.5", "--rounds", "1", "--connections", "32")
needs_wrk = pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")

Start = Callable[[tuple[str, ...]], Process]


@pytest.fixture
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where benchmarks make their folders."""
    # A short name: a socket's path has 108 bytes at the most.
    return tmp_path_factory.mktemp("b")


@pytest.fixture
def start(folders: Path, tmp_path: Path) -> Iterator[Start]:
    started: list[Process] = []

    def start_module(arguments: tuple[str, ...]) -> Process:
        module, *options = arguments
        command = [sys.executable, "-m", f"loadtests.{module}", *options]
        environment = {**os.environ, "TMPDIR": str(folders)}
        started.append(Process(command, tmp_path / "log", environment=environment, cwd=ROOT))
        return started[-1]

    yield start_module
    for process in started:
        process.kill()


def come_to(folders: Path, name: str) -> Path:
    """Wait until a benchmark has made a file; return it."""
    return eventually(lambda: next(folders.glob(f"*/{name}"), None), within_s=60, what=name)


@pytest.mark.parametrize(
    ("arguments", "reached", "number"),
    [
        (PUBLISHING, "v/valkey.log", signal.SIGTERM),
        (PUBLISHING, "indexer.log", signal.SIGKILL),
        (PUBLISHING, "serve-0.log", signal.SIGTERM),
        (TIMING, "serve-0.log", signal.SIGKILL),
        (OVERLOAD, "serve-0.log", signal.SIGTERM),
        pytest.param(BENCH, "serve-0.log", signal.SIGTERM, marks=needs_wrk),
        pytest.param(BENCH, "0.lua", signal.SIGTERM, marks=needs_wrk),
        pytest.param(BENCH, "0.lua", signal.SIGKILL, marks=needs_wrk),
    ],
)
@pytest.mark.slow
def test_a_benchmark_that_is_ended_leaves_nothing_behind(
    folders: Path, start: Start, arguments: tuple[str, ...], reached: str, number: signal.Signals
) -> None:
    process = start(arguments)
    come_to(folders, reached)
    process.signal(number)
    process.popen.wait(30)
    eventually(lambda: not processes_of(folders), what="the end of all that it has started")
    if number is signal.SIGTERM:  # after the other nobody is left to remove it
        assert list(folders.iterdir()) == []


@pytest.mark.slow
def test_the_time_of_each_sort_of_key_is_told(start: Start, tmp_path: Path) -> None:
    process = start(("key_timing", "--samples", "500", "--requests", "100"))
    assert process.popen.wait(120) == 0, process.logged()
    in_process, over_http = process.logged().split("\n\nOver HTTP, ")
    for told, sorts in ((in_process, 6), (over_http, 5)):
        rows = [line for line in told.splitlines() if re.match(r"\| [^|]+ \| \d", line)]
        assert len(rows) == sorts


@pytest.mark.slow
def test_what_an_overload_does_is_told(start: Start) -> None:
    process = start(OVERLOAD)
    assert process.popen.wait(120) == 0, process.logged()
    told = dict(
        re.findall(r"^\| (.+?) \| [\d.,naif]+ \| ([\d.,naif]+) \|$", process.logged(), re.MULTILINE)
    )
    figures = {what: float(figure.replace(",", "")) for what, figure in told.items()}
    assert figures["capacity, checks/s"] > 0
    offered = figures["offered/s"] / figures["capacity, checks/s"]
    assert 5 < offered < 11
    assert 0 < figures["answered/s"] <= figures["of these sent/s"] <= figures["offered/s"]
    assert {"**goodput, answered / capacity**", "**p99, overload / half load**"} <= set(figures)


@pytest.mark.slow
def test_a_benchmark_that_fails_half_way_leaves_nothing_behind(folders: Path, start: Start) -> None:
    process = start(PUBLISHING)
    log = come_to(folders, "indexer.log")
    socket = str(log.parent / "v" / "valkey.sock")
    (valkey,) = [
        int(one.parent.name)
        for one in Path("/proc").glob("[0-9]*/cmdline")
        if socket.encode() in one.read_bytes()
    ]
    os.kill(valkey, signal.SIGKILL)
    assert process.popen.wait(60) != 0
    eventually(lambda: not processes_of(folders), what="the end of all that it has started")
    assert list(folders.iterdir()) == []
