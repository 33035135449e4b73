"""Commands started within milliseconds, and killed before any step of theirs that lasts.

A template process has the commands imported already and forks one real process for each order.
"""

import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import subprocess
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.harness.steps import Steps

_ROOT: Final = Path(__file__).parents[2]
_TIMEOUT_S: Final = 60
_WARNED: Final = {"PYTHONWARNINGS": "error"}
_MODULES: Final = {
    "indexer": "indexer.cli",
    "screening": "screening.cli",
    "gen-screen": "screening.client.cli",
}
_PACKAGES: Final = ("indexer", "screening.client")
"""Which are imported as a whole: commands import what they need only when they are run."""


@dataclass(frozen=True)
class Ended:
    """How a command ended; `code` is -9 where it was killed.

    `steps` are those it came to; none are known of a command that nobody meant to kill.
    """

    code: int
    stdout: str
    stderr: str
    steps: list[str]

    @property
    def output(self) -> str:
        return self.stdout + self.stderr

    @property
    def was_killed(self) -> bool:
        return self.code == -signal.SIGKILL


class Template:
    """Runs commands one after the other: `indexer` ones unless another is named.

    They know what the `install` of the module `with_module` has made known to them. Each has an
    environment of its own, in which a warning is an error.
    """

    def __init__(self, folder: Path, *, with_module: str | None = None) -> None:
        self._folder = folder
        self._modules = [with_module] if with_module else []
        self._process = self._started()

    def run(
        self,
        *arguments: str,
        cwd: Path,
        command: str = "indexer",
        stdin: str = "",
        kill_before: int | None = None,
        **settings: str,
    ) -> Ended:
        """Run `indexer ARGUMENTS` in `cwd`; SIGKILL it before step `kill_before`, counted from 0.

        `settings` are environment variables.
        """
        assert self._process.stdin is not None
        given, *left = (self._folder / name for name in ("stdin", "stdout", "stderr", "steps"))
        given.write_text(stdin)
        order = {
            "command": command,
            "arguments": arguments,
            "environment": {**_WARNED, **settings},
            "folder": str(cwd),
            "stdin": str(given),
            **{path.name: str(path) for path in left},
            "kill_before": kill_before,
        }
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        code = self._code()
        stdout, stderr, steps = (path.read_text() for path in left)
        return Ended(code, stdout, stderr, steps.splitlines())

    def _code(self) -> int:
        said = self._process.stdout
        assert said is not None
        if not select.select([said], [], [], _TIMEOUT_S)[0]:
            self.close()
            self._process = self._started()  # for the tests that come later
            raise AssertionError("a command did not end")
        return int(said.readline())

    def close(self) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()

    def _started(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-m", "tests.harness.template", *self._modules],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_WARNED,
            cwd=_ROOT,
            start_new_session=True,
        )


def _run(order: dict[str, Any]) -> None:
    """Become the command; never returns."""
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    os.dup2(os.open(order["stdin"], os.O_RDONLY), 0)
    for descriptor, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(order[name], flags, 0o600), descriptor)
    sys.argv = [order["command"], *order["arguments"]]
    steps = os.open(order["steps"], flags, 0o600)
    try:
        main = importlib.import_module(_MODULES[order["command"]]).main
        if order["kill_before"] is not None:
            Steps(steps, order["kill_before"]).watch()
        code = main() or 0
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else 1
    except BaseException:  # as the interpreter tells of what no command has foreseen
        traceback.print_exc()
        code = 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _import_whole(name: str) -> None:
    """Import a module, and all below it, so that the forked processes need not."""
    module = importlib.import_module(name)
    for found in pkgutil.walk_packages(getattr(module, "__path__", ()), f"{name}."):
        importlib.import_module(found.name)


def _serve_orders() -> None:
    for name in sys.argv[1:]:
        importlib.import_module(name).install()
    for name in (*_MODULES.values(), *_PACKAGES):
        _import_whole(name)
    # Every change of the list reads these, and the numbering plans of their countries with them.
    importlib.import_module("screening.exclusions.defaults").default_rules()
    gc.freeze()  # what is collected in a forked process was copied for that
    for line in sys.stdin.buffer:
        pid = os.fork()
        if not pid:
            _run(json.loads(line))
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201 - the reply


if __name__ == "__main__":
    _serve_orders()
