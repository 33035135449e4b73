"""Where the socket is when the directory's own path is too long for a socket address."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import redis

from screening.store.embedded import EmbeddedServer
from screening.store.embedded_directory import SOCKET_PATH_MAX_BYTES, StoreDirectory
from screening.vocabulary.errors import OperatorError


@pytest.fixture
def temporary_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("t")


@pytest.fixture
def long_directory(data_directory: Path) -> Path:
    return data_directory / ("deep" * 20) / ("er" * 30)


def test_a_path_too_long_for_a_socket_works_and_is_found_again(long_directory: Path) -> None:
    with EmbeddedServer.acquire(long_directory) as server:
        assert len(os.fsencode(server.socket_path)) <= SOCKET_PATH_MAX_BYTES
        private = Path(server.socket_path).parent
        assert private.stat().st_mode & 0o777 == 0o700
        with redis.Redis.from_url(server.url, protocol=3) as client:
            client.set("heads", b"signed")
    assert not private.exists()
    with (
        EmbeddedServer.acquire(long_directory) as server,
        redis.Redis.from_url(server.url, protocol=3) as client,
    ):
        assert client.get("heads") == b"signed"


@pytest.mark.parametrize("excess_bytes", [0, 1, 9])
def test_the_longest_path_is_used_as_it_is_and_no_longer_one(
    data_directory: Path, excess_bytes: int
) -> None:
    rest = len(os.fsencode(data_directory / "store" / "server.sock")) + len("/")
    directory = data_directory / ("d" * (SOCKET_PATH_MAX_BYTES + excess_bytes - rest))
    with EmbeddedServer.acquire(directory) as server:
        own = directory / "store" / "server.sock"
        assert (server.socket_path == str(own)) == (excess_bytes == 0)
        assert len(os.fsencode(server.socket_path)) <= SOCKET_PATH_MAX_BYTES


def test_users_with_different_temporary_directories_meet_at_one_socket(
    data_directory: Path, temporary_directory: Path, start_user: Any
) -> None:
    # Users are started on `data_directory`: it becomes another name of a long one.
    long = data_directory.parent / ("deep" * 20) / ("er" * 30)
    long.mkdir(parents=True, mode=0o700)
    data_directory.symlink_to(long)
    user = start_user(TMPDIR=str(temporary_directory))
    socket_path = user.socket_path()
    assert socket_path.startswith(str(temporary_directory))
    with EmbeddedServer.acquire(long) as server:
        assert server.socket_path == socket_path
    user.end()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds the guardian in /proc")
def test_a_restarted_server_is_where_its_clients_know_it(
    long_directory: Path,
    temporary_directory: Path,
    monkeypatch: pytest.MonkeyPatch,
    processes: Any,
    wait_until: Callable[[Callable[[], bool]], None],
) -> None:
    with EmbeddedServer.acquire(long_directory) as server:
        socket_path = server.socket_path
        pid = processes.server(server)
        os.kill(processes.parent(pid), signal.SIGKILL)
        wait_until(lambda: processes.is_dead(pid))
        monkeypatch.setenv("TMPDIR", str(temporary_directory))
        server.ensure_running()
        assert server.socket_path == socket_path


@pytest.mark.parametrize("taken_by", ["a looser directory", "a link", "a file"])
def test_a_place_for_the_socket_that_is_not_private_is_refused(
    long_directory: Path, temporary_directory: Path, taken_by: str
) -> None:
    with EmbeddedServer.acquire(long_directory) as server:
        place = Path(server.socket_path).parent
    try:
        if taken_by == "a looser directory":
            place.mkdir()
            place.chmod(0o755)
        elif taken_by == "a link":
            place.symlink_to(temporary_directory)
        else:
            place.touch(mode=0o600)
        with pytest.raises(OperatorError, match="is not a private directory of yours"):
            EmbeddedServer.acquire(long_directory)
    finally:
        if taken_by == "a looser directory":
            place.rmdir()
        else:
            place.unlink()


def test_a_log_that_has_grown_is_put_aside(data_directory: Path) -> None:
    directory = StoreDirectory.prepare(data_directory)
    directory.log.write_bytes(b"." * ((1 << 20) + 1))
    with directory.open_log() as log:
        log.write(b"new")
    assert directory.log.read_bytes() == b"new"
    assert directory.log.with_name("server.log.old").stat().st_size == (1 << 20) + 1
