"""Which connection ends where there are too many: none of those who are answered."""

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import uvicorn
from uvicorn.server import ServerState

from screening.connections.bounds import whom_to_end
from screening.connections.http_connection import HttpConnection
from tests.harness.processes import eventually

SMALL_BYTES = 4_096
"""Of what a system keeps for a connection, so that an answer waits for its peer at once."""
ANSWER = bytes(200_000)


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


async def answers(_: Any, __: Any, send: Any) -> None:
    head = {"type": "http.response.start", "status": 200, "headers": []}
    await send(head)
    await send({"type": "http.response.body", "body": ANSWER})


def small_socket() -> socket.socket:
    one = socket.socket()
    for buffer in (socket.SO_SNDBUF, socket.SO_RCVBUF):
        one.setsockopt(socket.SOL_SOCKET, buffer, SMALL_BYTES)
    one.setblocking(False)
    return one


async def wait_for(what: str, is_so: Callable[[], bool]) -> None:
    await asyncio.to_thread(eventually, is_so, what=what)


def test_a_peer_that_takes_nothing_of_its_answers_ends_before_one_that_idles() -> None:
    async def scenario() -> None:
        config = uvicorn.Config(answers, ws="none", lifespan="off", log_config=None)
        config.load()
        state, made = ServerState(), list[HttpConnection]()

        def connection() -> HttpConnection:
            made.append(HttpConnection(config=config, server_state=state, app_state={}))
            return made[-1]

        loop = asyncio.get_running_loop()
        with small_socket() as listener, small_socket() as idles, small_socket() as reads_nothing:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            server = await loop.create_server(connection, sock=listener)
            for count, peer in enumerate((idles, reads_nothing), 1):
                await loop.sock_connect(peer, listener.getsockname())
                await wait_for("a connection", lambda count=count: len(made) == count)  # type: ignore[misc]  # a default binds it
            await loop.sock_sendall(reads_nothing, 2 * b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            await wait_for("a full line", lambda: made[1].untaken_since is not None)
            assert whom_to_end(made, loop.time() + 1) is made[1]
            taken = 0
            while taken < 2 * len(ANSWER):
                taken += len(await loop.sock_recv(reads_nothing, 1 << 16))
            await wait_for("an empty line", lambda: made[1].untaken_since is None)
            assert whom_to_end(made, loop.time() + 1) is made[0]
            server.close()
        # Those of ours are closed now: the server's ends of them follow.
        await wait_for("the end of both connections", lambda: not state.connections)
        await server.wait_closed()

    asyncio.run(scenario())
