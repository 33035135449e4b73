"""The guardian of the embedded server: its parent, for exactly as long as anyone uses it.

Started by `embedded.py` as `python -m screening.store.embedded_guardian ...`; leaves the terminal,
runs the server as its child and waits. A second child, the watcher, waits for `users.lock`: `flock`
belongs to the open file, which both share, so the watcher's end means that the guardian holds the
lock, that nobody uses the server, and that nobody can begin to until the guardian is gone. It is a
process because there is no way to wait for a lock and for a child at once, and because a thread
would make the forks below unsafe.

No loop here looks whether anyone is alive: the kernel tells. On Linux it also kills the server and
the watcher when the guardian dies. Elsewhere a server whose guardian was killed with SIGKILL stays
until the next use, which ends it and starts a new one; see `_end_stale_server`.
"""

import contextlib
import enum
import fcntl
import io
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from screening.file_lock import try_flock
from screening.parent_death import die_with_parent
from screening.store.embedded_directory import StoreDirectory
from screening.store.server_binary import server_command
from screening.vocabulary.errors import OperatorError

STARTED: Final = b"started"
"""What is reported when the server answers; anything else is a sentence that says why not."""

_LOOK_AGAIN_S: Final = 0.002
"""How often a server that is starting is asked whether it has started."""

_END_TIMEOUT_S: Final = 10.0
"""How long a server may take to write its data and end, before it is killed."""

_STEADY_S: Final = 5.0
"""A server that dies younger than this is started again after a pause."""

_LONGEST_PAUSE_S: Final = 5.0


class _End(enum.Enum):
    """Why one server is no more."""

    UNUSED = "the last user has left, or the guardian was told to end"
    DIED = "it died in use"
    NEVER_CAME_UP = "it ended before it had answered"


class Guardian:
    """Runs the server of one directory until its last user has left.

    `binary` is the server program; `report` is told `STARTED` when the server answers. The process
    holds `guardian.lock`.
    """

    def __init__(
        self, directory: StoreDirectory, binary: Path, report: Callable[[bytes], None]
    ) -> None:
        self._directory = directory
        self._binary = binary
        self._report = report
        self._users = directory.open_lock("users.lock")
        self._signals = _Signals()
        self._watcher_pid = _fork_watcher(self._users)
        self._over = False

    def run(self) -> None:
        """Keep a server running; returns when it is no longer needed or cannot be started."""
        self._end_stale_server()
        socket_path = self._directory.place_socket()
        pause_s = 0.0
        while not self._is_over():
            began = time.monotonic()
            end = self._serve(socket_path)
            if end is _End.NEVER_CAME_UP:
                raise OperatorError(
                    "the embedded server cannot start; the reason stands at the end of "
                    f"{self._directory.log}"
                )
            if end is _End.DIED:
                steady = time.monotonic() - began >= _STEADY_S
                pause_s = 0.0 if steady else min(max(0.1, 2 * pause_s), _LONGEST_PAUSE_S)
                self._signals.wait(pause_s)
        self._directory.clear_socket()

    def _serve(self, socket_path: str) -> _End:
        server = self._launch(socket_path)
        came_up = False
        try:
            while not self._is_over():
                if server.poll() is not None:
                    return _End.DIED if came_up else _End.NEVER_CAME_UP
                if not came_up and self._directory.answers():
                    came_up = True
                    self._report(STARTED)
                self._signals.wait(None if came_up else _LOOK_AGAIN_S)
            return _End.UNUSED
        finally:
            self._end(server)

    def _launch(self, socket_path: str) -> subprocess.Popen[bytes]:
        command = server_command(
            self._binary,
            directory=self._directory.path,
            socket_path=socket_path,
            log=self._directory.log,
        )
        # The server inherits its lock: it is held until the server itself is dead, which on Linux
        # is a moment after a killed guardian has lost its own. No two servers ever share the data.
        with self._directory.open_lock("server.lock") as lock:
            if not _wait_for(lambda: try_flock(lock, fcntl.LOCK_EX), _END_TIMEOUT_S):
                raise self._stale_server_stays()
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                pass_fds=(lock.fileno(),),
                preexec_fn=die_with_parent(os.getpid()),  # noqa: PLW1509 - this process has one thread
            )

    def _end(self, server: subprocess.Popen[bytes]) -> None:
        if server.poll() is None:
            # It acts on a command at once, and on the signal up to 100 ms later; either way it
            # syncs first. The signal is for one that no longer answers.
            self._directory.order_shutdown()
            server.terminate()
        try:
            server.wait(_END_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()

    def _is_over(self) -> bool:
        """Tell whether nobody uses the server any more, or this process was told to end."""
        if not self._over:
            ended, status = os.waitpid(self._watcher_pid, os.WNOHANG)
            if ended and status:  # somebody killed the watcher: nothing is known of the users
                self._watcher_pid = _fork_watcher(self._users)
            self._over = self._signals.told_to_end or (ended != 0 and status == 0)
        return self._over

    def _end_stale_server(self) -> None:
        """End a server that has no guardian.

        It is not adopted: nobody would be told of its death, and nothing would end it with us.
        """
        with self._directory.open_lock("server.lock") as lock:

            def is_gone() -> bool:
                return try_flock(lock, fcntl.LOCK_EX) and not self._directory.accepts()

            def is_gone_if_told() -> bool:
                if not is_gone():
                    self._directory.order_shutdown()
                return is_gone()

            # On Linux the kernel is just ending it: give it that moment.
            if not _wait_for(is_gone, 0.5) and not _wait_for(is_gone_if_told, _END_TIMEOUT_S):
                raise self._stale_server_stays()

    def _stale_server_stays(self) -> OperatorError:
        return OperatorError(
            f"another server uses {self._directory.path} and does not end: end that process"
        )


class _Signals:
    """Wakes this process: a child has died, or it is told to end.

    The numbers of the signals come through a pipe: none is lost between looking and waiting.
    """

    _TO_END: Final = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP})

    def __init__(self) -> None:
        self.told_to_end = False
        self._reading, writing = os.pipe()
        os.set_blocking(self._reading, False)
        os.set_blocking(writing, False)
        signal.set_wakeup_fd(writing)
        for number in (signal.SIGCHLD, *self._TO_END):
            signal.signal(number, _only_wake)

    def wait(self, timeout_s: float | None) -> None:
        """Wait until a signal has come, at most for `timeout_s`; None waits for ever."""
        if select.select([self._reading], [], [], timeout_s)[0]:
            told = os.read(self._reading, 4096)
            self.told_to_end = self.told_to_end or not self._TO_END.isdisjoint(told)


class _Report:
    """The way to tell the process that started this one how the start went; tells once."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    def __call__(self, message: bytes) -> None:
        if self._descriptor is not None:
            with contextlib.suppress(OSError):  # the one who asked may be gone
                os.write(self._descriptor, message)
            os.close(self._descriptor)
            self._descriptor = None


def _only_wake(_number: int, _frame: object) -> None:
    """Do nothing: the number is in the pipe of `_Signals` already."""


def _fork_watcher(users: io.FileIO) -> int:
    """Start the process whose end with status 0 means that nobody holds `users` any more."""
    request_death = die_with_parent(os.getpid())
    pid = os.fork()
    if pid:
        return pid
    try:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        if request_death is not None:
            request_death()
        # The other locks and the report are not to outlive the guardian through this process.
        os.closerange(3, users.fileno())
        os.closerange(users.fileno() + 1, os.sysconf("SC_OPEN_MAX"))
        fcntl.flock(users, fcntl.LOCK_EX)
        os._exit(0)
    finally:
        os._exit(1)


def _wait_for(condition: Callable[[], bool], timeout_s: float) -> bool:
    """Wait until `condition` holds; False where it does not within `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_LOOK_AGAIN_S)
    return True


def main(directory: str, binary: str, guardian_lock: str, report: str) -> None:
    """Guard; `guardian_lock` and `report` are numbers of inherited descriptors."""
    if os.fork():
        # The one who started this waits for it to end, and is left with no child.
        os._exit(0)
    # The lock is held until this process ends, and by no process that it starts.
    os.set_inheritable(int(guardian_lock), False)
    os.set_inheritable(int(report), False)
    os.umask(0o077)
    tell = _Report(int(report))
    try:
        Guardian(StoreDirectory(Path(directory)), Path(binary), tell).run()
    except OperatorError as error:
        tell(str(error).encode())
    except OSError as error:
        tell(f"the embedded server cannot be started: {error.strerror}".encode())
        raise


if __name__ == "__main__":
    main(*sys.argv[1:])
