"""The directory of the embedded server: its locks, its socket, and whether anything answers there.

| file | what it is |
|---|---|
| `appendonlydir/` | the data, written by the server |
| `server.sock` | the socket, or a link to it where this path is too long for one |
| `server.log`, `server.log.old` | what the server and its guardian had to say |
| `users.lock` | shared: one hold per user; exclusive: the guardian, which is ending |
| `guardian.lock` | exclusive: the guardian, from before its birth until its death |
| `server.lock` | exclusive: the server process itself, until its death |

All locks are `flock`s: the kernel drops them however their holder dies. They belong on a local file
system, as the socket does.
"""

import contextlib
import hashlib
import io
import os
import socket
import stat
import tempfile
from pathlib import Path
from typing import Final

from screening.private_files import (
    ensure_private_directory,
    is_open_to_others,
    regular_descriptor,
)
from screening.vocabulary.errors import OperatorError

# `sun_path` has 108 bytes on Linux and 104 on macOS, the closing zero included.
SOCKET_PATH_MAX_BYTES: Final = 100
_LOG_MAX_BYTES: Final = 1 << 20
# A server that runs answers within microseconds; one that is stopped never does.
_ANSWER_TIMEOUT_S: Final = 1.0


class StoreDirectory:
    """One store directory, 0700; `path` is absolute."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.log = path / "server.log"
        self._socket = path / "server.sock"

    @classmethod
    def prepare(cls, data_directory: Path) -> "StoreDirectory":
        """Make `<data_directory>/store`, or refuse it (`OperatorError`) where others can enter.

        The path is resolved, so that all spellings of one directory share its locks.
        """
        try:
            ensure_private_directory(data_directory)
            return cls(ensure_private_directory(data_directory.resolve() / "store"))
        except OSError as error:
            raise _unusable(Path(error.filename or data_directory), error) from None

    def open_lock(self, name: str) -> io.FileIO:
        """Open a lock file without taking the lock; it is not inherited by child processes."""
        try:
            return io.FileIO(self.path / name, "a", opener=_open_private)
        except OSError as error:
            raise _unusable(self.path / name, error) from None

    def open_log(self) -> io.FileIO:
        """Open the log for appending; one that has grown beyond 1 MiB is put aside first."""
        with contextlib.suppress(FileNotFoundError):
            if self.log.stat().st_size > _LOG_MAX_BYTES:
                self.log.replace(self.log.with_name("server.log.old"))
        return io.FileIO(self.log, "a", opener=_open_private)

    @property
    def socket_path(self) -> str:
        """The path to connect to, short enough for a socket address."""
        try:
            return str(self._socket.readlink())
        except OSError:
            return str(self._socket)

    def place_socket(self) -> str:
        """Decide where the socket will be and return the path; the guardian's task only.

        A path that is too long for a socket address is replaced by one in a private directory below
        the temporary one, to which a link is left here: another user's `TMPDIR` may differ. What an
        earlier link names is kept, so that clients find a restarted server where it was.
        """
        if len(os.fsencode(self._socket)) <= SOCKET_PATH_MAX_BYTES:
            return str(self._socket)
        if self._socket.is_symlink():
            short = self._socket.readlink()
        else:
            short = _short_directory(self.path) / self._socket.name
        _ensure_own_directory(short.parent)
        self._socket.unlink(missing_ok=True)
        self._socket.symlink_to(short)
        return str(short)

    def clear_socket(self) -> None:
        """Remove the socket, and the private directory made for it; the guardian's task only."""
        short = Path(self.socket_path)
        for leftover in {short, self._socket}:
            leftover.unlink(missing_ok=True)
        if short != self._socket:
            with contextlib.suppress(OSError):
                short.parent.rmdir()

    def answers(self, *, timeout_s: float = _ANSWER_TIMEOUT_S) -> bool:
        """Tell whether a server answers on the socket and has loaded its data."""
        return self._ask(b"PING\r\n", timeout_s).startswith(b"+PONG")

    def accepts(self) -> bool:
        """Tell whether any process listens on the socket, whatever it would say."""
        try:
            with self._connect(_ANSWER_TIMEOUT_S):
                return True
        except OSError:
            return False

    def order_shutdown(self) -> None:
        """Ask whatever serves the socket to write its data and end."""
        self._ask(b"SHUTDOWN\r\n", _ANSWER_TIMEOUT_S)

    def _ask(self, command: bytes, timeout_s: float) -> bytes:
        try:
            with self._connect(timeout_s) as connection:
                connection.sendall(command)
                return connection.recv(64)
        except OSError:
            return b""

    def _connect(self, timeout_s: float) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.settimeout(timeout_s)
            connection.connect(self.socket_path)
        except OSError:
            connection.close()
            raise
        return connection


def _unusable(path: Path, error: OSError) -> OperatorError:
    return OperatorError(f"{path} cannot be used: {error.strerror}; check SCREENING_HOME")


def _open_private(path: str, flags: int) -> int:
    return regular_descriptor(path, flags | os.O_NOFOLLOW)


def _short_directory(path: Path) -> Path:
    """Name the stand-in for `path`: always the same one below one temporary directory."""
    name = f"screening-store-{hashlib.sha256(os.fsencode(path)).hexdigest()[:16]}"
    for base in (tempfile.gettempdir(), "/tmp"):  # noqa: S108 - made 0700 and refused if not ours
        if len(os.fsencode(base)) + len(name) + len("//server.sock") <= SOCKET_PATH_MAX_BYTES:
            return Path(base) / name
    raise OperatorError(
        "the paths of store and TMPDIR are too long for a socket; shorten SCREENING_HOME"
    )


def _ensure_own_directory(path: Path) -> None:
    # The temporary directory is everyone's: the name may be taken, by a link too, hence `lstat`.
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
    status = path.lstat()
    is_own = status.st_uid == os.geteuid() and not is_open_to_others(status)
    if not stat.S_ISDIR(status.st_mode) or not is_own:
        raise OperatorError(f"{path} is not a private directory of yours; remove it, or set TMPDIR")
