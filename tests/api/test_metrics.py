"""What the private port tells: sums over all workers, and no name that a caller could choose."""

import json
import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from screening.alarms import ALARMS
from screening.vocabulary.feedback import OUTCOMES
from tests.api.raw_http import Connection
from tests.api.standing import LISTED, TEST_LISTED, Standing, random_tokens
from tests.api.workers import EveryWorker
from tests.harness import plain_http
from tests.harness.deployment import Api, Deployed
from tests.harness.metrics import metric, settled
from tests.harness.processes import eventually

PUBLIC_LABELS: dict[str, set[str]] = {
    "route": {"check", "bulk", "proof", "feedback", "notices", "other", "test"},
    "mode": {"live", "test"},
    "outcome": set(OUTCOMES),
    "result": {"match", "no_match", "invalid"},
    "reason": {"", "index", "stale", "audit", "overloaded", "store"},
}


OPERATIONS = Path(__file__).parents[2] / "docs/operations.md"
RULES_OF_REFUSALS: tuple[str, ...] = ("check", "bulk", "notices")
"""The routes of which an alert rule (docs/operations.md) looks at what is unavailable."""


@pytest.fixture
def every_worker(standing: Standing) -> Iterator[EveryWorker]:
    with EveryWorker(standing.api) as workers:
        yield workers


def test_results_are_summed_over_all_workers(standing: Standing, every_worker: EveryWorker) -> None:
    partner = standing.tester
    body = partner.body(*TEST_LISTED[:2])
    body["selectors"] += [
        {"kind": "phone", "token": random_tokens(1)[0]},
        {"kind": "?", "token": ""},
    ]

    def counted() -> dict[str, float]:
        return {
            result: metric(standing.api, "screening_results_total", route="bulk", result=result)
            for result in ("match", "no_match", "invalid")
        }

    before = settled(counted)
    asked = 0
    for worker in every_worker:
        for _ in range(3):
            status, _ = worker.ask(partner, body, route="bulk")
            assert status == 200
            asked += 1
    assert asked == 6
    expected = {
        result: before[result] + asked * each
        for result, each in {"match": 2, "no_match": 1, "invalid": 1}.items()
    }
    # Workers bring their counts to the shared files a few times a second.
    eventually(lambda: counted() == expected, within_s=5, what="the sum of both workers")


def test_answers_are_timed_on_all_workers(standing: Standing, every_worker: EveryWorker) -> None:
    name = "screening_latency_seconds"

    def counted() -> tuple[float, float, float]:
        return (
            metric(standing.api, f"{name}_count", route="check"),
            metric(standing.api, f"{name}_bucket", route="check", le="+Inf"),
            metric(standing.api, f"{name}_sum", route="check"),
        )

    before = settled(counted)
    for worker in every_worker:
        assert worker.ask(standing.tester, standing.tester.body(TEST_LISTED[0]))[0] == 200
    eventually(lambda: counted()[0] == before[0] + 2, within_s=5, what="two timed answers")
    after = counted()
    assert after[1] == before[1] + 2
    assert 0 < after[2] - before[2] < 10


def test_refusals_are_counted_by_code_on_all_workers(
    standing: Standing, every_worker: EveryWorker
) -> None:
    def counted() -> float:
        return metric(
            standing.api, "screening_refusals_total", route="check", code="kit_mismatch", reason=""
        )

    before = counted()
    body = standing.bulker.body(LISTED[0]) | {"key_check": "AAAAAAAAAAA="}
    for worker in every_worker:
        assert worker.ask(standing.bulker, body)[0] == 409
    eventually(lambda: counted() == before + 2, within_s=5, what="two refusals")


def test_what_the_connection_refuses_is_counted_and_logged_under_its_id(standing: Standing) -> None:
    def counted() -> float:
        return metric(
            standing.api, "screening_refusals_total", route="other", code="invalid_request"
        )

    before = counted()
    with Connection(standing.api.url) as connection:
        connection.send(b"no HTTP at all\r\n\r\n")
        refused = connection.response()
    assert refused.status == 400
    eventually(lambda: counted() == before + 1, within_s=5, what="a refusal")
    request_id = refused.headers["x-request-id"]
    events = [
        json.loads(line)
        for line in standing.api.process.logged().splitlines()
        if request_id in line
    ]
    assert [(one["event"], one["code"]) for one in events] == [("refused", "invalid_request")]


def test_the_age_and_size_of_every_list_are_told(standing: Standing) -> None:
    key_id = standing.checker.kit.token_key.key_id
    eventually(
        lambda: metric(standing.api, "screening_list_selectors", key_id=key_id) == len(LISTED),
        what="the gauges of a list",
    )
    assert metric(standing.api, "screening_release", key_id=key_id) >= 1
    assert 0 <= metric(standing.api, "screening_list_age_seconds", key_id=key_id) < 3_600
    assert 0 <= metric(standing.api, "screening_sync_age_seconds", key_id=key_id) < 60


def test_what_an_alert_rule_looks_at_is_there_before_it_happens(deployed: Deployed) -> None:
    """`increase()` of Prometheus is 0 for a series that is born at 1, as one canary's would be."""
    deployed.indexer("init")
    text = plain_http.get(deployed.serve().metrics_url, timeout=5).text
    samples = [
        sample for family in text_string_to_metric_families(text) for sample in family.samples
    ]
    alarms = {
        one.labels["what"]: one.value for one in samples if one.name == "screening_alarms_total"
    }
    assert alarms == dict.fromkeys(ALARMS, 0)
    refusals = {
        (one.labels["route"], one.labels["code"], one.labels["reason"]): one.value
        for one in samples
        if one.name == "screening_refusals_total"
    }
    for route in RULES_OF_REFUSALS:
        for reason in PUBLIC_LABELS["reason"] - {""}:
            assert refusals[route, "unavailable", reason] == 0
    assert 'screening_latency_seconds_bucket{le="+Inf",route="check"} 0.0\n' in text


def test_the_manual_says_what_each_alarm_is() -> None:
    manual = OPERATIONS.read_text()
    assert [what for what in ALARMS if f"`{what}`" not in manual] == []


def test_that_the_log_is_signed_shows_as_long_as_it_goes_on(standing: Standing) -> None:
    def signed_at() -> float:
        return metric(standing.api, "screening_log_signed_timestamp_seconds")

    before = eventually(signed_at, what="a log that is signed")
    eventually(lambda: signed_at() > before, what="a log that is signed again")


def test_labels_are_words_of_ours_and_public_names(standing: Standing) -> None:
    partner = standing.tester
    standing.post("check", partner.body(*TEST_LISTED), partner)
    standing.post("bulk", partner.body(*TEST_LISTED), standing.checker)
    standing.post("check", {"key_id": "acme-2026a"}, partner)
    standing.client.get("/nowhere")

    def whole() -> str:
        scraped = plain_http.get(standing.api.metrics_url).text
        return scraped if 'result="match"' in scraped and 'code="forbidden"' in scraped else ""

    text = eventually(whole, within_s=5, what="counts of answers and refusals")
    key_ids = {
        one.kit.token_key.key_id
        for one in (
            standing.checker,
            standing.bulker,
            standing.tester,
            standing.hurried,
            standing.capped,
        )
    }
    allowed = PUBLIC_LABELS | {"key_id": key_ids}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            for name, value in sample.labels.items():
                if name in allowed:
                    assert value in allowed[name]
                else:
                    assert name in ("le", "code", "what")
                    assert re.fullmatch(r"[a-z_]+|[0-9.e+-]+|\+Inf", value)
    assert partner.kit.parsed_api_key().id not in text
    for row in partner.body(*TEST_LISTED)["selectors"]:
        assert row["token"] not in text


def test_one_who_sends_nothing_keeps_nobody_from_the_metrics(standing: Standing) -> None:
    with ExitStack() as stack:
        for _ in range(4):
            hanging = stack.enter_context(Connection(standing.api.metrics_url))
            hanging.send(b"GET /metr")
        assert plain_http.get(standing.api.metrics_url, timeout=4).status_code == 200


def test_more_than_are_answered_at_a_time_are_hung_up_on(standing: Standing) -> None:
    with ExitStack() as stack:
        hanging = []
        for _ in range(32):
            hanging.append(stack.enter_context(Connection(standing.api.metrics_url)))
            hanging[-1].send(b"GET /metr")
        assert hanging[-1].is_answered(within_s=4)
        assert not hanging[0].is_answered(within_s=0)
    eventually(lambda: is_scraped(standing.api), what="metrics again")


def is_scraped(api: Api) -> bool:
    try:
        return plain_http.get(api.metrics_url, timeout=4).status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.parametrize(
    "sent", [b"GET /canary canary HTTP/9.9 canary\r\n\r\n", b"CANARY /canary HTTP/1.1\r\n\r\n"]
)
def test_what_is_no_request_is_refused_without_an_echo(standing: Standing, sent: bytes) -> None:
    parts = urlsplit(standing.api.metrics_url)
    with socket.create_connection((parts.hostname, parts.port), 10) as connection:
        connection.sendall(sent)
        received = b"".join(iter(lambda: connection.recv(4096), b""))
    assert received
    assert b"canary" not in received.lower()
    assert (b"\r\nAllow: GET\r\n" in received) == received.startswith(b"HTTP/1.0 405 ")
