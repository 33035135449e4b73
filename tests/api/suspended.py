"""A host whose processes a test stops all together, as near to a suspension as it can come."""

import contextlib
import json
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pytest

from screening.api.cache import Cache, boottime
from tests.api.workers import wait_until_every_worker_is_ready
from tests.harness.asking import PATIENT_WITH_REDIS
from tests.harness.deployment import Api, Deployed, Partner, deployed_beside_valkey
from tests.harness.fault_proxy import FaultProxy
from tests.harness.processes import children_of, eventually
from tests.harness.template import Template
from tests.harness.valkey import Valkey

WORKERS: Final = 2
PAUSE_S: Final = 4.0
"""Longer than a worker goes without a look, shorter than its supervisor waits for it."""
PHONES: Final = tuple(("phone", f"+1202555010{digit}") for digit in range(10))
OVERLOADED: Final = ("overloaded",)
_NO_STRETCH: Final = ("--stretch", "none", "--allow-unstretched")


@dataclass
class Host:
    """A host that hears of Redis through a proxy; of two phones the list always has one."""

    deployed: Deployed
    valkey: Valkey
    proxy: FaultProxy
    api: Api
    partner: Partner
    now: int = 1

    def publish_another(self) -> None:
        """Take off what is listed, and list what is not."""
        self.now = 1 - self.now
        self.deployed.publish([(*PHONES[self.now], "trafficker")])

    @property
    def truth(self) -> tuple[str, ...]:
        return ("match", "no_match")[:: -1 if self.now else 1]

    def told(self) -> tuple[str, ...]:
        """Return the results, or the reason why there are none."""
        return told(self.partner.ask(self.api, *PHONES[:2]).content)

    def laid_down(self) -> float:
        return Cache(self.deployed.home).read_confirmed().laid_down

    def asked(self) -> float:
        return Cache(self.deployed.home).read_confirmed().asked

    def tells_that_redis_is_away(self) -> bool:
        return self.asked() > self.laid_down()

    def is_well(self) -> bool:
        return self.told() == self.truth and boottime() - self.laid_down() < 1.5

    def wait_until_well(self) -> None:
        wait_until_every_worker_is_ready(self.api, WORKERS)
        eventually(self.is_well, what="ordinary answers")


def told(body: bytes) -> tuple[str, ...]:
    answer = json.loads(body)
    return tuple(answer["results"]) if "results" in answer else (answer.get("reason", "none"),)


@contextlib.contextmanager
def running_host(tmp_path_factory: pytest.TempPathFactory, template: Template) -> Iterator[Host]:
    """Run one."""
    with deployed_beside_valkey(tmp_path_factory, template) as (deployed, valkey):
        deployed.environment["INDEXER_ATTEST_WAIT_S"] = "0"  # the tests wait themselves
        deployed.publish([(*PHONES[9], "trafficker")])
        partner = deployed.add_partner("acme", *_NO_STRETCH)
        with FaultProxy(str(valkey.socket), seed=1) as proxy:
            settings = {"SCREENING_REDIS_URL": proxy.url, **PATIENT_WITH_REDIS}
            api = deployed.serve(workers=WORKERS, **settings)
            host = Host(deployed, valkey, proxy, api, partner)
            host.publish_another()
            yield host


@contextlib.contextmanager
def suspended(api: Api, *, goes_on_later: int = 0) -> Iterator[None]:
    """Stop all processes of a server for a pause, its supervisor first, and let them go on.

    But for one that the caller lets go on.
    """
    pids = [api.process.pid, *children_of(api.process.pid)]
    began_at = boottime()
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
        eventually(lambda: boottime() - began_at > PAUSE_S, what="the end of the pause")
    finally:
        for pid in pids:
            if pid != goes_on_later:
                os.kill(pid, signal.SIGCONT)
