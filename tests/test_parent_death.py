"""A process ends with its parent: in order where it can, stopped or hung all the same."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.harness.processes import eventually, is_running

ENDING: Final = """
import os, signal, sys, time
from pathlib import Path
from screening.parent_death import end_without

def end(*_):
    Path(sys.argv[2]).write_text("ended in order")
    sys.exit()

signal.signal(signal.SIGUSR1, end)
print(os.getpid(), flush=True)
end_without(int(sys.argv[1]), signal.SIGUSR1, grace_s=0.5)
if sys.argv[3] == "hung":
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
print("ready", flush=True)
time.sleep(60)
"""
STARTING: Final = """
import os, subprocess, sys
pid = os.getpid() if sys.argv[3] != "late" else 0
subprocess.run([sys.executable, "-c", sys.argv[1], str(pid), *sys.argv[2:]])
"""


class Family:
    """A parent and its child, which is to end without it."""

    def __init__(self, said: Path, how: str) -> None:
        self.parent = subprocess.Popen(
            [sys.executable, "-c", STARTING, ENDING, str(said), how],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[1],
        )
        assert self.parent.stdout is not None
        self.child = int(self.parent.stdout.readline())
        assert how == "late" or self.parent.stdout.readline() == "ready\n"

    def kill_parent(self) -> None:
        self.parent.kill()

    def close(self) -> None:
        if is_running(self.child):
            os.kill(self.child, signal.SIGKILL)
        self.parent.kill()
        self.parent.communicate()  # which waits for whoever holds the pipe


@pytest.fixture
def said(tmp_path: Path) -> Path:
    return tmp_path / "said"


@pytest.fixture
def family(said: Path, request: pytest.FixtureRequest) -> Iterator[Family]:
    running = Family(said, request.param)
    yield running
    running.close()


@pytest.mark.parametrize("family", ["alive"], indirect=True)
@pytest.mark.parametrize("is_stopped", [False, True])
def test_a_process_whose_parent_is_killed_ends_in_order_a_stopped_one_too(
    family: Family, said: Path, is_stopped: bool
) -> None:
    if is_stopped:
        os.kill(family.child, signal.SIGSTOP)
    family.kill_parent()
    eventually(lambda: not is_running(family.child), what="its end")
    assert said.read_text() == "ended in order"


@pytest.mark.parametrize("family", ["hung"], indirect=True)
def test_a_process_that_cannot_end_is_killed_after_the_grace(family: Family, said: Path) -> None:
    family.kill_parent()
    eventually(lambda: not is_running(family.child), what="its end")
    assert not said.exists()


@pytest.mark.parametrize("family", ["late"], indirect=True)
def test_a_process_whose_parent_had_died_before_it_looked_ends(family: Family, said: Path) -> None:
    eventually(lambda: not is_running(family.child), what="its end")
    assert said.read_text() == "ended in order"


DYING: Final = """
import os, subprocess, sys
from screening.parent_death import die_with_parent
child = subprocess.Popen(["sleep", "60"], preexec_fn=die_with_parent(os.getpid()))
print(child.pid, flush=True)
child.wait()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux tells")
def test_a_child_is_killed_with_its_parent_even_while_it_is_stopped() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", DYING],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        os.kill(child, signal.SIGSTOP)
        assert is_running(child)
        parent.kill()
    try:
        eventually(lambda: not is_running(child), what="its end")
    finally:
        if is_running(child):
            os.kill(child, signal.SIGKILL)


LATE: Final = """
from screening.parent_death import die_with_parent
die_with_parent(0)()  # another parent than it has
print("alive", flush=True)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux tells")
def test_a_child_whose_parent_has_died_before_it_asks_ends_by_itself() -> None:
    asked = subprocess.run(
        [sys.executable, "-c", LATE],
        capture_output=True,
        check=False,
        timeout=60,
        cwd=Path(__file__).parents[1],
    )
    assert (asked.returncode, asked.stdout) == (1, b"")
