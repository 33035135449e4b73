"""Commands started within milliseconds, and killed before any step of theirs that lasts.

A template process has the commands imported already and forks one real process for each order. A
step is a call into the system or the database after which something may be different for those who
come later: a write to a file, a name made or removed, a packet to Redis, a change in SQLite.
"""

import importlib
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, Final

_ROOT: Final = Path(__file__).parents[2]
_ROOMS: Final = (str(_ROOT / "screening"), str(_ROOT / "indexer"))
_OF_FILES: Final = frozenset(
    {"write", "pwrite", "ftruncate", "rename", "replace", "link", "unlink", "remove", "mkdir"}
)
_OF_SQLITE: Final = frozenset({"execute", "executemany", "executescript"})
_TIMEOUT_S: Final = 60
NEVER: Final = sys.maxsize
"""Before which step a command is killed that only has its steps written down."""
_MODULES: Final = {
    "indexer": "indexer.cli",
    "screening": "screening.cli",
    "gen-screen": "screening.client.cli",
}
_IMPORTED_LATE: Final = (
    "indexer.backup",
    "indexer.changes",
    "indexer.deployment",
    "indexer.exclusions.changes",
    "indexer.list.sources",
    "indexer.partners.add",
    "indexer.partners.change",
    "indexer.partners.remove",
    "indexer.publish",
    "indexer.backup.restore",
    "indexer.status",
)


@dataclass(frozen=True)
class Ended:
    """How a command ended; `code` is -9 where it was killed.

    `steps` are those it came to; none are known of a command that nobody meant to kill.
    """

    code: int
    output: str
    steps: list[str]

    @property
    def was_killed(self) -> bool:
        return self.code == -signal.SIGKILL


class Template:
    """Runs commands one after the other: `indexer` ones unless another is named.

    They know what the `install` of the module `with_module` has made known to them.
    """

    def __init__(
        self, folder: Path, environment: Mapping[str, str], *, with_module: str | None = None
    ) -> None:
        self._folder = folder
        self._environment = dict(environment)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.harness.template", *filter(None, [with_module])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=self._environment,
            cwd=_ROOT,
            start_new_session=True,
        )

    def run(
        self,
        *arguments: str,
        command: str = "indexer",
        kill_before: int | None = None,
        **settings: str,
    ) -> Ended:
        """Run `indexer ARGUMENTS`; SIGKILL it before its step `kill_before`, counted from 0.

        `settings` are environment variables.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        output, steps = self._folder / "template.output", self._folder / "template.steps"
        order = {
            "command": command,
            "arguments": arguments,
            "environment": {**self._environment, **settings},
            "folder": str(self._folder),
            "output": str(output),
            "steps": str(steps),
            "kill_before": kill_before,
        }
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        if not select.select([self._process.stdout], [], [], _TIMEOUT_S)[0]:
            self.close()
            raise AssertionError("a command did not end")
        code = int(self._process.stdout.readline())
        return Ended(code, output.read_text(), steps.read_text().splitlines())

    def close(self) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()


class _Steps:
    """A profile function that writes down each step and dies before the one it is told.

    Calls that follow one another from one line are one step, so that their number does not depend
    on how many partners there are.
    """

    def __init__(self, descriptor: int, kill_before: int | None) -> None:
        self._descriptor = descriptor
        self._kill_before = kill_before
        self._count = 0
        self._last = ""
        self._database: tuple[int, bool] = (0, False)

    def __call__(self, frame: FrameType, event: str, called: Any) -> None:
        if event == "c_call" and self._is_step(called):
            label = f"{called.__name__} {_place(frame)}"
            if label != self._last:
                self._last = label
                self._step(label)

    def _is_step(self, called: Any) -> bool:
        name, owner = called.__name__, type(called.__self__).__name__
        if owner == "socket":
            return bool(name == "sendall")
        if owner == "module":
            return name in _OF_FILES and called.__module__ == "posix"
        if owner != "Connection" or name not in _OF_SQLITE:
            return False
        # Before a statement that follows a change: had nothing changed, this is no new place.
        before, self._database = (
            self._database,
            (called.__self__.total_changes, called.__self__.in_transaction),
        )
        return self._database != before

    def _step(self, label: str) -> None:
        if self._count == self._kill_before:
            os.kill(os.getpid(), signal.SIGKILL)
        os.write(self._descriptor, f"{label}\n".encode())
        self._count += 1


def _place(frame: FrameType | None) -> str:
    while frame is not None and not frame.f_code.co_filename.startswith(_ROOMS):
        frame = frame.f_back
    if frame is None:
        return "elsewhere"
    path = Path(frame.f_code.co_filename).relative_to(_ROOT)
    return f"{path}:{frame.f_lineno} {frame.f_code.co_name}"


def _run(order: dict[str, Any]) -> None:
    """Become the command; never returns."""
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    output = os.open(order["output"], flags, 0o600)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    sys.argv = [order["command"], *order["arguments"]]
    steps = _Steps(os.open(order["steps"], flags, 0o600), order["kill_before"])
    code = 0
    try:
        main = importlib.import_module(_MODULES[order["command"]]).main
        # To be watched takes a command twice as long again.
        if order["kill_before"] is not None:
            sys.setprofile(steps)
        code = main() or 0
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else 1
    finally:
        sys.setprofile(None)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _serve_orders() -> None:
    for name in sys.argv[1:]:
        importlib.import_module(name).install()
    for name in (*_MODULES.values(), *_IMPORTED_LATE):
        importlib.import_module(name)  # so that the forked processes need not
    # Every change of the list reads these, and the numbering plans of their countries with them.
    importlib.import_module("indexer.exclusions.defaults").default_rules()
    for line in sys.stdin.buffer:
        pid = os.fork()
        if not pid:
            _run(json.loads(line))
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201 - the reply


if __name__ == "__main__":
    _serve_orders()
