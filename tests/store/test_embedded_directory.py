"""What the embedded server keeps, who can reach it, and what stops it from starting."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
import redis

from screening.store.embedded import EmbeddedServer
from screening.store.embedded_directory import StoreDirectory
from screening.store.server_binary import choose_server_binary, known_binaries, server_command
from screening.vocabulary.errors import OperatorError, StoreUnavailable

WaitUntil = Callable[[Callable[[], bool]], None]
Connected = Callable[[EmbeddedServer], AbstractContextManager["redis.Redis"]]


def test_the_server_has_no_tcp_port_and_a_socket_for_its_owner_only(
    connected: Connected, server: EmbeddedServer, processes: Any
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


def test_the_server_syncs_every_write_and_never_evicts(
    connected: Connected, server: EmbeddedServer
) -> None:
    with connected(server) as client:
        settings = client.config_get("*")
    assert settings["appendonly"] == "yes"
    assert settings["appendfsync"] == "always"
    assert settings["maxmemory-policy"] == "noeviction"


def test_no_file_of_the_store_is_open_to_others(
    connected: Connected, server: EmbeddedServer
) -> None:
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


def test_a_path_with_blanks_quotes_and_letters_beyond_ascii_works(
    connected: Connected, tmp_path: Path
) -> None:
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


def test_a_server_without_a_guardian_is_ended_and_its_data_kept(
    connected: Connected, data_directory: Path, processes: Any, wait_until: WaitUntil
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
