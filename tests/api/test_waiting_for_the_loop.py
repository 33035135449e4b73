"""How long a request has waited for the event loop is counted from the last byte of its body."""

import asyncio
import dataclasses
import time
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from screening.api.app import Worker
from screening.api.places import BURST, FEW, LATE_S
from screening.api.routes import read_body
from screening.api.settings import ApiSettings
from screening.connections.arrival import BODY_IS_HERE, waited_s
from screening.connections.http_connection import HttpConnection
from screening.store.settings import StoreSettings
from screening.vocabulary.errors import Unavailable
from tests.api.worker_lists import KEY_ID, WorkerLists
from tests.harness.deployment import Deployed, Partner

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

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass

    def abort(self) -> None:
        pass

    def close(self) -> None:
        pass


def connected(app: Any) -> HttpConnection:
    config = uvicorn.Config(app, ws="none", lifespan="off", log_config=None)
    config.load()
    connection = HttpConnection(config=config, server_state=ServerState(), app_state={})
    connection.connection_made(Nobody())
    return connection


class Answering:
    """An application that takes note between which moments it takes a body to have come."""

    def __init__(self) -> None:
        self.between: list[tuple[float, float]] = []
        self.answered = asyncio.Semaphore(0)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await read_body(scope, receive, {b"content-length": b"4"}, len(BODY))
        early, waited, late = time.monotonic(), waited_s(scope), time.monotonic()
        self.between.append((early - waited, late - waited))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        self.answered.release()


@pytest.mark.parametrize("pieces", [(HEAD + BODY,), (HEAD, BODY), (HEAD + BODY[:1], BODY[1:])])
def test_it_is_from_the_last_byte_until_the_event_loop_comes_to_it(
    pieces: tuple[bytes, ...],
) -> None:
    """Whether the request's task begins behind its body or waits for it."""

    async def scenario() -> None:
        app = Answering()
        connection = connected(app)
        for piece in pieces[:-1]:
            connection.data_received(piece)
            await asyncio.sleep(0)
        before = time.monotonic()
        connection.data_received(pieces[-1])
        after = time.monotonic()
        await app.answered.acquire()
        ((first, last),) = app.between
        assert first <= after
        assert last >= before
        connection.connection_lost(None)

    asyncio.run(scenario())


def test_behind_another_request_of_its_connection_it_is_from_the_end_of_that() -> None:
    async def scenario() -> None:
        app = Answering()
        connection = connected(app)
        connection.data_received(2 * (HEAD + BODY))
        both_read = time.monotonic()
        async with asyncio.timeout(10):
            await app.answered.acquire()
            await app.answered.acquire()
        (first_of_first, _), (_, last_of_second) = app.between
        assert first_of_first <= both_read < last_of_second
        connection.connection_lost(None)

    asyncio.run(scenario())


class Asking:
    """Requests to the route of checks, behind whose gate waits all that is worked on."""

    def __init__(self, cached: WorkerLists, partner: Partner) -> None:
        worker = Worker(ApiSettings(), StoreSettings())
        worker.lists = cached.lists
        (contract,) = (one for one in worker.contracts() if one.name == "check")
        self.route = worker.ask_route(dataclasses.replace(contract, at_once=1))
        self._headers = {**partner.headers, "content-type": "application/json"}

    async def __call__(self, *, is_late: bool) -> None:
        at = time.monotonic() - 2 * LATE_S
        scope: Any = {
            "type": "http",
            "method": "POST",
            "path": "/v1/check",
            "client": ("127.0.0.1", 1),
            "headers": [(name.encode(), value.encode()) for name, value in self._headers.items()],
            "state": {},
            "extensions": {BODY_IS_HERE: {"at": at}} if is_late else {},
        }
        await self.route._answer(scope, self._receive)

    async def _receive(self) -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}


@pytest.mark.parametrize("is_late", [True, False])
def test_a_route_refuses_what_waits_behind_a_burst(
    cached: WorkerLists, filled: Deployed, monkeypatch: pytest.MonkeyPatch, is_late: bool
) -> None:
    """Where all of it has waited, and nothing where none has."""
    monkeypatch.setenv("SCREENING_HOME", str(cached.folder))
    monkeypatch.setenv("SCREENING_SECRETS", str(cached.secrets))

    async def scenario() -> int:
        await cached.lists.refresh()
        asking = Asking(cached, Partner(filled.folder / f"{KEY_ID}.kit.json"))
        async with asking.route._gate:
            asked = [asyncio.create_task(asking(is_late=is_late)) for _ in range(200)]
            await asyncio.sleep(0)
            refused = [one.exception() for one in asked if one.done()]
            assert all(isinstance(one, Unavailable) for one in refused)
            assert {one.reason for one in refused if isinstance(one, Unavailable)} <= {"overloaded"}
            for one in asked:
                one.cancel()
            await asyncio.gather(*asked, return_exceptions=True)
        return len(asked) - len(refused)

    worked_on = asyncio.run(scenario())
    if is_late:
        assert BURST <= worked_on <= BURST + FEW
    else:
        assert worked_on == 200


def test_where_nothing_tells_when_a_body_came_nothing_has_waited() -> None:
    assert waited_s({"type": "http"}) == 0  # type: ignore[typeddict-item]  # of another server
