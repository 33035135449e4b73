"""Which connection ends where there are too many: none of those who are answered."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from screening.connections.bounds import whom_to_end
from screening.connections.http_connection import HttpConnection
from tests.harness.processes import eventually

SMALL_BYTES = 4_096
"""Of what a system keeps for a connection, so that an answer waits for its peer at once."""
LARGE = bytes(200_000)
SHORT = bytes(60_000)
"""Less than asyncio holds for a peer before it says so."""
ASKED = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"
BAD_CHUNK = b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nno\r\n"


@dataclass
class Held:
    """A connection that waits to be refused, or takes nothing, since then; or idles until then."""

    refused_since: float | None = None
    untaken_since: float | None = None
    timeout_keep_alive_task: asyncio.TimerHandle | None = None


def idles_until(when: float) -> Held:
    loop = asyncio.new_event_loop()
    try:
        return Held(timeout_keep_alive_task=loop.call_at(when, int))
    finally:
        loop.close()


def test_who_waits_longest_to_be_refused_ends_before_anybody_who_idles() -> None:
    late, early = Held(refused_since=7.0), Held(refused_since=3.0)
    assert whom_to_end([idles_until(1.0), late, Held(), early], 9.0) is early


def test_without_refusals_who_takes_nothing_for_longest_ends_before_anybody_who_idles() -> None:
    late, early = Held(untaken_since=7.0), Held(untaken_since=3.0)
    assert whom_to_end([idles_until(1.0), late, Held(), early], 9.0) is early
    refused = Held(refused_since=9.0)
    assert whom_to_end([early, refused], 9.0) is refused


def test_who_takes_a_large_answer_slowly_is_no_flood() -> None:
    idles = idles_until(1.0)
    assert whom_to_end([Held(untaken_since=8.5), idles], 9.0) is idles


def test_without_refusals_who_idles_longest_ends_and_never_one_that_is_answered() -> None:
    longest = idles_until(5.0)
    assert whom_to_end([Held(), idles_until(9.0), longest], 9.0) is longest


class App:
    """Answers all in the same way, once it `may`; and refuses what is not readable."""

    status, headers, body = 400, list[tuple[bytes, bytes]](), b"not readable"

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.may = asyncio.Event()

    async def __call__(self, _: Any, __: Any, send: Any) -> None:
        await self.may.wait()
        length = (b"content-length", b"%d" % len(self.answer))
        await send({"type": "http.response.start", "status": 200, "headers": [length]})
        await send({"type": "http.response.body", "body": self.answer})

    def refusal(self, _: Exception) -> "App":
        return self


def small_socket() -> socket.socket:
    one = socket.socket()
    for buffer in (socket.SO_SNDBUF, socket.SO_RCVBUF):
        one.setsockopt(socket.SOL_SOCKET, buffer, SMALL_BYTES)
    # As an Ethernet has it: of the loopback's own 64 KiB a system takes several at once.
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1_448)
    one.setblocking(False)
    return one


async def wait_for(what: str, is_so: Callable[[], bool]) -> None:
    await asyncio.to_thread(eventually, is_so, what=what)


Peers = list[tuple[socket.socket, HttpConnection]]


@asynccontextmanager
async def two_peers(app: App) -> AsyncIterator[Peers]:
    """Serve, and connect two peers that have not asked anything yet."""
    config = uvicorn.Config(app, ws="none", lifespan="off", log_config=None, proxy_headers=False)
    config.load()
    state, made = ServerState(), list[HttpConnection]()

    def connection() -> HttpConnection:
        made.append(HttpConnection(config=config, server_state=state, app_state={}))
        return made[-1]

    loop = asyncio.get_running_loop()
    with small_socket() as listener, small_socket() as one, small_socket() as other:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        server = await loop.create_server(connection, sock=listener)
        for count, peer in enumerate((one, other), 1):
            await loop.sock_connect(peer, listener.getsockname())
            await wait_for("a connection", lambda count=count: len(made) == count)  # type: ignore[misc]  # a default binds it
        yield list(zip((one, other), made, strict=True))
        server.close()
    # Those of ours are closed now: the server's ends of them follow.
    await wait_for("the end of both connections", lambda: not state.connections)
    await server.wait_closed()


def test_a_peer_that_takes_nothing_of_its_answers_ends_before_one_that_idles() -> None:
    async def scenario() -> None:
        app, loop = App(LARGE), asyncio.get_running_loop()
        app.may.set()
        async with two_peers(app) as ((_, idles), (peer, untaken)):
            await loop.sock_sendall(peer, 2 * ASKED)
            await wait_for("a full line", lambda: untaken.untaken_since is not None)
            assert whom_to_end([idles, untaken], loop.time() + 1) is untaken
            taken = 0
            while taken < 2 * len(LARGE):
                taken += len(await loop.sock_recv(peer, 1 << 16))
            await wait_for("an empty line", lambda: untaken.untaken_since is None)
            assert whom_to_end([idles, untaken], loop.time() + 1) is idles

    asyncio.run(scenario())


async def asks_for_the_last_time(peer: socket.socket, app: App, _: HttpConnection) -> None:
    app.may.set()
    await asyncio.get_running_loop().sock_sendall(peer, ASKED[:-2] + b"connection: close\r\n\r\n")


async def sends_no_more(peer: socket.socket, app: App, served: HttpConnection) -> None:
    await asyncio.get_running_loop().sock_sendall(peer, ASKED)
    peer.shutdown(socket.SHUT_WR)
    await wait_for("its end", lambda: not getattr(served.cycle, "keep_alive", True))
    app.may.set()


async def is_refused(peer: socket.socket, app: App, _: HttpConnection) -> None:
    app.may.set()
    await asyncio.get_running_loop().sock_sendall(peer, ASKED + BAD_CHUNK)


@pytest.mark.parametrize("asks", [asks_for_the_last_time, sends_no_more, is_refused])
def test_a_peer_that_takes_nothing_of_its_last_answer_ends_before_one_that_idles(
    asks: Callable[[socket.socket, App, HttpConnection], Awaitable[None]],
) -> None:
    async def scenario() -> None:
        app, loop = App(SHORT), asyncio.get_running_loop()
        async with two_peers(app) as ((_, idles), (peer, closing)):
            await asks(peer, app, closing)
            await wait_for("a last answer", closing.transport.is_closing)
            assert closing.transport.get_write_buffer_size() > 0
            assert whom_to_end([idles, closing], loop.time() + 1) is closing

    asyncio.run(scenario())


def test_a_last_answer_of_which_the_most_was_taken_counts_from_then_on() -> None:
    async def scenario() -> None:
        app, loop = App(LARGE), asyncio.get_running_loop()
        async with two_peers(app) as ((_, idles), (peer, closing)):
            await asks_for_the_last_time(peer, app, closing)
            await wait_for("a last answer", closing.transport.is_closing)
            began_at = closing.untaken_since
            assert began_at is not None
            while closing.untaken_since == began_at:
                assert await loop.sock_recv(peer, SMALL_BYTES)
            assert closing.transport.get_write_buffer_size() > 0
            assert whom_to_end([idles, closing], loop.time() + 1) is closing

    asyncio.run(scenario())
