"""The embedded server: there while anyone uses it, gone when nobody does, whoever is killed."""

import contextlib
import fcntl
import functools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from screening.store.embedded import EmbeddedServer
from screening.store.embedded_directory import StoreDirectory
from screening.store.server_binary import choose_server_binary, known_binaries, server_command
from screening.vocabulary.errors import OperatorError, StoreUnavailable

WaitUntil = Callable[[Callable[[], bool]], None]

linux = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux ends a child with its parent"
)


@contextlib.contextmanager
def connected(server: EmbeddedServer) -> Iterator["redis.Redis"]:
    client = redis.Redis(
        unix_socket_path=server.socket_path, protocol=3, retry=Retry(NoBackoff(), 0)
    )
    with client:
        yield client


def test_what_was_written_is_there_after_a_restart(data_directory: Path) -> None:
    with EmbeddedServer.acquire(data_directory) as server, connected(server) as client:
        client.set("heads", b"\0signed")
    with EmbeddedServer.acquire(data_directory) as server, connected(server) as client:
        assert client.get("heads") == b"\0signed"


def test_the_last_user_returns_when_the_server_has_ended(
    data_directory: Path, processes: Any
) -> None:
    with EmbeddedServer.acquire(data_directory) as server:
        pid = processes.server(server)
        guardian = processes.parent(pid)
    assert not processes.is_alive(pid)
    assert not processes.is_alive(guardian)


def test_the_server_stays_for_those_who_use_it_when_one_ends_and_one_is_killed(
    data_directory: Path, start_user: Any, processes: Any
) -> None:
    ending, killed = start_user(), start_user()
    assert ending.socket_path()
    assert killed.socket_path()
    with EmbeddedServer.acquire(data_directory) as server:
        pid = processes.server(server)
        ending.end()
        killed.kill()
        assert processes.server(server) == pid
    assert not processes.is_alive(pid)


@linux
def test_nothing_is_left_when_the_last_user_is_killed(
    data_directory: Path, start_user: Any, processes: Any, wait_until: WaitUntil
) -> None:
    user = start_user()
    assert user.socket_path()
    with EmbeddedServer.acquire(data_directory) as server:
        pid = processes.server(server)
        guardian = processes.parent(pid)
        everyone = [guardian, *processes.children(guardian)]
    assert len(everyone) == 3  # with the server and the watcher
    assert all(processes.is_alive(one) for one in everyone)
    user.kill()
    wait_until(lambda: not any(processes.is_alive(one) for one in everyone))


def test_users_in_one_process_share_the_server(server: EmbeddedServer, processes: Any) -> None:
    pid = processes.server(server)
    with EmbeddedServer.acquire(server._directory.path.parent) as second:
        assert processes.server(second) == pid
    assert processes.server(server) == pid


def test_twenty_processes_at_the_same_moment_get_one_server(
    data_directory: Path, start_user: Any, processes: Any
) -> None:
    users = [start_user() for _ in range(20)]
    assert len({user.socket_path() for user in users}) == 1
    with EmbeddedServer.acquire(data_directory) as server:
        processes.server(server)
        log = (data_directory / "store" / "server.log").read_text()
    assert log.count("Ready to accept connections") == 1
    for user in users:
        user.kill()


def test_users_who_come_while_the_server_ends_get_a_new_one(data_directory: Path) -> None:
    """Four processes come and go without a pause, so that arrivals meet every moment of an end."""
    program = """
import sys
from pathlib import Path
import redis
from screening.store.embedded import EmbeddedServer

for number in range(12):
    with EmbeddedServer.acquire(Path(sys.argv[1])) as server:
        with redis.Redis(unix_socket_path=server.socket_path, protocol=3) as client:
            client.incr("visits")
"""
    command = [sys.executable, "-c", program, str(data_directory)]
    visitors = [subprocess.Popen(command) for _ in range(4)]
    assert [visitor.wait(60) for visitor in visitors] == [0, 0, 0, 0]
    with EmbeddedServer.acquire(data_directory) as server, connected(server) as client:
        assert client.get("visits") == b"48"


@linux
def test_a_killed_guardian_takes_the_server_with_it_and_both_come_back_with_the_data(
    server: EmbeddedServer, processes: Any, wait_until: WaitUntil
) -> None:
    with connected(server) as client:
        client.set("heads", b"signed")
    pid = processes.server(server)
    guardian = processes.parent(pid)
    watchers = [child for child in processes.children(guardian) if child != pid]
    os.kill(guardian, signal.SIGKILL)
    wait_until(lambda: not any(processes.is_alive(one) for one in (guardian, pid, *watchers)))
    server.ensure_running()
    assert processes.server(server) != pid
    with connected(server) as client:
        assert client.get("heads") == b"signed"


@linux
def test_a_killed_guardian_is_replaced_at_once_and_nothing_acknowledged_is_lost(
    server: EmbeddedServer, processes: Any, wait_until: WaitUntil
) -> None:
    """The server outlives its guardian by a moment: the next one must not run beside it."""
    for number in range(5):
        guardian = processes.parent(processes.server(server))
        os.kill(guardian, signal.SIGKILL)
        wait_until(functools.partial(processes.is_dead, guardian))
        server.ensure_running()
        with connected(server) as client:
            client.sadd("restarts", number)
    with connected(server) as client:
        assert client.scard("restarts") == 5


def test_a_killed_server_comes_back_by_itself_with_what_it_had_acknowledged(
    server: EmbeddedServer, processes: Any, wait_until: WaitUntil
) -> None:
    pid = processes.server(server)
    for round_ in range(3):
        with connected(server) as client:
            client.set("round", round_)
        os.kill(processes.server(server), signal.SIGKILL)
        wait_until(server._directory.answers)
        with connected(server) as client:
            assert client.get("round") == str(round_).encode()
    assert processes.server(server) != pid


@linux
def test_a_guardian_that_is_told_to_end_ends_the_server_and_ensure_running_brings_it_back(
    server: EmbeddedServer, processes: Any, wait_until: WaitUntil
) -> None:
    with connected(server) as client:
        client.set("heads", b"signed")
    pid = processes.server(server)
    guardian = processes.parent(pid)
    os.kill(guardian, signal.SIGTERM)
    wait_until(lambda: processes.is_dead(guardian))
    assert not processes.is_alive(pid)
    server.ensure_running()
    with connected(server) as client:
        assert client.get("heads") == b"signed"


@linux
def test_a_killed_watcher_is_replaced(
    data_directory: Path, processes: Any, wait_until: WaitUntil
) -> None:
    with EmbeddedServer.acquire(data_directory) as server:
        pid = processes.server(server)
        guardian = processes.parent(pid)
        (watcher,) = (child for child in processes.children(guardian) if child != pid)
        os.kill(watcher, signal.SIGKILL)
        wait_until(
            lambda: (
                watcher not in processes.children(guardian)
                and len(processes.children(guardian)) == 2
            )
        )
        assert processes.server(server) == pid
    assert not processes.is_alive(guardian)


def test_a_server_without_a_guardian_is_ended_and_its_data_kept(
    data_directory: Path, processes: Any, wait_until: WaitUntil
) -> None:
    directory = StoreDirectory.prepare(data_directory)
    command = server_command(
        choose_server_binary(known_binaries()),
        directory=directory.path,
        socket_path=directory.place_socket(),
        log=directory.log,
    )
    with directory.open_lock("server.lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stale = subprocess.Popen(command, pass_fds=[lock.fileno()])
    try:
        wait_until(directory.answers)
        with redis.Redis(unix_socket_path=directory.socket_path, protocol=3) as client:
            client.set("heads", b"signed")
        with EmbeddedServer.acquire(data_directory) as server, connected(server) as client:
            assert stale.wait(10) == 0
            assert client.get("heads") == b"signed"
            assert processes.parent(processes.server(server)) != os.getpid()
    finally:
        stale.kill()
        stale.wait()


@linux
def test_a_stopped_server_is_unavailable_in_the_time_given_and_answers_again_when_it_goes_on(
    server: EmbeddedServer, processes: Any
) -> None:
    pid = processes.server(server)
    os.kill(pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        with pytest.raises(StoreUnavailable, match="does not answer in time"):
            server.ensure_running(timeout_s=0.2)
        assert time.monotonic() - began < 2
    finally:
        os.kill(pid, signal.SIGCONT)
    server.ensure_running()
    assert processes.server(server) == pid


@linux
def test_a_stopped_server_is_ended_when_its_last_user_leaves_or_its_guardian_dies(
    server: EmbeddedServer, processes: Any, wait_until: WaitUntil
) -> None:
    pid = processes.server(server)
    guardian = processes.parent(pid)
    os.kill(pid, signal.SIGSTOP)
    os.kill(guardian, signal.SIGKILL)
    wait_until(lambda: processes.is_dead(pid))
    server.ensure_running()


@linux
def test_a_forked_child_does_not_keep_the_server_alive(
    data_directory: Path, processes: Any, wait_until: WaitUntil, is_free: Callable[[Path], bool]
) -> None:
    program = """
import os, sys
from pathlib import Path
from screening.store.embedded import EmbeddedServer
from screening.vocabulary.errors import StoreUnavailable

server = EmbeddedServer.acquire(Path(sys.argv[1]))
child = os.fork()
if child:
    server.close()
    print(child, flush=True)
    os._exit(0)
try:
    server.ensure_running()
except StoreUnavailable:
    os.read(0, 1)
"""
    with subprocess.Popen(
        [sys.executable, "-c", program, str(data_directory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as user:
        assert user.stdout is not None
        assert user.stdin is not None
        child = int(user.stdout.readline())
        assert user.wait(10) == 0
        wait_until(lambda: is_free(data_directory / "store" / "guardian.lock"))
        assert processes.is_alive(child)
        user.stdin.close()


def test_the_server_has_no_tcp_port_and_a_socket_for_its_owner_only(
    server: EmbeddedServer, processes: Any
) -> None:
    with connected(server) as client:
        assert client.config_get("port")["port"] == "0"
        assert client.config_get("tls-port")["tls-port"] == "0"
    assert Path(server.socket_path).stat().st_mode & 0o777 == 0o700
    if sys.platform.startswith("linux"):
        descriptors = Path(f"/proc/{processes.server(server)}/fd")
        own = {str(descriptor.readlink()) for descriptor in descriptors.iterdir()}
        listening = [
            f"socket:[{line.split()[9]}]"
            for table in ("tcp", "tcp6")
            for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
        ]
        assert own.isdisjoint(listening)


def test_the_server_syncs_every_write_and_never_evicts(server: EmbeddedServer) -> None:
    with connected(server) as client:
        settings = client.config_get("*")
    assert settings["appendonly"] == "yes"
    assert settings["appendfsync"] == "always"
    assert settings["maxmemory-policy"] == "noeviction"


def test_no_file_of_the_store_is_open_to_others(server: EmbeddedServer) -> None:
    with connected(server) as client:
        client.set("heads", b"signed")
    store = server._directory.path
    assert [path for path in (store, *store.rglob("*")) if path.stat().st_mode & 0o077] == []


@pytest.mark.parametrize("loose", ["home", "home/store"])
def test_a_directory_that_others_can_enter_is_refused(tmp_path: Path, loose: str) -> None:
    (tmp_path / "home" / "store").mkdir(parents=True, mode=0o700)
    (tmp_path / "home").chmod(0o700)
    (tmp_path / loose).chmod(0o750)
    with pytest.raises(OperatorError, match="can be read by others; run: chmod 700"):
        EmbeddedServer.acquire(tmp_path / "home")
    assert list((tmp_path / "home" / "store").iterdir()) == []


def test_a_path_with_blanks_quotes_and_letters_beyond_ascii_works(tmp_path: Path) -> None:
    home = tmp_path / 'Zoë\'s "list" #1?'
    with EmbeddedServer.acquire(home) as server:
        with redis.Redis.from_url(server.url, protocol=3) as client:
            client.set("heads", b"signed")
        assert (home / "store" / "appendonlydir").is_dir()
    with EmbeddedServer.acquire(home) as server, connected(server) as client:
        assert client.get("heads") == b"signed"


def test_a_server_that_cannot_load_its_data_is_an_error_that_names_the_log(
    data_directory: Path,
) -> None:
    with EmbeddedServer.acquire(data_directory):
        pass
    manifest = data_directory / "store" / "appendonlydir" / "appendonly.aof.manifest"
    manifest.write_text("not a manifest\n")
    with pytest.raises(OperatorError, match=r"cannot start; the reason .*server\.log$"):
        EmbeddedServer.acquire(data_directory)


def test_without_a_server_program_the_error_says_what_to_do(data_directory: Path) -> None:
    with pytest.raises(OperatorError, match=r"install .* or set SCREENING_REDIS_URL$"):
        EmbeddedServer.acquire(data_directory, binaries=())


def test_who_has_left_is_told_so(data_directory: Path) -> None:
    server = EmbeddedServer.acquire(data_directory)
    server.close()
    server.close()
    with pytest.raises(StoreUnavailable, match="acquire it first"):
        server.ensure_running()
