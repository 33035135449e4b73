"""SIGKILL for workers, sync and supervisor: nothing answered is lost, nothing is left over."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
import pytest

from screening.ledger.lines import SealRecord
from tests.api.workers import wait_until_every_worker_is_ready
from tests.harness.asking import PATIENT_WITH_REDIS, Asking
from tests.harness.deployment import Api, Deployed, Partner, deployed_beside_valkey
from tests.harness.metrics import metric
from tests.harness.processes import children_of, eventually, is_running
from tests.harness.template import Template
from tests.ledger.looking import read_records

LISTED = ("phone", "+12025550142")
NEXT = ("email", "next@listed.example")
UNLISTED = ("phone", "+12025550100")
KILLS = 4
ANSWERS_BETWEEN = 100


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory, template: Template) -> Iterator[Deployed]:
    with deployed_beside_valkey(tmp_path_factory, template) as (running, _):
        yield running


@pytest.fixture(scope="module")
def partner(deployment: Deployed) -> Partner:
    deployment.publish([(*LISTED, "trafficker")])
    return deployment.add_partner("acme", "--stretch", "light")


@pytest.fixture(scope="module")
def api(deployment: Deployed, partner: Partner) -> Api:
    running = deployment.serve(workers=2, **PATIENT_WITH_REDIS)
    wait_until_every_worker_is_ready(running, 2)
    return running


CAP: Final = 48_000
"""Of selectors a day: more than are asked while workers are killed."""


def segment_of(pid: int) -> Path:
    """Return the journal segment that a worker writes to."""
    opened = (one.readlink() for one in Path(f"/proc/{pid}/fd").iterdir())
    return next(path for path in opened if path.suffix == ".open")


def recorded_receipts(journal: Path) -> list[str]:
    return [msgspec.json.decode(payload)["receipt"] for _, _, payload in read_records(journal)]


def kill_workers_under_load(api: Api, asking: Asking) -> Iterator[Path]:
    """Kill one worker after the other while answers go on; yield the segments they leave."""
    for _ in range(KILLS):
        enough = len(asking.receipts) + ANSWERS_BETWEEN
        eventually(lambda: len(asking.receipts) >= enough, what="answers")  # noqa: B023 - called at once
        victim = api.worker_pids()[0]
        left = segment_of(victim)
        os.kill(victim, signal.SIGKILL)
        eventually(
            lambda: len(api.worker_pids()) == 2 and victim not in api.worker_pids(),  # noqa: B023 - called at once
            what="a new worker",
        )
        yield left


def test_every_check_answered_by_a_worker_that_is_killed_is_in_the_journal(
    deployment: Deployed, api: Api, partner: Partner
) -> None:
    journal = deployment.home / "journal"
    with Asking(api, [partner], LISTED, UNLISTED, clients=4) as asking:
        left = list(kill_workers_under_load(api, asking))
        enough = len(asking.receipts) + ANSWERS_BETWEEN
        eventually(lambda: len(asking.receipts) >= enough, what="answers after the last kill")
        # At the next worker's start, unless the disk is so slow that it has to be tried again.
        eventually(lambda: not any(map(Path.exists, left)), within_s=30, what="seals")

    assert asking.statuses == {200}, asking.unknown
    recorded = recorded_receipts(journal)
    assert asking.receipts <= set(recorded)
    assert len(recorded) == len(set(recorded))
    # A request whose connection broke may have been recorded, and no other.
    assert len(recorded) - len(asking.receipts) <= asking.broken
    for segment in left:
        last = segment.with_suffix(".sealed").read_bytes().splitlines()[-1]
        assert msgspec.json.decode(last.split(b" ", 1)[1], type=SealRecord).seal.recovered
    assert "2 of them still open" in deployment.run("screening", "audit", "verify").stdout


@pytest.mark.slow
def test_no_more_than_the_days_budget_is_answered_whatever_workers_are_killed(
    deployment: Deployed, api: Api
) -> None:
    deployment.environment["INDEXER_DAILY_SELECTORS"] = str(CAP)
    try:
        capped = deployment.add_partner("capped", "--stretch", "light")
    finally:
        del deployment.environment["INDEXER_DAILY_SELECTORS"]
    eventually(lambda: capped.ask(api, LISTED).status_code == 200, what="a list")
    with Asking(api, [capped], *[UNLISTED] * 16, clients=2, pause_s=0.01, anew=True) as killed:
        for _ in kill_workers_under_load(api, killed):
            pass
    assert killed.statuses == {200}, killed.unknown
    with Asking(api, [capped], *[UNLISTED] * 16, clients=2, anew=True) as ended:
        eventually(lambda: 429 in ended.statuses, within_s=60, what="the end of the budget")
        enough = len(ended.answers) + ANSWERS_BETWEEN
        eventually(lambda: len(ended.answers) > enough, what="refusals by both workers")
    assert ended.statuses == {200, 429}
    answered = 16 * len(killed.receipts | ended.receipts)
    # What a killed worker had leased, the other had, or a request lost that got no answer; and
    # five times the standard error of a sketch.
    lost = (KILLS + 2) * (CAP // 1_000 + 32) + 16 * (killed.broken + 2) + 5 * 0.0081 * CAP
    assert CAP - lost <= answered <= CAP + lost


@pytest.mark.slow
def test_metrics_forget_the_gauges_of_a_worker_that_was_killed(
    deployment: Deployed, api: Api, partner: Partner
) -> None:
    key_id = partner.kit.token_key.key_id
    before = eventually(lambda: metric(api, "screening_release", key_id=key_id), what="a gauge")
    for victim in api.worker_pids():
        os.kill(victim, signal.SIGKILL)
        eventually(lambda: victim not in api.worker_pids(), what="its end")  # noqa: B023 - called at once
    deployment.publish([(*LISTED, "trafficker")])
    # Else the lowest release would be the dead worker's for ever.
    eventually(
        lambda: metric(api, "screening_release", key_id=key_id) == before + 1,
        what="the new release",
    )


@pytest.mark.slow
def test_sync_that_is_killed_is_started_again_and_brings_new_releases(
    deployment: Deployed, api: Api, partner: Partner
) -> None:
    killed = api.sync_pid()
    os.kill(killed, signal.SIGKILL)
    assert partner.results(api, LISTED, NEXT) == ["match", "no_match"]
    eventually(lambda: api.find_sync_pid() not in (None, killed), what="a new sync")
    deployment.publish([(*LISTED, "trafficker"), (*NEXT, "buyer")])
    eventually(
        lambda: partner.results(api, LISTED, NEXT) == ["match", "match"], what="the new release"
    )


def test_when_the_supervisor_is_killed_all_its_processes_end_and_the_next_one_starts(
    deployment: Deployed, api: Api, partner: Partner
) -> None:
    family = [api.process.pid, *children_of(api.process.pid)]
    assert len(family) >= 4  # two workers and sync
    receipts = {partner.ask(api, LISTED).json()["receipt"] for _ in range(10)}
    with Asking(api, [partner], LISTED, clients=2) as asking:
        eventually(lambda: len(asking.receipts) > 20, what="answers")
        os.kill(api.process.pid, signal.SIGKILL)
        eventually(
            lambda: not any(is_running(pid) for pid in family[1:]),
            within_s=10,
            what="the end of all that was left",
        )
    again = deployment.serve(workers=1)
    deployment.wait_ready(again)
    assert partner.results(again, LISTED, UNLISTED) == ["match", "no_match"]
    assert receipts | asking.receipts <= set(recorded_receipts(deployment.home / "journal"))

    again.stop()
    assert not list((deployment.home / "journal").glob("*.open"))
    assert "0 of them still open" in deployment.run("screening", "audit", "verify").stdout


@pytest.mark.slow
def test_when_the_supervisor_is_killed_even_what_is_stopped_ends(
    deployment: Deployed, partner: Partner, api: Api
) -> None:
    api.stop()  # unless another test has killed it
    api = deployment.serve(workers=2, **PATIENT_WITH_REDIS)
    wait_until_every_worker_is_ready(api, 2)
    assert partner.results(api, LISTED) == ["match"]
    family = children_of(api.process.pid)
    for pid in (api.sync_pid(), api.worker_pids()[0]):
        os.kill(pid, signal.SIGSTOP)
    os.kill(api.process.pid, signal.SIGKILL)
    eventually(lambda: not any(map(is_running, family)), what="the end of all that was left")
    assert not list((deployment.home / "journal").glob("*.open"))
    assert "none is running" in deployment.indexer("status").stdout  # sync has withdrawn
