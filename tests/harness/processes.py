"""Real processes for tests: started, waited for by a condition, and never left behind."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol, Self, TypeVar

Found = TypeVar("Found")
_WITHOUT_ORPHANS: Final = Path(__file__).with_name("without_orphans.py")
_SETPRIV: Final = shutil.which("setpriv")


def eventually(
    condition: Callable[[], Found | None], *, within_s: float = 60.0, what: str = "a condition"
) -> Found:
    """Return what `condition` returns as soon as that is true; fail after `within_s`.

    Which is long: what is asked is whether it comes true, on a machine that has others to serve.
    """
    deadline = time.monotonic() + within_s
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come true within {within_s} s")
        time.sleep(0.02)


class Started(Protocol):
    """What is asked of a process by whoever has it started: a `subprocess.Popen`, for one."""

    @property
    def pid(self) -> int: ...
    @property
    def returncode(self) -> int | None: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, number: int, /) -> None: ...
    def kill(self) -> None: ...


class Process:
    """A child in a process group of its own, with stderr in a file; killed when this one dies.

    That it is on Linux only, and where the main thread starts it.
    """

    popen: Started

    def __init__(
        self, arguments: Sequence[str], log: Path, *, environment: Mapping[str, str], cwd: Path
    ) -> None:
        self.log = log
        with log.open("ab") as stderr:
            self.popen = subprocess.Popen(
                [*_dying_with(os.getpid()), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=stderr,
                stderr=stderr,
                env=dict(environment),
                cwd=cwd,
                start_new_session=True,
            )

    @classmethod
    def of(cls, started: Started, log: Path) -> Self:
        """Return one that runs already, in a process group of its own."""
        process = cls.__new__(cls)
        process.popen, process.log = started, log
        return process

    @property
    def pid(self) -> int:
        return self.popen.pid

    def logged(self) -> str:
        return self.log.read_text(errors="replace")

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def stop(self, *, within_s: float = 20.0) -> None:
        """End it in the ordinary way; whatever is left of its group is killed."""
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGTERM)
            try:
                self.popen.wait(within_s)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError(f"a process did not end:\n{self.logged()[-2000:]}") from None
        self.kill()

    def kill(self) -> None:
        """SIGKILL the whole group."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.popen.wait()


def _dying_with(parent: int) -> list[str]:
    """Return what becomes a command that is killed when `parent` dies, and runs none without it.

    setpriv of util-linux where there is one: a Python takes fifteen times as long to begin, and
    there are more than a thousand servers in these tests.
    """
    if _SETPRIV is None:
        return [sys.executable, "-P", str(_WITHOUT_ORPHANS), str(parent)]
    is_there = 'test "$PPID" = "$0" && exec "$@"'
    return [_SETPRIV, "--pdeathsig=KILL", "/bin/sh", "-c", is_there, str(parent)]


def children_of(pid: int) -> list[int]:
    """Return the pids of the living children of a process (Linux)."""
    # Each thread has its own.
    children: list[int] = []
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
            children += map(int, (thread / "children").read_text().split())
    return children


def name_of(pid: int) -> str:
    """Return what a process calls itself (Linux), empty where it is gone."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def children_named(pid: int, name: str) -> list[int]:
    """Return the pids of the living children of a process that call themselves `name` (Linux)."""
    return [one for one in children_of(pid) if name_of(one) == name]


def held_by(pid: int) -> list[str]:
    """Return the files and sockets that a process holds open (Linux), none where it is gone."""
    held = []
    with contextlib.suppress(OSError):  # of one that has ended its folder is nobody's to read
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):  # closed in the meantime, as connections are
                held.append(str(descriptor.readlink()))
    return held


def is_running(pid: int) -> bool:
    """Tell whether a process runs; a zombie does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def is_asleep(pid: int) -> bool:
    """Tell whether a process waits for something (Linux)."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "S"


def processes_of(folder: Path) -> list[str]:
    """Return the command lines of others whose environment or arguments name `folder` (Linux)."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            said = (process / "environ").read_bytes() + (process / "cmdline").read_bytes()
        except OSError:
            continue
        if str(folder).encode() in said and process.name != str(os.getpid()):
            found.append((process / "cmdline").read_bytes().decode())
    return found


def command_line(pid: int) -> str:
    """Return the command line of a process, empty where it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except (FileNotFoundError, ProcessLookupError):
        return ""
