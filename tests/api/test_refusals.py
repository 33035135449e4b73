"""Floods of unknown keys and overload are refused in turns, which nobody else waits for."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from litestar.types import Message
from prometheus_client import CollectorRegistry

from screening.api.logs import REQUEST_ID
from screening.api.metrics import Metrics
from screening.api.refusals import MAX_WAIT_S, Refusals
from screening.api.rehearsal import Rehearsed
from screening.api.turns import SharedTurns
from screening.connections.http_connection import CONNECTION
from screening.vocabulary.api_key import new_api_key
from screening.vocabulary.errors import Forbidden, Unauthenticated, Unavailable
from tests.harness.deployment import Api, Deployed, Partner
from tests.harness.metrics import metric
from tests.harness.processes import eventually
from tests.harness.template import Template

UNLISTED = ("phone", "+12025550143")
Headers = dict[bytes, bytes]


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

    def flood(
        self, stack: contextlib.ExitStack, connections: int, line: str = "POST /v1/check"
    ) -> list[socket.socket]:
        """Ask with unknown keys on so many connections, and wait for no answer."""
        flood = [stack.enter_context(self.connect()) for _ in range(connections)]
        for one in flood:
            one.sendall(request(new_api_key("live").text, line))
        return flood


def request(key: str, line: str = "POST /v1/check") -> bytes:
    """Return a check whose body never comes: a refusal does not wait for it."""
    lines = [f"{line} HTTP/1.1", "host: test", f"authorization: Bearer {key}"]
    if line.startswith("POST"):
        lines += ["content-type: application/json", "content-length: 400"]
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


@pytest.mark.slow
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


@pytest.mark.parametrize(
    "line", ["POST /v1/check", "GET /v1/parameters", "POST /v1/receipts/proof", "POST /v1/feedback"]
)
@pytest.mark.slow
def test_a_flood_is_counted_once_and_no_line_is_logged_of_what_is_ended(
    flooded: Flooded, line: str
) -> None:
    eventually(lambda: is_quiet(flooded), what="the end of floods before")
    eventually(lambda: is_all_counted(flooded), what="those before in the metrics")
    before, logged = refused(flooded.api), count_of_lines(flooded)
    with contextlib.ExitStack() as stack:
        endings = [ended(one) for one in flooded.flood(stack, 12, line)]
    answered = len(endings) - endings.count(b"")
    eventually(lambda: refused(flooded.api) - before >= 12, what="the flood in the metrics")
    assert refused(flooded.api) - before == 12
    assert 0 < answered < 12
    assert count_of_lines(flooded) - logged == answered


def is_all_counted(flooded: Flooded) -> bool:
    """Tell whether the metrics have what was logged, and what was ended, and nothing twice."""
    shed = refused(flooded.api, reason="shed")
    return refused(flooded.api) == count_of_lines(flooded) + shed


def count_of_lines(flooded: Flooded) -> int:
    return flooded.api.process.logged().count('"code": "unauthenticated"')


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


def test_a_partner_at_the_floods_own_address_is_answered(
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


async def ask(
    refusals: Refusals,
    error: Exception,
    connection: Waiting,
    told: Callable[[int, Headers], None],
) -> None:
    """Have something refused; `told` gets status and headers."""

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            told(message["status"], dict(message["headers"]))

    scope = {"type": "http", "state": {CONNECTION: connection}}
    await refusals.send("check", scope, send, error)  # type: ignore[arg-type]  # all it reads


@pytest.mark.slow
def test_only_those_whom_nobody_knows_wait_and_in_their_order() -> None:
    sent: list[tuple[str, int]] = []

    def told(name: str) -> Callable[[int, Headers], None]:
        return lambda status, _: sent.append((name, status))

    async def flood() -> list[Waiting]:
        REQUEST_ID.set(b"of all of them")
        refusals = Refusals(Metrics(CollectorRegistry()), per_second=50, monotonic=lambda: 7.0)
        unknown = [Waiting() for _ in range(200)]
        tasks = [
            asyncio.create_task(ask(refusals, Unauthenticated(), one, told(str(number))))
            for number, one in enumerate(unknown)
        ]
        await asyncio.sleep(0)
        known = Waiting()
        await ask(refusals, Forbidden("lacks a scope"), known, told("known"))
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


@pytest.mark.slow
def test_what_is_refused_in_an_overload_waits_in_turns_and_is_told_in_the_end() -> None:
    sent: list[int] = []

    def told(status: int, headers: Headers) -> None:
        assert headers[b"retry-after"] == b"1"
        sent.append(status)

    async def flood() -> tuple[list[Waiting], Waiting]:
        REQUEST_ID.set(b"of all of them")
        refusals = Refusals(
            Metrics(CollectorRegistry()),
            per_second=50,
            monotonic=lambda: 7.0,
            least_overloaded_per_second=100,
        )
        overloaded = [Waiting() for _ in range(500)]
        tasks = [
            asyncio.create_task(
                ask(refusals, Unavailable("too many", reason="overloaded"), one, told)
            )
            for one in overloaded
        ]
        await asyncio.sleep(0)
        unknown = Waiting()
        await ask(refusals, Unauthenticated(), unknown, lambda *_: None)
        await asyncio.gather(*tasks)
        return overloaded, unknown

    overloaded, unknown = asyncio.run(flood())
    at_once = 21
    assert [one.told for one in overloaded[:at_once]] == [[]] * at_once
    assert [one.told for one in overloaded[at_once:]] == [["waits"]] * (500 - at_once)
    assert sent == [503] * 500
    assert unknown.told == []  # each sort has a line of its own


def test_an_overload_that_a_test_key_asks_for_waits_for_none_and_none_waits_for_it() -> None:
    async def flood() -> tuple[list[Waiting], Waiting]:
        REQUEST_ID.set(b"of all of them")
        refusals = Refusals(Metrics(CollectorRegistry()), per_second=50, monotonic=lambda: 7.0)
        rehearsed, overloaded = [Waiting() for _ in range(500)], Waiting()
        asked_for = Rehearsed("asked for", reason="overloaded")
        in_earnest = Unavailable("too many", reason="overloaded")
        errors = [(asked_for, one) for one in rehearsed] + [(in_earnest, overloaded)]
        await asyncio.gather(*(ask(refusals, error, one, lambda *_: None) for error, one in errors))
        return rehearsed, overloaded

    rehearsed, overloaded = asyncio.run(flood())
    assert [one.told for one in (*rehearsed, overloaded)] == [[]] * 501


@pytest.mark.slow
def test_the_more_is_answered_the_more_is_refused_in_an_overload() -> None:
    now = 0.0
    turns = SharedTurns(100, answers_a_turn=10, monotonic=lambda: now)

    def in_a_second(answers: int) -> int:
        """Let a second pass with so many answers; return how many turns come in the next."""
        nonlocal now
        for _ in range(answers):
            turns.answered()
        now += 1
        taken = 0
        while (wait_s := turns.wait_s()) <= 1:
            turns.take(wait_s)
            taken += 1
        now += 10  # all have had theirs
        return taken

    assert 0.9 < in_a_second(5_000) / 600 < 1.1
    turns.wait_s()
    assert 0.9 < in_a_second(0) / 120 < 1.1
