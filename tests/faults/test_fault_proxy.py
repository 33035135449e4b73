"""The fault proxy does what it says, and nothing else once that is over."""

import contextlib
import socket
from collections.abc import Iterator

import pytest
import redis

from tests.harness.fault_proxy import FAULTS, Fault, FaultProxy
from tests.harness.processes import eventually
from tests.harness.valkey import Valkey

VALUE = b"v" * 1000
PING = b"*1\r\n$4\r\nPING\r\n"


@pytest.fixture
def proxy(valkey: Valkey) -> Iterator[FaultProxy]:
    with valkey.client() as client:
        client.set("known", VALUE)
    with FaultProxy(str(valkey.socket)) as running:
        yield running


def dial(proxy: FaultProxy) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", int(proxy.url.rpartition(":")[2])), timeout=5)
    client.sendall(PING)
    assert client.recv(100) == b"+PONG\r\n"
    return client


def read(proxy: FaultProxy) -> object:
    with redis.Redis.from_url(
        proxy.url, socket_timeout=0.3, socket_connect_timeout=5, retry=None
    ) as client:
        return client.get("known")


@pytest.mark.parametrize("fault", FAULTS)
def test_after_a_fault_a_reply_is_what_redis_said(proxy: FaultProxy, fault: Fault) -> None:
    assert read(proxy) == VALUE
    proxy.set(fault, delay_s=1.0, cut_after=10)
    for _ in range(5):
        # What a client makes of it is the client's.
        with contextlib.suppress(redis.RedisError, ValueError, OSError, AttributeError, TypeError):
            assert read(proxy) != VALUE or fault == "garbage"
    proxy.set("pass")
    eventually(lambda: read(proxy) == VALUE, what="the true reply")


def test_a_reset_comes_in_the_midst_of_a_reply(proxy: FaultProxy) -> None:
    with dial(proxy) as client:
        proxy.set("reset")
        client.sendall(PING)
        with pytest.raises(ConnectionResetError):
            while client.recv(100):
                pass


def test_a_cut_reply_has_so_many_bytes_and_no_more(proxy: FaultProxy) -> None:
    with dial(proxy) as client:
        proxy.set("cut", cut_after=3)
        client.sendall(PING)
        assert client.makefile("rb").read() == b"+PO"


def test_of_a_half_open_connection_the_client_is_told_nothing(
    proxy: FaultProxy, valkey: Valkey
) -> None:
    with dial(proxy) as client:
        proxy.set("half-open")
        valkey.kill()
        client.settimeout(0.2)
        client.sendall(PING)
        with pytest.raises(TimeoutError):
            client.recv(1)
        proxy.set("pass")
        client.settimeout(5)
        assert client.recv(1) == b""


def test_what_was_dropped_is_lost_for_good(proxy: FaultProxy) -> None:
    with dial(proxy) as client:
        proxy.set("drop")
        client.sendall(PING)
        client.settimeout(0.2)
        with pytest.raises(TimeoutError):
            client.recv(1)
        proxy.set("pass")
        client.settimeout(5)
        assert client.recv(1) == b""


def test_where_redis_is_down_a_connection_is_reset(proxy: FaultProxy, valkey: Valkey) -> None:
    valkey.kill()
    with (
        socket.create_connection(("127.0.0.1", int(proxy.url.rpartition(":")[2]))) as client,
        pytest.raises(ConnectionResetError),
    ):
        client.settimeout(5)
        client.recv(1)
