"""How long a request has waited for the event loop is counted from the last byte of its body."""

import asyncio
import time
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from screening.api.routes import read_body, waited_s
from screening.connections.http_connection import HttpConnection

HEAD = b"POST /v1/check HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\n"
BODY = b"body"


class Nobody(asyncio.Transport):
    """Of a peer that takes nothing of what it is sent."""

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return ("127.0.0.1", 1) if name in ("peername", "sockname") else default

    def write(self, data: Any) -> None:
        del data

    def is_closing(self) -> bool:
        return False

    def resume_reading(self) -> None:
        pass

    def close(self) -> None:
        pass


@pytest.mark.parametrize("pieces", [(HEAD + BODY,), (HEAD, BODY), (HEAD + BODY[:1], BODY[1:])])
def test_it_is_from_the_last_byte_until_the_event_loop_comes_to_it(
    pieces: tuple[bytes, ...],
) -> None:
    """Whether the request's task begins behind its body or waits for it."""

    async def scenario() -> None:
        between, ended = list[float](), asyncio.Event()

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await read_body(scope, receive, {b"content-length": b"4"}, len(BODY))
            early, waited, late = time.monotonic(), waited_s(scope), time.monotonic()
            between.extend((early - waited, late - waited))
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            ended.set()

        config = uvicorn.Config(app, ws="none", lifespan="off", log_config=None)
        config.load()
        connection = HttpConnection(config=config, server_state=ServerState(), app_state={})
        connection.connection_made(Nobody())
        for piece in pieces[:-1]:
            connection.data_received(piece)
            await asyncio.sleep(0)
        before = time.monotonic()
        connection.data_received(pieces[-1])
        after = time.monotonic()
        await ended.wait()
        assert between[0] <= after
        assert between[1] >= before
        connection.connection_lost(None)

    asyncio.run(scenario())


def test_where_nothing_tells_when_a_body_came_nothing_has_waited() -> None:
    assert waited_s({"type": "http"}) == 0  # type: ignore[typeddict-item]  # of another server
