"""The connection: short time-outs, no hidden retries, one error that holds no secret."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvloop
from pydantic import SecretStr
from redis.exceptions import RedisError

from screening.store.connection import Store, open_store, store_errors
from screening.store.embedded import EmbeddedServer
from screening.store.settings import StoreSettings
from screening.vocabulary.errors import StoreUnavailable

WaitUntil = Callable[[Callable[[], bool]], None]

linux = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="finds the guardian in /proc"
)


@pytest.fixture
def store(data_directory: Path) -> Iterator[Store]:
    with open_store(StoreSettings(redis_url=None, home=data_directory), timeout_ms=1000) as opened:
        yield opened


def open_url(url: str, *, timeout_ms: int = 1000) -> Store:
    return open_store(StoreSettings(redis_url=SecretStr(url)), timeout_ms=timeout_ms)


def url_as(server: EmbeddedServer, user: str, password: str) -> str:
    return server.url.replace("unix://", f"unix://{user}:{password}@")


def test_without_a_url_the_embedded_store_is_opened_and_kept_while_open(
    data_directory: Path,
) -> None:
    settings = StoreSettings(redis_url=None, home=data_directory)
    with open_store(settings, timeout_ms=1000) as store:
        assert store.client.set("heads", b"\0signed")
        assert store.client.get("heads") == b"\0signed"
    with open_store(settings, timeout_ms=1000) as store:
        assert store.client.get("heads") == b"\0signed"


def test_a_url_is_used_as_it_stands(server: EmbeddedServer, tmp_path: Path) -> None:
    settings = StoreSettings(redis_url=SecretStr(server.url + "?db=3"), home=tmp_path / "unused")
    with open_store(settings, timeout_ms=1000) as store:
        store.client.set("heads", b"signed")
        assert store.client.client_info()["db"] == 3
        store.ensure_running()  # nothing to do: it is not ours to start
    assert not (tmp_path / "unused").exists()


def test_both_clients_speak_resp3_and_answer_in_bytes(store: Store) -> None:
    async def ask() -> tuple[object, object]:
        async with store.new_async_client() as client:
            return await client.client_info(), await client.get("heads")

    store.client.set("heads", b"signed")
    info, heads = asyncio.run(ask())
    assert heads == b"signed" == store.client.get("heads")
    for each in (info, store.client.client_info()):
        assert isinstance(each, dict)
        assert each["resp"] == "3"
        assert not each["lib-name"]


def test_connections_beyond_the_limit_wait_for_a_free_one(store: Store) -> None:
    async def ask() -> list[Any]:
        async with store.new_async_client() as client:
            return await asyncio.gather(*(client.echo(b"%d" % number) for number in range(100)))

    assert asyncio.run(ask()) == [b"%d" % number for number in range(100)]


@linux
def test_a_stopped_server_costs_one_time_out_and_no_retries(
    server: EmbeddedServer, processes: Any
) -> None:
    pid = processes.server(server)

    async def ask(store: Store) -> float:
        async with store.new_async_client() as client:
            await client.ping()
            os.kill(pid, signal.SIGSTOP)
            began = time.monotonic()
            with pytest.raises(StoreUnavailable, match="did not answer in time"), store_errors():
                await client.get("heads")
            with pytest.raises(StoreUnavailable, match="did not answer in time"), store_errors():
                store.client.get("heads")
            return time.monotonic() - began

    with open_url(server.url, timeout_ms=50) as store:
        connections = store.client.info("stats")["total_connections_received"]
        try:
            # Two time-outs of 50 ms; with the library's own and its retries, two minutes.
            assert asyncio.run(ask(store)) < 20
        finally:
            os.kill(pid, signal.SIGCONT)
        with store_errors():
            stats = store.client.info("stats")
        # The async one and the one that asks this; a retry would have been a third.
        assert stats["total_connections_received"] == connections + 2


@linux
def test_open_clients_go_on_after_the_server_was_killed_and_brought_back(
    store: Store, processes: Any, wait_until: WaitUntil
) -> None:
    async def ask_before_and_after() -> None:
        async with store.new_async_client() as client:
            await client.set("heads", b"signed")
            kill_guardian()
            with pytest.raises(StoreUnavailable, match="cannot be reached"), store_errors():
                await client.get("heads")
            store.ensure_running()
            assert await client.get("heads") == b"signed"

    def kill_guardian() -> None:
        pid = int(store.client.info("server")["process_id"])
        os.kill(processes.parent(pid), signal.SIGKILL)
        wait_until(lambda: processes.is_dead(pid))

    asyncio.run(ask_before_and_after())
    kill_guardian()
    with pytest.raises(StoreUnavailable, match="cannot be reached"), store_errors():
        store.client.get("heads")
    store.ensure_running()
    assert store.client.get("heads") == b"signed"


def test_a_server_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with (
        open_url(f"unix://api:hunter2@{tmp_path}/none.sock") as store,
        pytest.raises(StoreUnavailable, match="cannot be reached") as unavailable,
        store_errors(),
    ):
        store.client.ping()
    assert "hunter2" not in str(unavailable.value)


def test_credentials_that_are_missing_or_wrong_are_said_to_be_so(server: EmbeddedServer) -> None:
    with open_url(server.url) as admin:
        admin.client.acl_setuser("api", enabled=True, passwords=["+hunter2"], commands=["+get"])
        admin.client.config_set("requirepass", "hunter3")
    for url in (server.url, url_as(server, "api", "wrong"), url_as(server, "nobody", "hunter2")):
        with (
            open_url(url) as store,
            pytest.raises(StoreUnavailable, match="refuses the credentials") as refused,
            store_errors(),
        ):
            store.client.get("heads")
        assert "hunter" not in str(refused.value)


def test_a_command_outside_the_acl_is_said_to_be_so(server: EmbeddedServer) -> None:
    with open_url(server.url) as admin:
        admin.client.acl_setuser(
            "api", enabled=True, passwords=["+hunter2"], commands=["+get"], keys=["heads"]
        )
    with open_url(url_as(server, "api", "hunter2")) as store:
        assert store.client.get("heads") is None
        with pytest.raises(StoreUnavailable, match="does not permit"), store_errors():
            store.client.set("heads", b"forged")


def test_a_full_store_is_said_to_be_so(store: Store) -> None:
    store.client.config_set("maxmemory", 1)
    with pytest.raises(StoreUnavailable, match="out of memory"), store_errors():
        store.client.set("heads", b"signed")


def test_a_replica_is_said_to_be_read_only(store: Store) -> None:
    store.client.replicaof("127.0.0.1", "1")
    with pytest.raises(StoreUnavailable, match="read-only replica"), store_errors():
        store.client.set("heads", b"signed")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("MISCONF Errors writing to the AOF file", "cannot write its data to the disk"),
        ("LOADING Valkey is loading the dataset in memory", "still loading"),
        ("ERR unknown command 'X', with args beginning with: canary", "refused a command"),
        ("BUSY canary is running a script", "refused a command"),
    ],
)
@pytest.mark.parametrize("in_a_pipeline", [False, True])
def test_any_other_error_is_a_sentence_of_ours(
    store: Store, answer: str, sentence: str, *, in_a_pipeline: bool
) -> None:
    script = "return redis.error_reply(ARGV[1])"
    with pytest.raises(StoreUnavailable, match=sentence) as refused, store_errors():
        if in_a_pipeline:
            store.client.pipeline().eval(script, 0, answer).execute()
        else:
            store.client.eval(script, 0, answer)
    assert "canary" not in str(refused.value)


def test_every_error_of_redis_has_a_sentence_and_no_other_error_is_touched() -> None:
    def every_kind(kind: type[RedisError]) -> Iterator[type[RedisError]]:
        yield kind
        for narrower in kind.__subclasses__():
            yield from every_kind(narrower)

    for kind in every_kind(RedisError):
        error = kind.__new__(kind)  # whatever its constructor asks for
        with pytest.raises(StoreUnavailable), store_errors():
            raise error
    with pytest.raises(ZeroDivisionError), store_errors():
        _ = 1 // 0


def test_a_connection_that_breaks_while_it_is_written_to_is_unavailable(store: Store) -> None:
    async def ask() -> object:
        async with store.new_async_client() as client:
            await client.ping()
            (connection,) = client.connection_pool._available_connections
            assert connection._writer is not None
            connection._writer.transport.abort()
            # Workers run on uvloop, which refuses to write to what is closed and not told so yet by
            # an error that redis-py leaves as it is.
            with pytest.raises(StoreUnavailable, match="cannot be reached"), store_errors():
                await client.get("any")
            await client.set("any", b"thing")
            return await client.get("any")

    assert uvloop.run(ask()) == b"thing"


def test_no_client_shows_its_password(server: EmbeddedServer) -> None:
    with open_url(url_as(server, "api", "hunter2")) as store:
        for shown in (repr(store), repr(store.client), repr(store.client.connection_pool)):
            assert "hunter2" not in shown
