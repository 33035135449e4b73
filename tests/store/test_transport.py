"""Redis by TLS: what is wrong with it is told apart, in one sentence that says what to do."""

import asyncio
import socket
import ssl
from pathlib import Path

import pytest
from pydantic import SecretStr

from screening.store.connection import open_store, store_errors
from screening.store.settings import StoreSettings
from screening.vocabulary.errors import StoreUnavailable
from tests.harness.tls import Certificate, relay
from tests.harness.valkey import Valkey

TIMEOUT_MS = 2_000


def answer_of(url: str, *, by: str, timeout_ms: int = TIMEOUT_MS) -> str:
    """Return PONG, or why there is none."""
    settings = StoreSettings(redis_url=SecretStr(url))
    with open_store(settings, timeout_ms=timeout_ms) as store:

        async def ask() -> object:
            async with store.new_async_client() as client:
                return await client.ping()

        try:
            with store_errors():
                return str(store.client.ping() if by == "thread" else asyncio.run(ask()))
        except StoreUnavailable as error:
            assert error.__cause__ is None
            return str(error)


def connected_to(valkey: Valkey) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(str(valkey.socket))
    except OSError:
        connection.close()
        raise
    return connection


@pytest.mark.parametrize("by", ["thread", "loop"])
def test_a_certificate_is_told_from_a_redis_that_is_away(
    tmp_path: Path, valkey: Valkey, by: str
) -> None:
    own = Certificate(tmp_path / "own", "localhost")
    anothers = Certificate(tmp_path / "anothers", "redis.example")
    ended = Certificate(tmp_path / "ended", "localhost", ended=True)
    said = {}
    for name, shown in {"own": own, "anothers": anothers, "ended": ended}.items():
        with relay(shown, lambda: connected_to(valkey)) as port:
            url = f"rediss://localhost:{port}/0?ssl_ca_certs={shown.path}"
            said[name] = answer_of(url, by=by)
            if shown is own:
                said["untrusted"] = answer_of(f"rediss://localhost:{port}/0", by=by)
    assert said["own"] == "True"
    assert "?ssl_ca_certs=FILE" in said["untrusted"]
    assert "for another host name" in said["anothers"]
    assert "out of date" in said["ended"]


@pytest.mark.parametrize("by", ["thread", "loop"])
def test_a_host_that_no_name_service_knows_is_told_from_one_that_is_away(by: str) -> None:
    assert "host name is not known" in answer_of("redis://no-such-host.test:6379/0", by=by)


def test_tls_to_a_port_that_has_none_is_told_from_a_redis_that_is_slow() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:  # as Redis waits for a line feed
        port = listener.getsockname()[1]
        url = f"rediss://127.0.0.1:{port}/0"
        assert "did not answer in TLS" in answer_of(url, by="thread", timeout_ms=200)
        assert answer_of(url.replace("rediss", "redis"), by="thread", timeout_ms=200) == (
            "Redis did not answer in time"
        )


def test_a_redis_that_wants_a_certificate_is_told_from_one_without_tls(
    tmp_path: Path, valkey: Valkey
) -> None:
    own = Certificate(tmp_path / "own", "localhost")
    own.context.load_verify_locations(own.path)
    own.context.verify_mode = ssl.CERT_REQUIRED
    # Of 1.3 the alert may be lost: the server ends the connection while it is still written to.
    own.context.maximum_version = ssl.TLSVersion.TLSv1_2
    with relay(own, lambda: connected_to(valkey)) as port:
        url = f"rediss://localhost:{port}/0?ssl_ca_certs={own.path}"
        assert "ssl_certfile=FILE&ssl_keyfile=FILE" in answer_of(url, by="thread")
