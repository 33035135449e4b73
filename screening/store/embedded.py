"""The embedded server, as its users see it: there while anyone uses it, gone when nobody does.

A user is whoever holds `users.lock` shared; the kernel ends that hold however the user dies. The
first one starts a guardian (`embedded_guardian.py`), which runs the server and ends it after the
last one. `guardian.lock` is taken before the guardian is started and handed on to it: there is one
guardian, however many start at the same moment, and a free lock says that there is none.
"""

import fcntl
import io
import os
import select
import subprocess
import sys
import time
import weakref
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote

from screening.file_lock import try_flock
from screening.store.embedded_directory import StoreDirectory
from screening.store.embedded_guardian import STARTED
from screening.store.server_binary import choose_server_binary, known_binaries
from screening.vocabulary.errors import OperatorError, StoreUnavailable

_LOOK_AGAIN_S: Final = 0.005
"""How often one who waits for another process looks again."""

_MESSAGE_MAX_BYTES: Final = 4096

_NOT_IN_TIME: Final = (
    "the embedded server does not answer in time: ask again, or look into its server.log"
)


class EmbeddedServer:
    """One use of the embedded server of a data directory; a context manager.

    Several processes, and several users in one process, share one server. A user belongs to the
    process that acquired it: a child made with `os.fork` (or `multiprocessing`'s fork method) is no
    user until it acquires one of its own, and does not keep the server alive; nor does a spawned or
    executed child.
    """

    def __init__(
        self, directory: StoreDirectory, binaries: Sequence[Path], users: io.FileIO
    ) -> None:
        self._directory = directory
        self._binaries = binaries
        self._users = users
        # A forked child shares the open file, and would hold the lock on after its parent's death.
        # The hook refers weakly: it cannot be taken back, and is not to keep this object.
        this = weakref.ref(self)
        os.register_at_fork(after_in_child=lambda: _forget(this()))

    @classmethod
    def acquire(
        cls,
        data_directory: Path,
        *,
        timeout_s: float = 30.0,
        binaries: Sequence[Path] | None = None,
    ) -> Self:
        """Start the server of `data_directory`, or join those who use it.

        Returns when it answers. Raises `StoreUnavailable` when it does not within `timeout_s`
        (loading a large store takes a second per 100 MiB or so) and `OperatorError` when it cannot
        be started. `binaries` are the server programs to try, `known_binaries()` by default.
        """
        deadline = time.monotonic() + timeout_s
        directory = StoreDirectory.prepare(data_directory)
        users = directory.open_lock("users.lock")
        try:
            while not try_flock(users, fcntl.LOCK_SH):  # a guardian is ending its server
                _wait_or_give_up(deadline)
            server = cls(directory, known_binaries() if binaries is None else binaries, users)
            server.ensure_running(timeout_s=deadline - time.monotonic())
        except BaseException:
            users.close()
            raise
        return server

    @property
    def _where(self) -> str:
        return f"the reason stands at the end of {self._directory.log}"

    @property
    def socket_path(self) -> str:
        """Where the server listens; stays the same for as long as anyone uses it."""
        return self._directory.socket_path

    @property
    def url(self) -> str:
        """The socket as a `unix://` URL."""
        return socket_url(self.socket_path)

    def ensure_running(self, *, timeout_s: float = 30.0) -> None:
        """Return when the server answers, starting it where guardian and server were killed.

        Costs a ping when it runs. Raises as `acquire` does.
        """
        if self._users.closed:
            raise StoreUnavailable("this process does not use the embedded store; acquire it first")
        deadline = time.monotonic() + timeout_s
        while True:
            with self._directory.open_lock("guardian.lock") as lock:
                if try_flock(lock, fcntl.LOCK_EX):
                    self._start_guardian(lock, deadline)
            # A stopped server takes the connection and never answers.
            if self._directory.answers(timeout_s=max(0.01, min(1.0, deadline - time.monotonic()))):
                return
            _wait_or_give_up(deadline)

    def close(self, *, wait_s: float = 5.0) -> None:
        """End this use; the last user waits until the server has ended, for `wait_s` at most."""
        if self._users.closed:
            return
        self._users.close()
        deadline = time.monotonic() + wait_s
        while self._is_ending() and time.monotonic() < deadline:
            time.sleep(_LOOK_AGAIN_S)

    def _is_ending(self) -> bool:
        """Tell whether there is a guardian and no user; the look itself is a hold of a moment."""
        with self._directory.open_lock("guardian.lock") as guardian:
            if try_flock(guardian, fcntl.LOCK_EX):
                return False
        with self._directory.open_lock("users.lock") as users:
            # Exclusively: nobody uses it and the guardian has yet to notice. Neither: it has.
            return try_flock(users, fcntl.LOCK_EX) or not try_flock(users, fcntl.LOCK_SH)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _start_guardian(self, lock: io.FileIO, deadline: float) -> None:
        """Start a guardian that holds `lock` from now on, and wait until its server answers."""
        binary = choose_server_binary(self._binaries)
        reading, writing = os.pipe()
        with io.FileIO(reading) as report:
            try:
                guardian = self._launch_guardian(binary, lock, writing)
            finally:
                os.close(writing)
                lock.close()  # not unlocked: the guardian has the same open file
            try:
                message = _read_report(report, deadline)
            except StoreUnavailable:
                guardian.kill()  # no harm if it has gone to the background already
                raise
            finally:
                guardian.wait()
        if not message:
            raise StoreUnavailable(f"the embedded server was ended at its start; {self._where}")
        if message != STARTED:
            raise OperatorError(message.decode())

    def _launch_guardian(
        self, binary: Path, lock: io.FileIO, report: int
    ) -> subprocess.Popen[bytes]:
        directory = str(self._directory.path)
        arguments = [directory, str(binary), str(lock.fileno()), str(report)]
        with self._directory.open_log() as log:
            return subprocess.Popen(
                # -P: the directory this command was called in is no place to import from.
                [sys.executable, "-P", "-m", "screening.store.embedded_guardian", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._directory.path,
                pass_fds=(lock.fileno(), report),
                start_new_session=True,
            )


def socket_url(path: str) -> str:
    """Return the `unix://` URL of a socket."""
    return f"unix://{quote(path)}"


def _forget(server: EmbeddedServer | None) -> None:
    """Let go of a parent's use, in a forked child; the parent's hold is not touched."""
    if server is not None:
        server._users.close()  # noqa: SLF001 - this is the class's own, a function for the weak ref


def _read_report(report: io.FileIO, deadline: float) -> bytes:
    """Return what the guardian says: `STARTED`, a sentence, or nothing where it has been ended."""
    waiting = select.poll()  # not select(): descriptors above 1023 are common in a busy process
    waiting.register(report, select.POLLIN)
    if not waiting.poll(max(0.0, deadline - time.monotonic()) * 1000):
        raise StoreUnavailable(_NOT_IN_TIME)
    return report.read(_MESSAGE_MAX_BYTES) or b""


def _wait_or_give_up(deadline: float) -> None:
    if time.monotonic() > deadline:
        raise StoreUnavailable(_NOT_IN_TIME)
    time.sleep(_LOOK_AGAIN_S)
