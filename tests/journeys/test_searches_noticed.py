"""A search of the list is noticed: canaries raise an alert out of band, and restrict by policy."""

import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.harness import plain_http
from tests.harness.deployment import Api, Deployed, Partner
from tests.harness.metrics import metric
from tests.harness.processes import children_named, eventually
from tests.harness.receiver import Receiver
from tests.journeys.searching import CANARIES, LISTED, canaries_told, serve


def test_a_canary_answers_like_any_other_and_an_alert_names_who_asked_and_no_selector(
    deployed: Deployed, acme: Partner, receiver: Receiver
) -> None:
    api = serve(deployed, receiver)
    listed, canary = (acme.ask(api, one) for one in (LISTED[0], CANARIES[0]))
    assert canary.json()["result"] == "match"
    assert len(canary.content) == len(listed.content)
    assert canary.headers.keys() == listed.headers.keys()
    eventually(lambda: canaries_told(receiver), what="an alert")
    (told,) = canaries_told(receiver)
    assert told["receipt"] == canary.json()["receipt"]
    assert (told["partner"], told["key_id"]) == ("acme", acme.kit.token_key.key_id)
    assert told["api_key"] in acme.kit.api_key
    assert told.keys() == {"host", "partner", "api_key", "key_id", "generation", "receipt"}
    assert acme.token(*CANARIES[0]).hex() not in json.dumps(told)
    eventually(
        lambda: metric(api, "screening_alarms_total", what="canary_matched") == 1,
        what="the count of it",
    )
    logged = [json.loads(line) for line in api.process.logged().splitlines() if line[:1] == "{"]
    (line,) = [one for one in logged if one["event"] == "a canary matched"]
    assert line["receipt"] == told["receipt"]
    looked = deployed.run("screening", "audit", "who", "--purpose", "a canary").stdout
    assert "canary" not in looked  # the record is like any other


def test_a_canary_in_an_answer_that_is_kept_back_raises_an_alert_that_names_its_record(
    deployed: Deployed, acme: Partner, receiver: Receiver
) -> None:
    bulker = deployed.folder / "bulker.kit.json"
    key = ("partner", "key", "add", "acme", "--kit", str(bulker), "--scopes", "check,bulk")
    deployed.indexer(*key, "--api-url", "http://127.0.0.1:8080")
    deployed.indexer("partner", "limits", "acme", "--matches", "17")
    api = serve(deployed, receiver)
    asked = [*LISTED, *CANARIES]
    assert len(asked) > 17
    eventually(
        lambda: Partner(bulker).ask(api, *asked, route="bulk").status_code == 429,
        what="an answer that is kept back",
    )
    eventually(lambda: canaries_told(receiver), what="an alert")
    looked = deployed.run("screening", "audit", "who", "--purpose", "a canary").stdout
    assert canaries_told(receiver)[0]["receipt"] in looked


@pytest.mark.slow
def test_a_canary_of_one_partner_is_nobody_to_another(
    deployed: Deployed, acme: Partner, receiver: Receiver
) -> None:
    zeta = deployed.add_partner("zeta", "--stretch", "none", "--allow-unstretched")
    api = serve(deployed, receiver)
    assert zeta.results(api, *CANARIES) == ["no_match"] * 10
    assert acme.results(api, CANARIES[0]) == ["match"]
    eventually(lambda: canaries_told(receiver), what="an alert")
    assert {told["partner"] for told in canaries_told(receiver)} == {"acme"}


def test_a_partner_is_held_on_every_host_by_its_own_setting_until_a_person_lifts_it(
    deployed: Deployed, acme: Partner, receiver: Receiver, tmp_path: Path
) -> None:
    deployed.indexer("partner", "limits", "acme", "--on-suspicion", "hold")
    hosts = [
        serve(deployed, receiver),
        serve(deployed, receiver, tmp_path / "other"),
    ]
    assert acme.results(hosts[0], CANARIES[0]) == ["match"]
    for api in hosts:
        wait_for(429, api, acme)
    assert "partner   acme is held" in deployed.indexer("status").stdout
    eventually(lambda: receiver.of("partner.held"), what="an alert of the hold")
    deployed.indexer("partner", "lift", "acme")
    for api in hosts:
        wait_for(200, api, acme)


def test_a_throttled_partner_is_answered_at_a_part_of_its_rate(
    deployed: Deployed, acme: Partner, receiver: Receiver
) -> None:
    deployed.indexer("partner", "limits", "acme", "--on-suspicion", "throttle")
    api = serve(deployed, receiver)
    assert '"second";q=20000' in acme.ask(api, LISTED[0]).headers["ratelimit-policy"]
    assert acme.results(api, CANARIES[0]) == ["match"]
    eventually(
        lambda: '"second";q=1000;' in acme.ask(api, LISTED[0]).headers["ratelimit-policy"],
        what="a twentieth of the rate",
    )
    eventually(lambda: receiver.of("partner.throttled"), what="an alert of it")
    told = plain_http.get(f"{api.url}/v1/parameters", headers=acme.headers).json()["limits"]
    assert (told["selectors_per_second"], told["burst_selectors"]) == (1_000, 1_000)
    deployed.indexer("partner", "lift", "acme")
    eventually(
        lambda: '"second";q=20000' in acme.ask(api, LISTED[0]).headers["ratelimit-policy"],
        what="the whole rate",
    )


@pytest.mark.slow
def test_proofs_are_throttled_like_questions(
    deployed: Deployed, acme: Partner, receiver: Receiver
) -> None:
    limits = ("--per-second", "20", "--on-suspicion", "throttle")
    deployed.indexer("partner", "limits", "acme", *limits)
    api = serve(deployed, receiver)
    assert acme.results(api, CANARIES[0]) == ["match"]
    eventually(lambda: receiver.of("partner.throttled"), what="a throttle")

    def ask_for_proof(_: int) -> int:
        asked = {"receipt": "a" * 26}
        address = f"{api.url}/v1/receipts/proof"
        return plain_http.post(address, json=asked, headers=acme.headers, timeout=10).status_code

    with ThreadPoolExecutor(8) as clients:  # fewer than twenty, more than one
        assert 429 in set(clients.map(ask_for_proof, range(8)))


def test_a_hit_rate_that_is_not_the_partners_own_is_an_alert(
    deployed: Deployed, acme: Partner, receiver: Receiver
) -> None:
    api = serve(deployed, receiver)
    assert set(acme.results(api, *LISTED[:10])) == {"match"}
    assert set(acme.results(api, *LISTED[10:])) == {"match"}
    eventually(lambda: receiver.of("partner.hit_rate"), what="an alert")
    assert acme.results(api, LISTED[0]) == ["match"]  # nothing else is done unless it is set
    assert canaries_told(receiver) == []


@pytest.mark.slow
def test_a_receiver_that_is_down_and_a_host_that_is_killed_lose_no_alert(
    deployed: Deployed, acme: Partner, receiver: Receiver
) -> None:
    receiver.status = 503
    api = serve(deployed, receiver)
    receipts = {acme.ask(api, one).json()["receipt"] for one in CANARIES[:5]}
    outbox = deployed.home / "outbox"
    eventually(lambda: len(list(outbox.glob("*.json"))) >= 5, what="alerts on disk")
    (sender,) = children_named(api.process.pid, "gen-alerts")
    os.kill(sender, signal.SIGKILL)
    for pid in api.worker_pids():
        os.kill(pid, signal.SIGKILL)
    receiver.status = 204
    eventually(lambda: len(canaries_told(receiver)) == 5, what="all alerts")
    assert {told["receipt"] for told in canaries_told(receiver)} == receipts


@pytest.mark.slow
def test_test_keys_raise_nothing(deployed: Deployed, acme: Partner, receiver: Receiver) -> None:
    tester = deployed.add_partner("tester", "--test")
    api = serve(deployed, receiver)
    for _ in range(3):
        assert tester.results(api, *[("phone", "+12025550199")] * 16) == ["match"] * 16
    assert acme.results(api, CANARIES[0]) == ["match"]
    eventually(lambda: canaries_told(receiver), what="an alert of the other")
    assert {event["type"] for event in receiver.events.values()} == {"canary.matched"}


def wait_for(status: int, api: Api, partner: Partner) -> None:
    eventually(
        lambda: {ask(api, partner).status_code for _ in range(6)} == {status}, what=f"a {status}"
    )


def ask(api: Api, partner: Partner) -> httpx.Response:
    return partner.ask(api, LISTED[0])
