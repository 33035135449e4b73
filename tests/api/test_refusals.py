"""A flood of unknown keys is refused in turns, which nobody else waits for."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from litestar.types import Message
from prometheus_client import CollectorRegistry

from screening.api.logs import REQUEST_ID
from screening.api.metrics import Metrics
from screening.api.refusals import CONNECTION, MAX_WAIT_S, Refusals
from screening.vocabulary.api_key import new_api_key
from screening.vocabulary.errors import Forbidden, Unauthenticated
from tests.harness.deployment import Api, Deployed, Partner
from tests.harness.metrics import metric
from tests.harness.processes import eventually
from tests.harness.template import Template

UNLISTED = ("phone", "+12025550143")


@dataclass
class Flooded:
    """An API that refuses one unknown key a second, of which the flood takes all."""

    api: Api
    acme: Partner

    def connect(self) -> socket.socket:
        parts = urlsplit(self.api.url)
        assert parts.hostname
        assert parts.port
        return socket.create_connection((parts.hostname, parts.port), timeout=10)

    def flood(self, stack: contextlib.ExitStack, connections: int) -> list[socket.socket]:
        """Ask with unknown keys on so many connections, and wait for no answer."""
        flood = [stack.enter_context(self.connect()) for _ in range(connections)]
        for one in flood:
            one.sendall(request(new_api_key("live").text))
        return flood


def request(key: str) -> bytes:
    """Return a check whose body never comes: a refusal does not wait for it."""
    lines = (
        "POST /v1/check HTTP/1.1",
        "host: test",
        f"authorization: Bearer {key}",
        "content-type: application/json",
        "content-length: 400",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


@pytest.fixture(scope="module")
def flooded(tmp_path_factory: pytest.TempPathFactory, template: Template) -> Iterator[Flooded]:
    deployed = Deployed(tmp_path_factory.mktemp("flood"), redis_url=None, template=template)
    try:
        deployed.indexer("init")
        deployed.publish([("phone", "+12025550142", "trafficker")])
        acme = deployed.add_partner("acme", "--stretch", "light")
        api = deployed.serve(SCREENING_UNKNOWN_KEYS_PER_SECOND="1")
        deployed.wait_ready(api)
        yield Flooded(api, acme)
    finally:
        deployed.close()


def refused(api: Api, **labels: str) -> float:
    return metric(api, "screening_refusals_total", code="unauthenticated", **labels)


def test_who_is_known_is_answered_while_unknown_keys_wait_to_be_refused(flooded: Flooded) -> None:
    with contextlib.ExitStack() as stack:
        waiting = flooded.flood(stack, 3)[-1]
        # The last of them has not been answered yet: it waits for a second or more.
        waiting.setblocking(False)
        assert flooded.acme.results(flooded.api, UNLISTED) == ["no_match"]
        with pytest.raises(BlockingIOError):
            waiting.recv(1)
        waiting.settimeout(10)
        assert waiting.recv(65_536).startswith(b"HTTP/1.1 401 ")


def test_who_would_wait_for_long_is_ended_without_an_answer_and_counted(flooded: Flooded) -> None:
    with contextlib.ExitStack() as stack:
        flood = flooded.flood(stack, 12)
        endings = [ended(one) for one in flood]
        assert {b""} < set(endings) <= {b"", b"HTTP/1.1 401"}
        eventually(lambda: refused(flooded.api, reason="shed") > 0, what="what was shed")
        alarms = metric(flooded.api, "screening_alarms_total", what="unknown_keys")
        assert alarms >= 1
        assert flooded.acme.results(flooded.api, UNLISTED) == ["no_match"]
    eventually(lambda: is_quiet(flooded), what="the end of the flood")


def ended(connection: socket.socket) -> bytes:
    """Return how an answer began, empty where the connection was ended."""
    try:
        return connection.recv(65_536)[:12]
    except ConnectionResetError:
        return b""


def is_quiet(flooded: Flooded) -> bool:
    with flooded.connect() as connection:
        connection.sendall(request(new_api_key("live").text))
        return ended(connection) != b""


def test_a_partner_at_the_floods_own_address_and_connection_limit_is_answered(
    flooded: Flooded,
) -> None:
    """All connections come from one address here, as behind one proxy or one NAT."""
    with contextlib.ExitStack() as stack:
        flooded.flood(stack, 40)
        for _ in range(20):
            assert flooded.acme.results(flooded.api, UNLISTED) == ["no_match"]


class Waiting:
    """A connection, as `Refusals` sees it."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def refuse_later(self) -> None:
        self.told.append("waits")

    def give_up(self) -> None:
        self.told.append("ended")


def test_only_those_whom_nobody_knows_wait_and_in_their_order() -> None:
    sent: list[tuple[str, int]] = []

    async def ask(refusals: Refusals, name: str, error: Exception, connection: Waiting) -> None:
        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                sent.append((name, message["status"]))

        scope = {"type": "http", "state": {CONNECTION: connection}}
        await refusals.send("check", scope, send, error)  # type: ignore[arg-type]  # all it reads

    async def flood() -> list[Waiting]:
        REQUEST_ID.set(b"of all of them")
        refusals = Refusals(Metrics(CollectorRegistry()), per_second=50, monotonic=lambda: 7.0)
        unknown = [Waiting() for _ in range(200)]
        tasks = [
            asyncio.create_task(ask(refusals, str(number), Unauthenticated(), one))
            for number, one in enumerate(unknown)
        ]
        await asyncio.sleep(0)
        known = Waiting()
        await ask(refusals, "known", Forbidden("lacks a scope"), known)
        assert known.told == []
        await asyncio.gather(*tasks)
        return unknown

    unknown = asyncio.run(flood())
    at_once, at_most = 11, 11 + int(MAX_WAIT_S * 50)
    order = [int(name) for name, status in sent if status == 401]
    assert order == sorted(order)
    assert sent.index(("known", 403)) == at_once
    assert len(order) == at_most
    assert [one.told for one in unknown[:at_once]] == [[]] * at_once
    assert [one.told for one in unknown[at_once:at_most]] == [["waits"]] * (at_most - at_once)
    assert [one.told for one in unknown[at_most:]] == [["ended"]] * (200 - at_most)
