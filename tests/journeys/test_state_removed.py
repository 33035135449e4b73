"""Someone removes or moves away what a server keeps, while it runs: no answer goes unrecorded."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from screening.api.cache import Cache
from tests.harness.deployment import Api, Deployed, Partner
from tests.harness.metrics import metric
from tests.harness.processes import eventually
from tests.harness.slow import slow_but_first
from tests.ledger.looking import read_records

LISTED = ("phone", "+12025550142")
NEXT = ("email", "next@listed.example")
UNLISTED = ("phone", "+12025550100")


@pytest.fixture
def partner(deployed: Deployed) -> Partner:
    deployed.publish([(*LISTED, "trafficker")])
    return deployed.add_partner("acme", "--stretch", "light")


@pytest.fixture
def api(deployed: Deployed, partner: Partner) -> Iterator[Api]:
    running = deployed.serve(workers=1, SCREENING_POLL_MS="100")
    deployed.wait_ready(running)
    yield running
    running.stop()


def told(partner: Partner, api: Api, *selectors: tuple[str, str]) -> tuple[int, str]:
    """Return the status, and the result or why there is none."""
    answer = partner.ask(api, *selectors)
    document = answer.json()
    return answer.status_code, document.get("result") or document.get("reason")


def receipts(journal: Path) -> set[str]:
    return {msgspec.json.decode(payload)["receipt"] for _, _, payload in read_records(journal)}


@slow_but_first(1, "is_moved", [True, False])
def test_no_answer_leaves_while_its_record_would_lie_where_nobody_looks(
    deployed: Deployed, partner: Partner, api: Api, is_moved: bool
) -> None:
    journal, aside = deployed.home / "journal", deployed.home / "aside"
    given = {partner.ask(api, LISTED).json()["receipt"]}
    if is_moved:
        journal.rename(aside)
    else:
        remove_at_once(journal)
    for _ in range(5):
        assert told(partner, api, LISTED) == (503, "audit")
        assert told(partner, api, UNLISTED) == (503, "audit")

    if is_moved:
        aside.rename(journal)
    else:
        journal.mkdir(mode=0o700)
        given.clear()
    eventually(lambda: told(partner, api, LISTED) == (200, "match"), what="an answer")
    given |= {partner.ask(api, LISTED).json()["receipt"]}
    assert given <= receipts(journal)
    verified = deployed.run("screening", "audit", "verify", expect=0 if is_moved else 1)
    assert is_moved or "acknowledged, but missing" in verified.stderr


def remove_at_once(folder: Path) -> None:
    """Remove a folder in one step: file by file, it would be laid down again meanwhile."""
    aside = folder.with_name(f"{folder.name}.removed")
    folder.rename(aside)
    shutil.rmtree(aside)


@pytest.mark.slow
def test_a_cache_that_is_removed_is_laid_down_again_whole(
    deployed: Deployed, partner: Partner, api: Api
) -> None:
    cache = Cache(deployed.home)
    remove_at_once(cache.directory)
    assert told(partner, api, LISTED, UNLISTED) == (200, "match")
    eventually(lambda: cache.read_documents().heads, what="the documents")
    eventually(cache.read_loaded, what="the worker's word")
    assert "in force on 1 API host" in deployed.publish([(*NEXT, "buyer")]).stdout
    assert told(partner, api, NEXT) == (200, "match")

    remove_at_once(cache.directory)
    eventually(lambda: cache.read_documents().heads, what="the documents")
    eventually(lambda: list(cache.directory.glob("generations/*/*/filter")), what="the filter")
    (worker,) = api.worker_pids()
    os.kill(worker, signal.SIGKILL)  # another one finds all that it needs
    eventually(lambda: api.worker_pids() not in ([], [worker]), what="another worker")
    eventually(lambda: told(partner, api, NEXT) == (200, "match"), what="its answer")


@pytest.mark.slow
def test_without_a_place_for_allowances_nothing_is_granted_until_it_is_back(
    deployed: Deployed, partner: Partner, api: Api
) -> None:
    allowance = deployed.home / "allowance"
    shutil.rmtree(allowance)
    assert told(partner, api, LISTED) == (503, "audit")
    allowance.mkdir(mode=0o700)
    assert told(partner, api, LISTED) == (200, "match")


@pytest.mark.slow
def test_a_journal_that_was_altered_raises_an_alarm_when_its_worker_has_died(
    deployed: Deployed, partner: Partner, api: Api
) -> None:
    assert told(partner, api, LISTED) == (200, "match")
    (worker,) = api.worker_pids()
    (segment,) = (deployed.home / "journal").glob("*.open")
    content = segment.read_bytes()
    segment.write_bytes(content.replace(b'"acme"', b'"acne"'))
    os.kill(worker, signal.SIGKILL)
    eventually(
        lambda: metric(api, "screening_alarms_total", what="journal_damaged") >= 1, what="an alarm"
    )
    eventually(lambda: told(partner, api, LISTED) == (200, "match"), what="an answer")
