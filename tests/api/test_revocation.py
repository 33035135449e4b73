"""A revoked key is accepted by no worker of any host within seconds, whatever else they do.

How long it took is logged (`pytest --log-cli-level=INFO`), and held against no clock.
"""

import asyncio
import contextlib
import json
import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx
import msgspec
import pytest

from screening.api.cache import Documents
from screening.api.lists import Lists
from screening.registry.record import sign_record
from screening.vocabulary.errors import Unauthenticated
from tests.api.raw_http import JSON, Connection, request_head
from tests.api.worker_lists import WorkerLists
from tests.api.workers import EveryWorker, WorkerConnection, wait_until_every_worker_is_ready
from tests.harness.asking import Asking
from tests.harness.deployment import Api, Deployed, Partner
from tests.harness.processes import eventually
from tests.harness.template import Template
from tests.harness.valkey import Valkey

_log = logging.getLogger(__name__)

UNLISTED = ("phone", "+12025550143")
WORKERS = 2


@dataclass
class TwoHosts:
    """Two API hosts of one deployment, and a second key of its partner."""

    deployed: Deployed
    apis: list[Api]
    acme: Partner
    kits: int = 0

    def another_key(self) -> Partner:
        self.kits += 1
        kit = self.deployed.folder / f"key-{self.kits}.json"
        url = ("--api-url", "http://127.0.0.1:8080")
        self.deployed.indexer("partner", "key", "add", "acme", "--kit", str(kit), *url)
        return Partner(kit)

    def revoke(self, partner: Partner) -> float:
        """Revoke a key; return the moment at which the command was begun."""
        begun = time.monotonic()
        key_id = partner.kit.parsed_api_key().id
        self.deployed.indexer("partner", "key", "revoke", "acme", key_id)
        return begun


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory, template: Template) -> Iterator[TwoHosts]:
    valkey = Valkey(tmp_path_factory.mktemp("vk"))
    deployed = Deployed(tmp_path_factory.mktemp("revoked"), redis_url=valkey.url, template=template)
    try:
        deployed.environment["INDEXER_ATTEST_WAIT_S"] = "0"  # the tests wait themselves
        deployed.indexer("init")
        deployed.publish([("phone", "+12025550142", "trafficker")])
        acme = deployed.add_partner("acme", "--stretch", "light")
        homes = [deployed.folder / name for name in ("one", "two")]
        apis = [deployed.serve(workers=WORKERS, SCREENING_HOME=str(home)) for home in homes]
        for api in apis:
            wait_until_every_worker_is_ready(api, WORKERS)
        yield TwoHosts(deployed, apis, acme)
    finally:
        deployed.close()
        valkey.kill()


def answers(worker: WorkerConnection, status: int, partner: Partner, body: dict[str, Any]) -> bool:
    return worker.ask(partner, body)[0] == status


def wait_until_refused(every: list[EveryWorker], partner: Partner, begun: float) -> float:
    """Ask each worker on a connection of its own until it refuses; return when all did."""
    body = partner.body(UNLISTED)
    for workers in every:
        for worker in workers:
            eventually(partial(answers, worker, 401, partner, body), what="a refusal")
    return time.monotonic() - begun


def accepted_everywhere(every: list[EveryWorker], partner: Partner) -> None:
    body = partner.body(UNLISTED)
    for workers in every:
        for worker in workers:
            eventually(partial(answers, worker, 200, partner, body), what="an answer")


def test_a_revoked_key_is_refused_by_every_worker_of_every_host(hosts: TwoHosts) -> None:
    second = hosts.another_key()
    with EveryWorker(hosts.apis[0]) as one, EveryWorker(hosts.apis[1]) as two:
        accepted_everywhere([one, two], second)
        begun = hosts.revoke(second)
        took = wait_until_refused([one, two], second, begun)
        accepted_everywhere([one, two], hosts.acme)
    _log.info("revoked on %s workers after %.2f s, the command included", 2 * WORKERS, took)


def test_a_stolen_kit_is_refused_everywhere_and_the_one_that_replaces_it_is_answered(
    hosts: TwoHosts,
) -> None:
    deployed, stolen = hosts.deployed, hosts.deployed.add_partner("beta", "--stretch", "light")
    kit = deployed.folder / "beta-new.kit.json"
    with EveryWorker(hosts.apis[0]) as one, EveryWorker(hosts.apis[1]) as two:
        accepted_everywhere([one, two], stolen)
        begun = time.monotonic()
        deployed.indexer("partner", "key", "revoke", "beta", stolen.kit.parsed_api_key().id)
        wait_until_refused([one, two], stolen, begun)
        deployed.indexer(
            *("partner", "rotate", "beta", "--kit", str(kit), "--overlap-days", "0"),
            *("--api-url", "http://127.0.0.1:8080", "--scopes", "check"),
        )
        accepted_everywhere([one, two], Partner(kit))
        deployed.indexer("compact")
        wait_until_refused([one, two], stolen, begun)
        accepted_everywhere([one, two], Partner(kit))


@pytest.mark.slow
def test_under_load_a_revoked_key_is_refused_all_the_same(hosts: TwoHosts) -> None:
    second = hosts.another_key()
    loads = [Asking(api, [hosts.acme, second], UNLISTED, clients=4) for api in hosts.apis]
    with EveryWorker(hosts.apis[0]) as one, EveryWorker(hosts.apis[1]) as two:
        accepted_everywhere([one, two], second)
        with loads[0], loads[1]:
            begun = hosts.revoke(second)
            took = wait_until_refused([one, two], second, begun)
    assert all(load.statuses <= {200, 401} and not load.broken for load in loads)
    _log.info("under load: revoked on %s workers after %.2f s", 2 * WORKERS, took)


def test_a_worker_that_was_stopped_meanwhile_accepts_a_revoked_key_never_again(
    hosts: TwoHosts,
) -> None:
    second, api = hosts.another_key(), hosts.apis[0]
    with EveryWorker(api) as every:
        accepted_everywhere([every], second)
        stopped = every.by_pid[api.worker_pids()[0]]
        os.kill(stopped.pid, signal.SIGSTOP)
        seen: list[int] = []
        body = second.body(UNLISTED)
        try:
            hosts.revoke(second)
            # It stands still for longer than a worker may, and shorter than its supervisor waits.
            time_of_a_look = threading.Timer(3.5, go_on, [stopped.pid])
            time_of_a_look.start()
            # What was asked while it stood still is the first that it sees when it goes on.
            while not seen or seen[-1] != 401:
                seen.append(stopped.ask(second, body)[0])
        except (ConnectionError, httpx.HTTPError):
            pass  # the supervisor has put another in its place
        finally:
            time_of_a_look.join()
    assert 200 not in seen
    wait_until_every_worker_is_ready(api, WORKERS)


@pytest.mark.slow
def test_a_question_that_a_worker_had_begun_to_read_as_it_was_stopped_needs_a_key_that_is_valid_now(
    hosts: TwoHosts,
) -> None:
    second, api = hosts.another_key(), hosts.apis[0]
    with EveryWorker(api) as every:
        accepted_everywhere([every], second)
    body = json.dumps(second.body(UNLISTED)).encode()
    headers = {**JSON, **second.headers, "Expect": "100-continue", "Content-Length": str(len(body))}
    with Connection(api.url) as begun:
        begun.send(request_head("POST", "/v1/check", headers))
        assert begun.is_answered(within_s=10), "100 Continue: it has looked at the key"
        workers = api.worker_pids()
        for pid in workers:
            os.kill(pid, signal.SIGSTOP)
        hosts.revoke(second)
        time_of_a_look = threading.Timer(3.5, go_on, workers)
        time_of_a_look.start()
        begun.send(body)
        response = begun.find_response()  # None where the supervisor has put another in its place
        time_of_a_look.join()
    assert response is None or response.status in (401, 503)
    wait_until_every_worker_is_ready(api, WORKERS)


@pytest.mark.slow
def test_a_worker_that_takes_the_place_of_a_killed_one_knows_of_the_revocation(
    hosts: TwoHosts,
) -> None:
    second, api = hosts.another_key(), hosts.apis[1]
    with EveryWorker(api) as every:
        accepted_everywhere([every], second)
    os.kill(api.worker_pids()[0], signal.SIGKILL)
    begun = hosts.revoke(second)
    wait_until_every_worker_is_ready(api, WORKERS)
    with EveryWorker(api) as every:
        took = wait_until_refused([every], second, begun)
    _log.info("with a worker killed: revoked after %.2f s", took)


def go_on(*pids: int) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):  # the supervisor has put another in its place
            os.kill(pid, signal.SIGCONT)


def revoke_all(cached: WorkerLists) -> None:
    """Lay down a later record in which the partner has no key."""
    documents = cached.cache.read_documents()
    (name,) = documents.partners
    record = cached.lists.loaded.partners[name]
    revoked = msgspec.structs.replace(record, sequence=record.sequence + 1, api_keys=[])
    cached.cache.write_documents(
        Documents(documents.heads, {name: sign_record(revoked, cached.signer)})
    )


@pytest.mark.slow
def test_a_revocation_waits_for_no_list_that_is_being_loaded(cached: WorkerLists) -> None:
    lists = cached.lists
    asyncio.run(lists.refresh())
    (record,) = lists.loaded.partners.values()
    assert record.api_keys
    begun, loaded_now = threading.Event(), threading.Event()

    class Slow(Lists):
        """A worker whose lists take as long to load as a test wants."""

        def _load(self):  # type: ignore[no-untyped-def]  # as its base
            loaded = super()._load()
            begun.set()
            assert loaded_now.wait(10)
            return loaded

    lists.__class__ = Slow

    async def both() -> None:
        cached.cache.write_documents(cached.cache.read_documents())  # another version of the file
        loading = asyncio.create_task(lists.refresh())
        assert await asyncio.to_thread(begun.wait, 10)
        revoke_all(cached)
        await lists.refresh_partners()
        (revoked,) = lists.loaded.partners.values()
        assert revoked.api_keys == []
        loaded_now.set()
        await loading  # which has read the record before that one
        assert list(lists.loaded.partners.values()) == [revoked]
        with pytest.raises(Unauthenticated):
            lists.loaded.registry.authenticate(b"gsk_live_", 0)

    asyncio.run(both())
