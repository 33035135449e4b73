"""A new release takes over while questions are asked: none fails, and none is answered late."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import pytest

from tests.api.workers import EveryWorker, WorkerConnection
from tests.harness.deployment import Api, Deployed, Partner
from tests.harness.processes import eventually
from tests.harness.template import Template
from tests.harness.valkey import Valkey

STAYING = ("phone", "+1 202 555 0110")
LEAVING = ("phone", "+1 202 555 0111")
COMING = ("email", "new@booking.example")
NEVER = ("card", "5555 5555 5555 4444")
ASKED = (STAYING, LEAVING, COMING, NEVER)
OLD, NEW = ["match", "match", "no_match", "no_match"], ["match", "no_match", "match", "no_match"]
IN_FORCE_S = 2.0


@dataclass
class Seen:
    """What one worker answered, in order: (when, status, document)."""

    answers: list[tuple[float, int, Any]] = field(default_factory=list)

    def results(self) -> list[list[str]]:
        return [document["results"] for _, _, document in self.answers]

    def generations(self) -> set[str]:
        return {document["list"]["generation"] for _, _, document in self.answers}


class Asking:
    """Asks every worker without a pause, until it ends; a context manager."""

    def __init__(self, api: Api, partner: Partner) -> None:
        self._workers = EveryWorker(api)
        self._partner = partner
        self._body = partner.body(*ASKED)
        self._ending = threading.Event()
        self.seen = {pid: Seen() for pid in self._workers.by_pid}
        self._threads = [
            threading.Thread(target=self._ask, args=(worker,))
            for worker in self._workers.by_pid.values()
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ending.set()
        for thread in self._threads:
            thread.join()
        self._workers.__exit__(kind, error, trace)

    def all_answer(self, results: list[str]) -> bool:
        return all(seen.results()[-1:] == [results] for seen in self.seen.values())

    def _ask(self, worker: WorkerConnection) -> None:
        seen = self.seen[worker.pid]
        while not self._ending.is_set():
            status, document = worker.ask(self._partner, self._body)
            seen.answers.append((time.monotonic(), status, document))


@dataclass(frozen=True)
class Released:
    deployment: Deployed
    api: Api
    partner: Partner

    def publish(self, *selectors: tuple[str, str]) -> None:
        rows = [(kind, value, "trafficker") for kind, value in selectors]
        said = self.deployment.publish(rows, "--allow-shrink", "--allow-empty").stdout
        assert "in force on 1 API host" in said


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory, template: Template) -> Iterator[Released]:
    valkey = Valkey(tmp_path_factory.mktemp("vk"))
    folder = tmp_path_factory.mktemp("released")
    deployment = Deployed(folder, redis_url=valkey.url, template=template)
    deployment.environment["INDEXER_ATTEST_WAIT_S"] = "30"  # on a machine that is busy
    try:
        deployment.indexer("init")
        partner = deployment.add_partner("acme", "--stretch", "light")
        api = deployment.serve(workers=2)
        yield Released(deployment, api, partner)
    finally:
        deployment.close()
        valkey.kill()


def test_a_release_is_in_force_on_every_worker_soon_and_no_request_fails(
    released: Released,
) -> None:
    released.publish(STAYING, LEAVING)
    with Asking(released.api, released.partner) as asking:
        eventually(lambda: asking.all_answer(OLD), what="answers from the old list")
        released.publish(STAYING, COMING)
        returned = time.monotonic()
        eventually(lambda: asking.all_answer(NEW), what="answers from the new list")
        # So far it was an overlay: a generation that is built anew is taken up without a gap, too.
        released.deployment.indexer("compact", "--all")
        eventually(
            lambda: all(len(seen.generations()) == 2 for seen in asking.seen.values()),
            what="answers from the new generation",
        )
    assert len(asking.seen) == 2
    for seen in asking.seen.values():
        assert {status for _, status, _ in seen.answers} == {200}
        results = seen.results()
        # Never a mixture, and never back: a request keeps the generation that it began with.
        first_new = results.index(NEW)
        assert all(result == OLD for result in results[:first_new])
        assert all(result == NEW for result in results[first_new:])
        when = seen.answers[first_new][0]
        assert when - returned < IN_FORCE_S
        seqs = [document["list"]["seq"] for _, _, document in seen.answers]
        assert seqs == sorted(seqs)


def test_a_rollback_is_in_force_on_every_worker_soon_and_no_request_fails(
    released: Released,
) -> None:
    released.publish(STAYING, LEAVING)
    released.publish(STAYING, COMING)
    with Asking(released.api, released.partner) as asking:
        eventually(lambda: asking.all_answer(NEW), what="answers from the new list")
        released.deployment.indexer("rollback")
        returned = time.monotonic()
        eventually(lambda: asking.all_answer(OLD), what="answers from the old list")
    for seen in asking.seen.values():
        assert {status for _, status, _ in seen.answers} == {200}
        assert seen.answers[seen.results().index(OLD)][0] - returned < IN_FORCE_S


def test_when_the_command_returns_a_new_partner_is_known_to_every_worker(
    released: Released,
) -> None:
    with EveryWorker(released.api) as workers:
        added = released.deployment.add_partner("globex", "--stretch", "light")
        for worker in workers.by_pid.values():
            status, document = worker.ask(added, added.body(STAYING))
            assert (status, document.get("results")) == (200, ["match"]), document
