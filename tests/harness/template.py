"""Commands started within milliseconds, and killed before any step of theirs that lasts.

A template process (`forking.py`) has the commands imported already and forks one real process for
each order. Commands that serve are forked from it as well, and go on beside orders that come later.
"""

import json
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.harness.processes import Process, eventually

_ROOT: Final = Path(__file__).parents[2]
_TIMEOUT_S: Final = 60
_WARNED: Final = {"PYTHONWARNINGS": "error"}
_WARNED_AS_TESTS: Final = {"PYTHONWARNINGS": "error,ignore:The declarative_mixin decorator"}
_OF_HOSTS: Final = ("screening.cli", "indexer", "screening.client", "screening.api")
OF_THE_CHANNEL: Final = ("intelligence",)
"""Which are imported as a whole: commands import what they need only when they are run."""
_LEFT: Final = ("stdout", "stderr", "steps")
_LAID: Final = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
_ADDED: Final = os.O_WRONLY | os.O_CREAT | os.O_APPEND


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

    def completed(self) -> "subprocess.CompletedProcess[str]":
        """Return the same as of a command that was started anew."""
        return subprocess.CompletedProcess((), self.code, self.stdout, self.stderr)


class Template:
    """Runs commands one after the other: `indexer` ones unless another is named.

    They know what the `install` of the module `with_module` has made known to them. Each has an
    environment of its own, in which a warning is an error. `packages` are those of the commands.
    """

    def __init__(
        self,
        folder: Path,
        *,
        with_module: str | None = None,
        packages: tuple[str, ...] = _OF_HOSTS,
    ) -> None:
        self._folder = folder
        self._arguments = [with_module or "", *packages]
        self._lock = threading.Lock()
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
        (self._folder / "stdin").write_text(stdin)
        order = self._order(command, arguments, cwd, settings)
        return self._ended(self._answer({**order, "kill_before": kill_before}))

    def stopping(self, *arguments: str, cwd: Path, **settings: str) -> Generator[None, None, Ended]:
        """Run `indexer ARGUMENTS`, which has stopped before another step at each turn."""
        (self._folder / "stdin").write_text("")
        order = self._order("indexer", arguments, cwd, settings)
        code = self._answer({**order, "stops": True})
        while code is None:
            yield
            code = self._answer({"going_on": True})
        return self._ended(code)

    def _order(
        self,
        command: str,
        arguments: Sequence[str],
        cwd: Path,
        settings: Mapping[str, str],
    ) -> dict[str, object]:
        return {
            "command": command,
            "arguments": arguments,
            "environment": {**_WARNED, **settings},
            "folder": str(cwd),
            **{name: str(self._folder / name) for name in ("stdin", *_LEFT)},
            "flags": _LAID,
        }

    def _ended(self, code: int | None) -> Ended:
        assert code is not None
        stdout, stderr, steps = ((self._folder / name).read_text() for name in _LEFT)
        return Ended(code, stdout, stderr, steps.splitlines())

    def serve(
        self, command: str, *arguments: str, log: Path, environment: Mapping[str, str], cwd: Path
    ) -> Process:
        """Start a command that goes on, in a process group of its own; the template is its parent.

        It is killed when the template dies, which does so when this process does.
        """
        log.touch()  # which may be read before the command has come to write to it
        order = {
            "command": command,
            "arguments": arguments,
            "environment": {**_WARNED, **environment},
            "folder": str(cwd),
            "stdin": os.devnull,
            "stdout": str(log),
            "stderr": str(log),
            "flags": _ADDED,
            "goes_on": True,
        }
        pid = self._answer(order)
        assert pid is not None
        return Process.of(Forked(self, pid), log)

    def find_code(self, pid: int) -> int | None:
        """Return how a command that was to go on has ended, None of one that goes on."""
        return self._answer({"ended": pid})

    def _answer(self, order: Mapping[str, object]) -> int | None:
        with self._lock:  # a test may have threads, each with a server of its own to ask for
            asked, said = self._process.stdin, self._process.stdout
            assert asked is not None
            assert said is not None
            asked.write(json.dumps(order).encode() + b"\n")
            asked.flush()
            if not select.select([said], [], [], _TIMEOUT_S)[0]:
                self.close()
                self._process = self._started()  # for the tests that come later
                raise AssertionError("a command did not end")
            answer: int | None = json.loads(said.readline())
        return answer

    def close(self) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()

    def _started(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-m", "tests.harness.forking", *self._arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Of the API, prometheus-client looks for it as it is imported: each server has its own.
            env={**_WARNED_AS_TESTS, "PROMETHEUS_MULTIPROC_DIR": str(self._folder)},
            cwd=_ROOT,
            start_new_session=True,
        )


def is_for_python(environment: Mapping[str, str]) -> bool:
    """Tell whether something is set that Python reads as it starts, and a fork not again."""
    return any(name.startswith("PYTHON") and name != "PYTHONWARNINGS" for name in environment)


class Forked:
    """A command that a template has started, as `subprocess.Popen` shows those of this process."""

    def __init__(self, template: Template, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._template = template
        self._lock = threading.Lock()

    def poll(self) -> int | None:
        with self._lock:  # of one that has ended it can be asked only once
            if self.returncode is None:
                self.returncode = self._template.find_code(self.pid)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return how it ends; raises `subprocess.TimeoutExpired`."""
        within_s = _TIMEOUT_S if timeout is None else timeout
        try:
            eventually(lambda: self.poll() is not None, within_s=within_s)
        except AssertionError:
            raise subprocess.TimeoutExpired(str(self.pid), within_s) from None
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int, /) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)
