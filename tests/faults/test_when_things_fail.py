"""Each row of "when things fail" has tests named after it: `ROWS` says which, and where they are.

Those that stand here need what only this folder has; the others stand with what they are about.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from tests.harness.asking import Asking
from tests.harness.deployment import Api, Partner, deployed_beside_valkey
from tests.harness.fault_proxy import FAULTS, Fault, FaultProxy
from tests.harness.processes import eventually
from tests.harness.slow import slow_but_first
from tests.harness.template import Template

TESTS: Final = Path(__file__).parents[1]
ROWS: Final = {
    "Redis down, slow, stopped, reset mid-reply": (
        "journeys/test_redis_gone.py::"
        "test_without_redis_answers_go_on_until_the_sync_age_and_recover_with_it",
        "journeys/test_redis_gone.py::"
        "test_a_redis_that_cuts_connections_or_is_slow_never_makes_a_wrong_answer",
        "faults/test_when_things_fail.py::"
        "test_redis_behind_a_faulty_network_is_the_truth_or_store_and_soon_whole_again",
        "generations/test_confirming.py::"
        "test_a_connection_that_is_taken_and_reset_at_once_is_never_a_no_nor_a_failure",
    ),
    "Redis emptied, rolled back or tampered with": (
        "journeys/test_tampering.py::"
        "test_an_emptied_redis_changes_nothing_and_the_next_publish_mends_it",
        "journeys/test_tampering.py::test_old_heads_put_back_are_not_taken_even_after_a_restart",
        "journeys/test_tampering.py::test_a_head_with_one_byte_changed_is_not_taken",
    ),
    "publisher dies at any step": (
        "journeys/test_indexer_killed.py::"
        "test_publish_killed_before_any_step_leaves_one_list_whole_and_the_next_one_works",
        "journeys/test_indexer_killed.py::"
        "test_publish_killed_within_any_redis_command_leaves_one_list_whole",
    ),
    "artefact corrupt": (
        "journeys/test_tampering.py::"
        "test_a_generation_with_a_false_artefact_is_not_loaded_and_the_one_before_stays",
        "journeys/test_damaged_cache.py::"
        "test_a_damaged_file_in_the_cache_is_not_loaded_and_is_fetched_again",
    ),
    "journal cannot be written (disk full, I/O error)": (
        "journeys/test_full_disk.py::"
        "test_with_a_full_disk_everything_is_unavailable_until_space_returns",
        "faults/test_system_calls.py::"
        "test_while_a_disk_fails_all_is_audit_and_the_next_segment_continues_the_failed_one",
        "ledger/test_faults_at_every_step.py::"
        "test_after_a_failure_at_any_step_the_same_writer_goes_on_and_loses_nothing",
    ),
    "worker killed": (
        "journeys/test_processes_killed.py::"
        "test_every_check_answered_by_a_worker_that_is_killed_is_in_the_journal",
    ),
    "overload": (
        "api/test_unavailable.py::"
        "test_more_requests_than_a_worker_takes_on_are_shed_and_the_first_is_answered",
        "faults/test_when_things_fail.py::"
        "test_overload_is_shed_early_and_who_is_taken_on_is_answered_in_time",
    ),
}
LISTED: Final = ("phone", "+12025550142")
UNLISTED: Final = ("phone", "+12025550100")
PATIENCE_S: Final = 2.0
"""Far beyond any answer here, far below what retries or a stopped server cost who waits."""
RECOVERY_S: Final = 10.0
ASKED: Final = 20
IN_FLIGHT: Final = 4


@pytest.mark.parametrize("row", ROWS)
def test_every_row_has_tests_of_its_name(row: str) -> None:
    for test in ROWS[row]:
        path, _, name = test.partition("::")
        assert re.search(rf"^def {name}\(", (TESTS / path).read_text(), re.MULTILINE), test


@pytest.mark.parametrize("row", ROWS)
def test_every_row_has_a_test_that_is_not_slow(row: str) -> None:
    parted = [test.partition("::") for test in ROWS[row]]
    slow = [
        f"@pytest.mark.slow\ndef {name}(" in (TESTS / path).read_text() for path, _, name in parted
    ]
    assert not all(slow)


@dataclass(frozen=True)
class Host:
    """An API that confirms each match in Redis, and is asked through a proxy only."""

    proxy: FaultProxy
    api: Api
    partner: Partner

    def told(self, *selectors: tuple[str, str]) -> tuple[str, ...]:
        """Return the results, or the reason why there are none."""
        answer = self.partner.ask(self.api, *selectors)
        assert answer.elapsed.total_seconds() < PATIENCE_S
        assert answer.status_code in (200, 503)
        document = answer.json()
        return tuple(document["results"]) if "results" in document else (document["reason"],)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory, template: Template) -> Iterator[Host]:
    with deployed_beside_valkey(tmp_path_factory, template, LISTED) as (deployed, valkey):
        partner = deployed.add_partner("acme", "--stretch", "none", "--allow-unstretched")
        with FaultProxy(str(valkey.socket), seed=1) as proxy:
            settings = {
                "SCREENING_REDIS_URL": proxy.url,
                "SCREENING_LOCAL_DIGESTS_MB": "0",
                "SCREENING_MAX_IN_FLIGHT": str(IN_FLIGHT),
            }
            api = deployed.serve(workers=1, **settings)
            deployed.wait_ready(api)
            yield Host(proxy, api, partner)


@slow_but_first(3, "fault", FAULTS)
def test_redis_behind_a_faulty_network_is_the_truth_or_store_and_soon_whole_again(
    host: Host, fault: Fault
) -> None:
    whole = ("match", "no_match")
    eventually(lambda: host.told(LISTED, UNLISTED) == whole, what="an ordinary answer")
    host.proxy.set(fault, delay_s=0.5, cut_after=40)
    try:
        found = {host.told(LISTED, UNLISTED) for _ in range(ASKED)}
        assert found <= {whole, ("store",)}
        assert ("store",) in found
        assert host.told(UNLISTED) == ("no_match",)
    finally:
        host.proxy.set("pass")
    eventually(
        lambda: host.told(LISTED, UNLISTED) == whole,
        within_s=RECOVERY_S,
        what="an ordinary answer",
    )


def test_overload_is_shed_early_and_who_is_taken_on_is_answered_in_time(host: Host) -> None:
    with Asking(host.api, [host.partner], UNLISTED, clients=8 * IN_FLIGHT) as asking:
        eventually(lambda: 503 in asking.statuses, what="a refusal")
        enough = len(asking.answers) + 200
        eventually(lambda: len(asking.answers) > enough, what="answers beside refusals")
    assert asking.broken == 0
    assert asking.statuses == {200, 503}
    assert asking.results == {("no_match",)}
    refused = [answer for answer in asking.answers if answer.status_code == 503]
    assert {answer.json()["reason"] for answer in refused} == {"overloaded"}
    assert all("retry-after" in answer.headers for answer in refused)
    taken = sorted(answer.elapsed for answer in asking.answers if answer.status_code == 200)
    assert taken[len(taken) // 2].total_seconds() < PATIENCE_S
    eventually(lambda: host.told(UNLISTED) == ("no_match",), within_s=RECOVERY_S, what="an answer")
