"""System calls of a running process, watched or made to fail from outside (Linux, strace)."""

import os
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tests.harness.processes import Process, eventually

_LONGEST_SHOWN: Final = "65536"


def can_trace() -> bool:
    """Tell whether there is a strace, and whether this machine permits it."""
    found = shutil.which("strace")
    if found is None:
        return False
    tried = subprocess.run([found, "-o", os.devnull, "true"], capture_output=True, check=False)
    return tried.returncode == 0


class Traced:
    """Attached to all threads of a process while entered; `text` has a line for each call."""

    def __init__(self, pid: int, folder: Path, *calls: str, inject: str = "") -> None:
        self._pid = pid
        self._output = folder / f"{pid}.strace"
        self._arguments = ["strace", "-f", "-y", "-s", _LONGEST_SHOWN, "-o", str(self._output)]
        self._arguments += ["-e", f"trace={','.join(calls)}", "-p", str(pid)]
        if inject:
            self._arguments += ["-e", f"inject={inject}"]
        self._folder = folder

    @property
    def text(self) -> str:
        return self._output.read_text(errors="replace")

    def __enter__(self) -> Self:
        threads = len(list(Path(f"/proc/{self._pid}/task").iterdir()))
        self._process = Process(
            self._arguments,
            self._folder / "strace.log",
            environment=os.environ,
            cwd=self._folder,
        )
        # It says so of the process, and of its threads in another line.
        eventually(lambda: "attached" in self._process.logged(), what="strace")
        eventually(lambda: self._traced_threads() >= threads, what="all threads traced")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.stop()  # it lets go of the process, which goes on

    def _traced_threads(self) -> int:
        statuses = Path(f"/proc/{self._pid}/task").glob("*/status")
        return sum(f"TracerPid:\t{self._process.pid}" in one.read_text() for one in statuses)
