"""A body that is read and refused costs its sender of its rate what an answer would."""

import asyncio
import dataclasses
import json
import time
from collections import Counter
from typing import Any

import httpx
import pytest

from screening.api.app import Worker
from screening.api.callers import Callers
from screening.api.proxies import Proxies
from screening.api.routes import JSON
from screening.api.settings import ApiSettings
from screening.store.settings import StoreSettings
from screening.vocabulary.errors import InvalidRequest, QuotaExceeded, UnknownKeyId
from screening.vocabulary.question import Reading, read_bulk_json
from screening.vocabulary.wire import BULK_MAX_BODY_BYTES, BULK_MAX_SELECTORS
from tests.api.worker_lists import KEY_ID, WorkerLists
from tests.harness import plain_http
from tests.harness.deployment import Api, Deployed, Partner
from tests.harness.processes import eventually

NOT_LISTED = ("phone", "+1 202 555 0177")
MANY_ROWS = b'{"selectors":[' + b",".join([b"1"] * 60_000) + b"]}"
BODIES = {"check": b'{"selectors":1}', "bulk": MANY_ROWS}
LARGE = b'{"selectors":"%s"}' % (b"x" * 2_000_000)
SELECTORS_OF_LARGE = len(LARGE) * BULK_MAX_SELECTORS // BULK_MAX_BODY_BYTES
FLOOD = 30


def post(api: Api, partner: Partner, route: str, content: bytes) -> httpx.Response:
    headers = {**partner.headers, "content-type": "application/json"}
    return plain_http.post(f"{api.url}/v1/{route}", content=content, headers=headers)


def asked_by(deployed: Deployed, *limits: str) -> tuple[Api, Partner]:
    """Return an API that has answered a partner with these limits."""
    deployed.publish([("phone", "+1 202 555 0142", "trafficker")])
    partner = deployed.add_partner("acme", "--stretch", "light", "--scopes", "check,bulk")
    deployed.indexer("partner", "limits", "acme", *limits)
    api = deployed.serve()
    eventually(lambda: partner.ask(api, NOT_LISTED).status_code == 200, what="a list")
    return api, partner


@pytest.mark.parametrize("route", ["check", "bulk"])
@pytest.mark.parametrize("limited", ["the partner", "the key"])
def test_who_sends_them_faster_than_its_rate_is_told_to_wait(
    deployed: Deployed, route: str, limited: str
) -> None:
    deployed.publish([("phone", "+1 202 555 0142", "trafficker")])
    partner = deployed.add_partner("acme", "--stretch", "light", "--scopes", "check,bulk")
    limit, policy = ["partner", "limits", "acme"], '"second"'
    if limited == "the key":
        limit, policy = (
            ["partner", "key", "limit", "acme", partner.kit.parsed_api_key().id],
            '"key"',
        )
    deployed.indexer(*limit, "--per-second", "1", "--burst", "3")
    api = deployed.serve()
    eventually(lambda: partner.ask(api, NOT_LISTED).status_code == 200, what="a list")
    refused = [post(api, partner, route, BODIES[route]) for _ in range(12)]
    assert {one.status_code for one in refused} == {400, 429}
    assert all(
        one.headers["ratelimit"].startswith(policy) for one in refused if one.status_code == 429
    )
    eventually(lambda: partner.ask(api, NOT_LISTED).status_code == 200, what="a pause")


def test_a_large_one_costs_what_a_question_of_its_size_may_ask(deployed: Deployed) -> None:
    api, partner = asked_by(deployed, "--per-second", "20000")
    begun = time.monotonic()
    refused = Counter(post(api, partner, "bulk", LARGE).status_code for _ in range(FLOOD))
    a_second = 20_000 / SELECTORS_OF_LARGE
    # A burst, a second's; the one that began it, and the one that is owed when that is over.
    assert 2 <= refused[400] <= a_second * (time.monotonic() - begun + 1) + 2
    assert refused[400] + refused[429] == FLOOD


def test_who_sends_one_by_mistake_is_told_what_is_wrong_and_waits_no_longer_than_for_a_burst(
    deployed: Deployed,
) -> None:
    api, partner = asked_by(deployed, "--per-second", "2", "--burst", "6")
    assert post(api, partner, "bulk", LARGE).status_code == 400
    asked = [partner.ask(api, NOT_LISTED) for _ in range(20)]
    waiting = next(one for one in asked if one.status_code != 200)
    assert waiting.status_code == 429
    assert 1 <= int(waiting.headers["retry-after"]) <= 4
    eventually(lambda: partner.ask(api, NOT_LISTED).status_code == 200, what="a pause")


class Flooded:
    """The bulk route of a worker, to which a partner sends one body again and again."""

    def __init__(self, worker: Worker, partner: Partner, content: bytes) -> None:
        bulk = next(one for one in worker.contracts() if one.name == "bulk")
        # By the scope that the partner's key has.
        flooded = dataclasses.replace(bulk, name="check", readers={JSON: self._read})
        self._route = worker.ask_route(flooded)
        self._content = content
        self.read = 0
        headers = {**partner.headers, "content-type": JSON, "content-length": str(len(content))}
        self._scope: Any = {
            "type": "http",
            "method": "POST",
            "path": "/v1/bulk",
            "client": ("127.0.0.1", 1),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "state": {},
        }

    async def flood(self) -> Counter[type[Exception]]:
        """Send many, and return how they were refused."""
        refused: Counter[type[Exception]] = Counter()
        for _ in range(FLOOD):
            try:
                await self._route._answer(self._scope, self._receive)
            except (InvalidRequest, UnknownKeyId, QuotaExceeded) as error:
                refused[type(error)] += 1
        return refused

    def _read(self, body: bytes) -> Reading:
        self.read += 1
        return read_bulk_json(body)

    async def _receive(self) -> Any:
        return {"type": "http.request", "body": self._content, "more_body": False}


def of_a_retired_key(partner: Partner) -> bytes:
    """Return as large a question as there may be, by a key that is not the partner's any more."""
    body = partner.body(NOT_LISTED)
    rows = body["selectors"] * BULK_MAX_SELECTORS
    return json.dumps({**body, "key_id": "acme-1999a", "selectors": rows}).encode()


@pytest.mark.parametrize("what", ["malformed", "of a retired key"])
def test_a_flood_of_them_is_not_even_read(
    filled: Deployed, cached: WorkerLists, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setenv("SCREENING_HOME", str(cached.folder))
    monkeypatch.setenv("SCREENING_SECRETS", str(cached.secrets))
    acme = Partner(filled.folder / f"{KEY_ID}.kit.json")
    content = LARGE if what == "malformed" else of_a_retired_key(acme)

    async def scenario() -> None:
        await cached.lists.refresh()
        worker = Worker(ApiSettings(), StoreSettings())
        worker.lists = cached.lists
        worker.callers = Callers(Proxies(()), worker.key_uses, worker.metrics, worker.watch.limited)
        bulk, begun = Flooded(worker, acme, content), time.monotonic()
        refused = await bulk.flood()
        assert refused.total() == FLOOD
        assert refused[QuotaExceeded] > FLOOD / 2
        assert bulk.read <= 10_000 / 3_000 * (time.monotonic() - begun + 1) + 4

    asyncio.run(scenario())
