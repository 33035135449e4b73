"""A host that was suspended answers nothing of before; one that was not is never refused.

To stop all of its processes is as near to a suspension as a test can come. How long it took to be
well again is logged (`pytest --log-cli-level=INFO`).
"""

import contextlib
import json
import logging
import time
from collections.abc import Iterator
from typing import Final

import pytest

from screening.api.cache import boottime
from tests.api.raw_http import JSON, Connection, RawResponse, request_head
from tests.api.suspended import OVERLOADED, PHONES, WORKERS, Host, running_host, suspended, told
from tests.api.workers import EveryWorker
from tests.harness import plain_http
from tests.harness.asking import Asking
from tests.harness.deployment import Api, Partner
from tests.harness.processes import eventually
from tests.harness.template import Template

_log = logging.getLogger(__name__)

RECOVERY_S: Final = 4.0
"""Two are the promise; a machine that is busy with other tests is given as much again."""
AWAY_S: Final = 10.0
"""Sync takes five seconds, and a look, to know that Redis is away."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, template: Template) -> Iterator[Host]:
    with running_host(tmp_path_factory, template) as host:
        yield host


@pytest.fixture
def host(running: Host) -> Host:
    running.proxy.set("pass")
    running.wait_until_well()
    return running


def question(partner: Partner) -> bytes:
    body = json.dumps(partner.body(*PHONES[:2])).encode()
    head = request_head("POST", "/v1/check", {**JSON, **partner.headers}, length=len(body))
    return head + body


def kept(api: Api, stack: contextlib.ExitStack) -> list[Connection]:
    """Return connections that workers have taken, several of each as good as certainly."""
    connections = [stack.enter_context(Connection(api.url)) for _ in range(4 * WORKERS)]
    for connection in connections:
        connection.send(request_head("GET", "/livez", {}))
        assert connection.response().status == 200
    return connections


def answered(connection: Connection, asked: bytes) -> Iterator[RawResponse]:
    """Yield the answer to what was sent, and ask again each time that the next one is wanted."""
    while True:
        yield connection.response()
        connection.send(asked)


@pytest.mark.slow
def test_a_suspended_host_answers_nothing_of_before_and_is_well_again_at_once(host: Host) -> None:
    ready = request_head("GET", "/readyz", {})
    before = host.truth
    with contextlib.ExitStack() as stack:
        connections = kept(host.api, stack)
        with suspended(host.api):
            host.publish_another()
            for connection in connections:
                connection.send(ready + question(host.partner))
        resumed_at = time.monotonic()
        seen: list[tuple[int, tuple[str, ...]]] = []
        for connection in connections:
            for is_ready in answered(connection, ready + question(host.partner)):
                seen.append((is_ready.status, told(connection.response().body)))
                if seen[-1] == (200, host.truth):
                    break
        took_s = time.monotonic() - resumed_at
    assert before not in {results for _, results in seen}
    assert {results for _, results in seen} == {host.truth, OVERLOADED}
    assert (200, OVERLOADED) not in seen
    assert took_s < RECOVERY_S
    _log.info("%s answers; well again after %.2f s", len(seen), took_s)


def test_a_key_that_was_revoked_while_a_host_was_suspended_is_accepted_never_again(
    host: Host,
) -> None:
    kit = host.deployed.folder / "second.kit.json"
    url = ("--api-url", "http://127.0.0.1:8080")
    host.deployed.indexer("partner", "key", "add", "acme", "--kit", str(kit), *url)
    second = Partner(kit)
    with EveryWorker(host.api) as every:
        for worker in every:
            eventually(lambda: worker.ask(second, second.body(PHONES[0]))[0] == 200)  # noqa: B023 - asked at once
    with contextlib.ExitStack() as stack:
        connections = kept(host.api, stack)
        with suspended(host.api):
            host.deployed.indexer(
                "partner", "key", "revoke", "acme", second.kit.parsed_api_key().id
            )
            for connection in connections:
                connection.send(question(second))
        seen: list[int] = []
        for connection in connections:
            for response in answered(connection, question(second)):
                seen.append(response.status)
                if seen[-1] == 401:
                    break
    assert set(seen) <= {401, 503}


@pytest.mark.slow
def test_without_redis_a_host_that_was_suspended_answers_as_without_redis(host: Host) -> None:
    truth, asked = host.truth, question(host.partner)
    try:
        with contextlib.ExitStack() as stack:
            connections = kept(host.api, stack)
            with suspended(host.api):
                host.valkey.kill()
                for connection in connections:
                    connection.send(asked)
            resumed_at = time.monotonic()
            seen: list[tuple[str, ...]] = []
            for connection in connections:
                for response in answered(connection, asked):
                    seen.append(told(response.body))
                    if seen[-1] == truth:
                        break
                    assert time.monotonic() - resumed_at < AWAY_S
        assert set(seen) == {truth, OVERLOADED}
    finally:
        host.valkey.start()


@pytest.mark.slow
def test_slow_looks_at_redis_are_no_pause(host: Host) -> None:
    with Asking(host.api, [host.partner], *PHONES[:2], pause_s=0.02) as asking:
        host.proxy.set("delay", delay_s=0.7)
        for _ in range(2):
            told_at = host.laid_down()
            eventually(lambda: host.laid_down() != told_at, what="a look")  # noqa: B023 - waited for
            assert boottime() - host.laid_down() > 2.0
    assert asking.broken == 0
    assert asking.results == {host.truth}
    assert asking.statuses == {200}


@pytest.mark.slow
def test_a_host_that_starts_tells_of_no_pause(host: Host) -> None:
    home = str(host.deployed.folder / "first")
    with_an_empty_cache = {"SCREENING_POLL_MS": "500"}
    with_what_it_had = {"SCREENING_POLL_MS": "5000"}  # ten seconds in which it may be down
    for settings in (with_an_empty_cache, with_what_it_had):
        api = host.deployed.serve(workers=WORKERS, SCREENING_HOME=home, **settings)
        seen = set[tuple[str, ...]]()

        def is_ready() -> bool:
            ready = plain_http.get(f"{api.url}/readyz", timeout=5)  # noqa: B023 - asked at once
            seen.add(told(ready.content))  # noqa: B023 - as above
            return ready.status_code == 200

        eventually(is_ready, what="a list")
        seen |= {told(host.partner.ask(api, *PHONES[:2]).content) for _ in range(20)}
        api.stop()
        assert OVERLOADED not in seen
