"""A host whose disk is full: nothing is answered without a record, and afterwards all goes on.

All of SCREENING_HOME - journal, cache, allowances - lies on a small tmpfs.
"""

import os
import signal
from collections.abc import Iterator

import pytest

from tests.harness import plain_http
from tests.harness.asking import PATIENT_WITH_REDIS, Asking
from tests.harness.deployment import Api, Deployed, Partner
from tests.harness.metrics import metric
from tests.harness.processes import eventually
from tests.harness.small_disk import SmallDisk, can_mount

LISTED = ("phone", "+12025550142")
NEXT = ("email", "next@listed.example")
UNLISTED = ("phone", "+12025550100")
DISK_KIB = 1024

pytestmark = pytest.mark.skipif(not can_mount(), reason="this machine permits no mount namespace")


@pytest.fixture
def partner(deployed: Deployed) -> Partner:
    deployed.publish([(*LISTED, "trafficker")])
    return deployed.add_partner("acme", "--scopes", "check,bulk")


@pytest.fixture
def disk(deployed: Deployed) -> Iterator[SmallDisk]:
    small = SmallDisk(deployed.home, DISK_KIB)
    yield small
    small.close()


@pytest.fixture
def api(deployed: Deployed, partner: Partner, disk: SmallDisk) -> Iterator[Api]:
    running = deployed.serve(
        workers=2, within=disk.within, SCREENING_POLL_MS="100", **PATIENT_WITH_REDIS
    )
    deployed.wait_ready(running)
    yield running
    running.stop()


def test_with_a_full_disk_everything_is_unavailable_until_space_returns(
    deployed: Deployed, partner: Partner, api: Api, disk: SmallDisk
) -> None:
    with Asking(api, [partner], LISTED, UNLISTED, clients=2, pause_s=0.01) as asking:
        eventually(lambda: len(asking.receipts) > 20, what="answers")
        disk.fill()
        assert disk.is_full()
        # What is left of a page that the journal has begun takes some more records.
        eventually(lambda: 503 in asking.statuses, what="the first refusal")
        eventually(lambda: refused_all(api, partner), what="refusals by every worker")

        # Nothing that comes on top of it ends the service or an answer that is due.
        workers = api.worker_pids()  # none, where the disk has just ended one
        victim = workers[0] if workers else api.sync_pid()
        os.kill(victim, signal.SIGKILL)
        deployed.publish([(*LISTED, "trafficker"), (*NEXT, "buyer")])
        assert refused_all(api, partner)
        # The end of a worker may give back a page of the disk, which holds some records more.
        assert set(asking.receipts) <= set(disk.receipts()), "an answer left without its record"

        disk.free()
        eventually(
            lambda: partner.ask(api, UNLISTED).status_code == 200, within_s=5, what="an answer"
        )
        eventually(
            lambda: partner.ask(api, NEXT).json().get("result") == "match", what="the new release"
        )
    assert api.process.popen.poll() is None
    assert asking.statuses == {200, 503}
    refusals = [answer.json() for answer in asking.answers if answer.status_code == 503]
    assert {problem["reason"] for problem in refusals} == {"audit"}
    recorded = disk.receipts()
    assert asking.receipts <= set(recorded)
    assert len(recorded) == len(set(recorded))
    assert metric(api, "screening_refusals_total", reason="audit") >= len(refusals)
    deployed.run("screening", "audit", "verify", "--journal", str(disk.seen / "journal"))


def refused_all(api: Api, partner: Partner) -> bool:
    """Tell whether matches and misses are refused alike, on both routes, by whichever worker."""
    answers = [
        partner.ask(api, selector, route=route)
        for selector in (LISTED, UNLISTED) * 4
        for route in ("check", "bulk")
    ]
    ready = [plain_http.get(f"{api.url}/readyz").status_code for _ in range(8)]
    assert not any("matches" in answer.json() for answer in answers)
    return {answer.status_code for answer in answers} == {503} and set(ready) == {503}
