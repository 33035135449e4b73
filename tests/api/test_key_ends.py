"""A key whose end comes while its question is on the way is refused, as one that is asked after."""

import asyncio
import json
from typing import Any

import msgspec
import pytest

from screening.api.app import Worker
from screening.api.cache import Documents
from screening.api.callers import Callers
from screening.api.proxies import Proxies
from screening.api.settings import ApiSettings
from screening.registry.record import sign_record
from screening.store.settings import StoreSettings
from screening.vocabulary.errors import Unauthenticated
from tests.api.quotas.spending import Clock
from tests.api.worker_lists import KEY_ID, WorkerLists
from tests.harness.deployment import Deployed, Partner
from tests.harness.slow import slow_but_first

END = 1_900_000_000
UNLISTED = ("phone", "+12025550143")


class Asked:
    """A question to one route of a worker by a clock of the test's own, whose body comes late."""

    def __init__(self, worker: Worker, route: str, partner: Partner) -> None:
        (contract,) = (one for one in worker.contracts() if one.name == route)
        self.route = worker.ask_route(contract)
        self.is_read = asyncio.Event()
        self.body = asyncio.Event()
        self._content = json.dumps(partner.body(UNLISTED)).encode()
        headers = {**partner.headers, "content-type": "application/json"}
        headers["content-length"] = str(len(self._content))
        self._scope: Any = {
            "type": "http",
            "method": "POST",
            "path": f"/v1/{route}",
            "client": ("127.0.0.1", 1),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "state": {},
        }

    async def __call__(self) -> None:
        await self.route._answer(self._scope, self._receive)

    async def _receive(self) -> Any:
        self.is_read.set()  # so that the key was looked at
        await self.body.wait()
        return {"type": "http.request", "body": self._content, "more_body": False}


def end_the_key(cached: WorkerLists) -> None:
    """Lay down a later record, by which the partner's key ends."""
    documents = cached.cache.read_documents()
    record = cached.lists.loaded.partners[KEY_ID]
    keys = [
        msgspec.structs.replace(one, expires_at=END, scopes=["check", "bulk"])
        for one in record.api_keys
    ]
    ends = msgspec.structs.replace(record, sequence=record.sequence + 1, api_keys=keys)
    signed = {KEY_ID: sign_record(ends, cached.signer)}
    cached.cache.write_documents(Documents(documents.heads, signed))


@pytest.fixture
def acme(filled: Deployed) -> Partner:
    return Partner(filled.folder / f"{KEY_ID}.kit.json")


@slow_but_first(2, ("route", "late"), [("check", "body"), ("bulk", "turn"), ("bulk", "body")])
def test_a_key_whose_end_has_come_is_refused_though_it_was_live_when_its_question_began(
    cached: WorkerLists, acme: Partner, monkeypatch: pytest.MonkeyPatch, route: str, late: str
) -> None:
    monkeypatch.setenv("SCREENING_HOME", str(cached.folder))
    monkeypatch.setenv("SCREENING_SECRETS", str(cached.secrets))
    clock = Clock(END - 1)

    async def scenario() -> None:
        await cached.lists.refresh()
        end_the_key(cached)
        await cached.lists.refresh_partners()
        worker = Worker(ApiSettings(), StoreSettings())
        worker.lists = cached.lists
        worker.callers = Callers(
            Proxies(()), worker.key_uses, worker.metrics, worker.watch.limited, clock=clock
        )
        asked = Asked(worker, route, acme)
        async with asyncio.timeout(10):
            async with asked.route._gate:
                asking = asyncio.create_task(asked())
                await asked.is_read.wait()
                if late == "turn":
                    asked.body.set()
                    await asyncio.sleep(0)
                    await asyncio.sleep(0)
                    assert asked.route._at_work._places.taken == 1
                clock.now += 1
            asked.body.set()
            await asking

    with pytest.raises(Unauthenticated):
        asyncio.run(scenario())
