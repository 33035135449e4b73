"""Users of the embedded store in processes of their own, and a look at what is left behind."""

import contextlib
import fcntl
import functools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from screening.store.embedded import EmbeddedServer

# Acquires, says so, and does what the lines on its standard input say until that ends.
USER_PROGRAM = """
import sys
from pathlib import Path
from screening.store.embedded import EmbeddedServer

with EmbeddedServer.acquire(Path(sys.argv[1])) as server:
    print(server.socket_path, flush=True)
    for line in sys.stdin:
        server.ensure_running()
        print("running", flush=True)
"""

WaitUntil = Callable[[Callable[[], bool]], None]


class User:
    """A process that uses the store of one directory."""

    def __init__(self, data_directory: Path, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER_PROGRAM, str(data_directory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **environment},
            text=True,
        )

    def socket_path(self) -> str:
        """Wait until the store is acquired."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().removesuffix("\n")

    def end(self) -> None:
        """Let it leave in order."""
        self.process.communicate()
        assert self.process.returncode == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


class StartUser(Protocol):
    def __call__(self, **environment: str) -> User: ...


class Processes:
    """The processes behind a server, as the kernel and the server itself name them."""

    def server(self, server: EmbeddedServer) -> int:
        with redis.Redis(unix_socket_path=server.socket_path, protocol=3) as client:
            return int(client.info("server")["process_id"])

    def parent(self, pid: int) -> int:
        status = Path(f"/proc/{pid}/status").read_text()
        return int(status.split("PPid:")[1].split()[0])

    def children(self, pid: int) -> list[int]:
        return [
            int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        ]

    def is_alive(self, pid: int) -> bool:
        return not self.is_dead(pid)

    def is_dead(self, pid: int) -> bool:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        return state == "Z"  # dead, and waiting for a parent to take notice


@pytest.fixture
def wait_until() -> WaitUntil:
    def wait(condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 10
        while not condition():
            assert time.monotonic() < deadline, "it did not come about within 10 s"
            time.sleep(0.005)

    return wait


@pytest.fixture
def processes() -> Processes:
    return Processes()


@pytest.fixture
def data_directory(tmp_path: Path, wait_until: WaitUntil) -> Iterator[Path]:
    """A data directory; whatever the test did, nothing of it is running in the end."""
    yield tmp_path / "home"
    for lock in tmp_path.rglob("*.lock"):
        wait_until(functools.partial(_is_free, lock))


@pytest.fixture
def is_free() -> Callable[[Path], bool]:
    return _is_free


@pytest.fixture
def start_user(data_directory: Path) -> Iterator[StartUser]:
    users: list[User] = []

    def start(**environment: str) -> User:
        users.append(User(data_directory, environment))
        return users[-1]

    yield start
    for user in users:
        with contextlib.suppress(ProcessLookupError, ValueError):
            user.process.send_signal(signal.SIGKILL)
        user.process.wait()
        for pipe in (user.process.stdin, user.process.stdout):
            if pipe is not None:
                pipe.close()


@pytest.fixture
def server(data_directory: Path) -> Iterator[EmbeddedServer]:
    with EmbeddedServer.acquire(data_directory) as acquired:
        yield acquired


def _is_free(lock: Path) -> bool:
    with lock.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


@pytest.fixture
def connected() -> Callable[[EmbeddedServer], AbstractContextManager["redis.Redis"]]:
    """A client that does not try again by itself."""

    def connect(server: EmbeddedServer) -> AbstractContextManager["redis.Redis"]:
        return redis.Redis(
            unix_socket_path=server.socket_path, protocol=3, retry=Retry(NoBackoff(), 0)
        )

    return connect
