"""A new release takes over while questions are asked: none fails, and each has one release."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from tests.api.workers import EveryWorker, WorkerConnection
from tests.harness.block_threads import BlockThreads
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


@dataclass
class Seen:
    """What one worker answered, in order: (status, document)."""

    answers: list[tuple[int, Any]] = field(default_factory=list)

    def results(self) -> list[list[str]]:
        return [document["results"] for _, document in self.answers]

    def generations(self) -> set[str]:
        return {document["list"]["generation"] for _, document in self.answers}

    def require_one_turn(self, before: list[str], after: list[str]) -> None:
        """Require answers without a failure, a mixture of the two, or a way back."""
        assert {status for status, _ in self.answers} == {200}
        results = self.results()
        turn = results.index(after)
        assert all(result == before for result in results[:turn])
        assert all(result == after for result in results[turn:])


class Asking(BlockThreads):
    """Asks every worker without a pause, until the block ends."""

    def __init__(self, workers: EveryWorker, partner: Partner) -> None:
        super().__init__(*(partial(self._ask, worker) for worker in workers))
        self._partner = partner
        self._body = partner.body(*ASKED)
        self.seen = {pid: Seen() for pid in workers.by_pid}

    def all_answer(self, results: list[str]) -> bool:
        return all(seen.results()[-1:] == [results] for seen in self.seen.values())

    def _ask(self, worker: WorkerConnection) -> None:
        seen = self.seen[worker.pid]
        while not self.ending.is_set():
            status, document = worker.ask(self._partner, self._body)
            seen.answers.append((status, document))


@dataclass(frozen=True)
class Released:
    deployment: Deployed
    api: Api
    partner: Partner

    def publish(self, *selectors: tuple[str, str]) -> None:
        rows = [(kind, value, "trafficker") for kind, value in selectors]
        said = self.deployment.publish(rows, "--allow-shrink", "--allow-empty").stdout
        assert "in force on 1 API host" in said

    def wait_for_every_worker(self) -> None:
        """Wait until each worker has its first list: until then a host attests the others only."""
        body = self.partner.body(*ASKED)
        with EveryWorker(self.api) as workers:
            eventually(
                lambda: all(worker.ask(self.partner, body)[0] == 200 for worker in workers),
                what="a list in every worker",
            )


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory, template: Template) -> Iterator[Released]:
    valkey = Valkey(tmp_path_factory.mktemp("vk"))
    folder = tmp_path_factory.mktemp("released")
    deployment = Deployed(folder, redis_url=valkey.url, template=template)
    deployment.environment["INDEXER_ATTEST_WAIT_S"] = "30"  # on a machine that is busy
    try:
        deployment.indexer("init")
        partner = deployment.add_partner("acme", "--stretch", "light")
        running = Released(deployment, deployment.serve(workers=2), partner)
        running.publish(STAYING, LEAVING)
        running.wait_for_every_worker()
        yield running
    finally:
        deployment.close()
        valkey.kill()


def test_a_release_comes_into_force_on_every_worker_and_no_request_fails(
    released: Released,
) -> None:
    released.publish(STAYING, LEAVING)
    with EveryWorker(released.api) as workers, Asking(workers, released.partner) as asking:
        eventually(lambda: asking.all_answer(OLD), what="answers from the old list")
        released.publish(STAYING, COMING)
        eventually(lambda: asking.all_answer(NEW), what="answers from the new list")
        # So far it was an overlay: a generation that is built anew is taken up without a gap, too.
        released.deployment.indexer("compact", "--all")
        eventually(
            lambda: all(len(seen.generations()) == 2 for seen in asking.seen.values()),
            what="answers from the new generation",
        )
    assert len(asking.seen) == 2
    for seen in asking.seen.values():
        seen.require_one_turn(OLD, NEW)
        seqs = [document["list"]["seq"] for _, document in seen.answers]
        assert seqs == sorted(seqs)


@pytest.mark.slow
def test_a_rollback_comes_into_force_on_every_worker_and_no_request_fails(
    released: Released,
) -> None:
    released.publish(STAYING, LEAVING)
    released.publish(STAYING, COMING)
    with EveryWorker(released.api) as workers, Asking(workers, released.partner) as asking:
        eventually(lambda: asking.all_answer(NEW), what="answers from the new list")
        released.deployment.indexer("rollback")
        eventually(lambda: asking.all_answer(OLD), what="answers from the old list")
    for seen in asking.seen.values():
        seen.require_one_turn(NEW, OLD)


def test_when_the_command_returns_a_new_partner_is_known_to_every_worker(
    released: Released,
) -> None:
    with EveryWorker(released.api) as workers:
        added = released.deployment.add_partner("globex", "--stretch", "light")
        for worker in workers.by_pid.values():
            status, document = worker.ask(added, added.body(STAYING))
            assert (status, document.get("results")) == (200, ["match"]), document
