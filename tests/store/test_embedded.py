"""The embedded server: there while anyone uses it, gone when nobody does, whoever is killed."""

import functools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
import redis

from screening.store.embedded import EmbeddedServer
from screening.vocabulary.errors import StoreUnavailable

WaitUntil = Callable[[Callable[[], bool]], None]
Connected = Callable[[EmbeddedServer], AbstractContextManager["redis.Redis"]]

linux = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux ends a child with its parent"
)


def test_what_was_written_is_there_after_a_restart(
    connected: Connected, data_directory: Path
) -> None:
    with EmbeddedServer.acquire(data_directory) as server, connected(server) as client:
        client.set("heads", b"\0signed")
    with EmbeddedServer.acquire(data_directory) as server, connected(server) as client:
        assert client.get("heads") == b"\0signed"


def test_the_last_user_returns_when_the_server_has_ended(
    data_directory: Path, processes: Any, wait_until: WaitUntil
) -> None:
    with EmbeddedServer.acquire(data_directory) as server:
        pid = processes.server(server)
        guardian = processes.parent(pid)
    assert not processes.is_alive(pid)
    wait_until(lambda: processes.is_dead(guardian))  # it lets go of its lock a moment before


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


def test_users_who_come_while_the_server_ends_get_a_new_one(
    connected: Connected, data_directory: Path
) -> None:
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
    connected: Connected, server: EmbeddedServer, processes: Any, wait_until: WaitUntil
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
    connected: Connected, server: EmbeddedServer, processes: Any, wait_until: WaitUntil
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
    connected: Connected, server: EmbeddedServer, processes: Any, wait_until: WaitUntil
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
def test_the_server_itself_holds_the_lock_that_keeps_a_second_one_away(
    server: EmbeddedServer, processes: Any
) -> None:
    """Not its guardian: on other systems than Linux the server may outlive that."""
    lock = server._directory.path / "server.lock"

    def holds_it(pid: int) -> bool:
        return lock in (file.readlink() for file in Path(f"/proc/{pid}/fd").iterdir())

    pid = processes.server(server)
    guardian = processes.parent(pid)
    assert {child for child in (guardian, *processes.children(guardian)) if holds_it(child)} == {
        pid
    }


@pytest.mark.slow
@linux
def test_a_guardian_that_is_told_to_end_ends_the_server_and_ensure_running_brings_it_back(
    connected: Connected, server: EmbeddedServer, processes: Any, wait_until: WaitUntil
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


@pytest.mark.slow
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
    wait_until(lambda: processes.is_dead(guardian))


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
        assert time.monotonic() - began < 20  # it has 30 s where nobody says how long
    finally:
        os.kill(pid, signal.SIGCONT)
    server.ensure_running()
    assert processes.server(server) == pid


@pytest.mark.slow
@linux
def test_a_stopped_server_is_ended_when_its_guardian_dies(
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
