"""Who only holds connections keeps nobody out, and what is no request is refused as one."""

import contextlib
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from tests.harness.console import Console
from tests.harness.template import Template

MORE_THAN_PEOPLE_NEED = 250


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, channel: Template) -> Iterator[Console]:
    running = Console(tmp_path_factory.mktemp("served"), None, template=channel)
    running.initialise()
    running.serve()
    yield running
    running.stop()


def _connected(console: Console) -> socket.socket:
    parts = urlsplit(console.url)
    return socket.create_connection((parts.hostname, parts.port), timeout=30)


def test_silent_connections_keep_nobody_out(served: Console) -> None:
    with contextlib.ExitStack() as held:
        for _ in range(MORE_THAN_PEOPLE_NEED):
            held.enter_context(_connected(served))
        assert httpx.get(f"{served.url}/set-up", timeout=30).status_code == 200


@pytest.mark.parametrize(
    "sent", [b"\x16\x03\x01\x02\x00", b"GET / HTTP/1.1\r\n\r\n", b"GET /\xff HTTP/1.1\r\n" * 2]
)
def test_what_is_no_request_is_refused_with_the_headers_of_every_answer(
    served: Console, sent: bytes
) -> None:
    with _connected(served) as connection:
        connection.sendall(sent)
        answer = b""
        while piece := connection.recv(1 << 16):
            answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"content-security-policy: " in head
    assert body.endswith(b"load the page anew\n")
    assert served.logged().count("Traceback") == 0
