"""`POST /v1/feedback`: what a partner says of its own matches is on record, and of nothing else."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import httpx
import pytest

from screening.vocabulary.wire import CHECK_MAX_BODY_BYTES
from tests.harness import plain_http
from tests.harness.deployment import Api, Deployed, Partner, deployed_beside_valkey
from tests.harness.metrics import metric
from tests.harness.processes import eventually
from tests.harness.template import Template
from tests.ledger.looking import read_records

LISTED: Final = (("phone", "+12025550142"), ("email", "listed@booking.example"))
UNLISTED: Final = ("email", "traveller@booking.example")
TEST_LISTED: Final = ("phone", "+1 202 555 0199")
UNKNOWN: Final = "a" * 26
OUTCOMES: Final = ("confirmed", "false", "unsure")


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory, template: Template) -> Iterator[Deployed]:
    with deployed_beside_valkey(tmp_path_factory, template, *LISTED) as (running, _):
        yield running


@pytest.fixture(scope="module")
def partner(deployed: Deployed) -> Partner:
    return deployed.add_partner("acme", "--stretch", "light", "--scopes", "bulk,check")


@pytest.fixture(scope="module")
def other(deployed: Deployed) -> Partner:
    return deployed.add_partner("beta", "--stretch", "light")


@pytest.fixture(scope="module")
def tester(deployed: Deployed) -> Partner:
    return deployed.add_partner("tester", "--test", "--stretch", "none")


@pytest.fixture(scope="module")
def api(deployed: Deployed, partner: Partner, other: Partner, tester: Partner) -> Iterator[Api]:
    running = deployed.serve(workers=2)
    deployed.wait_ready(running)
    eventually(lambda: "up to date" in deployed.indexer("status").stdout, what="all lists")
    yield running
    running.stop()


def say(api: Api, receipt: str, outcome: str, partner: Partner) -> httpx.Response:
    """Say it until that is answered: the log of a host that has just begun may not be there yet."""

    def certain() -> httpx.Response | None:
        reply = plain_http.post(
            f"{api.url}/v1/feedback",
            json={"receipt": receipt, "outcome": outcome},
            headers=partner.headers,
            timeout=10,
        )
        return reply if reply.status_code != 503 else None

    return eventually(certain, what="an answer")


def matched(api: Api, partner: Partner, *selectors: tuple[str, str], route: str = "check") -> str:
    answer = partner.ask(api, *(selectors or LISTED[:1]), route=route)
    assert answer.status_code == 200, answer.text
    receipt: str = answer.json()["receipt"]
    return receipt


def on_record(deployed: Deployed, receipt: str) -> list[dict[str, Any]]:
    """Return what is on record of an answer, but for that itself, in order of time."""
    payloads = [payload for _, _, payload in read_records(deployed.home / "journal")]
    named = [json.loads(payload) for payload in payloads if f'"of":"{receipt}.'.encode() in payload]
    return sorted(named, key=lambda record: str(record["at"]))


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_what_is_said_of_a_match_is_on_record_when_the_answer_arrives(
    deployed: Deployed, api: Api, partner: Partner, outcome: str
) -> None:
    receipt = matched(api, partner, UNLISTED, LISTED[0])
    taken = say(api, receipt, outcome, partner)
    assert (taken.status_code, taken.json()) == (
        200,
        {"receipt": f"{receipt}.1", "outcome": outcome},
    )
    (record,) = on_record(deployed, receipt)
    assert record.pop("at").endswith("Z")
    assert record == {
        "type": "feedback",
        "of": f"{receipt}.1",
        "outcome": outcome,
        "partner": "acme",
        "api_key": partner.kit.parsed_api_key().id,
        "mode": "live",
    }


def test_a_row_of_a_bulk_answer_is_named_by_its_number(
    deployed: Deployed, api: Api, partner: Partner
) -> None:
    receipt = matched(api, partner, LISTED[0], UNLISTED, LISTED[1], route="bulk")
    refused = say(api, receipt, "false", partner)
    assert (refused.status_code, refused.json()["code"]) == (409, "row_not_named")
    assert say(api, f"{receipt}.2", "false", partner).json()["receipt"] == f"{receipt}.2"
    assert [record["of"] for record in on_record(deployed, receipt)] == [f"{receipt}.2"]


def test_said_again_it_is_answered_the_same_and_a_later_outcome_stands_behind_the_first(
    deployed: Deployed, api: Api, partner: Partner
) -> None:
    receipt = matched(api, partner)
    first, again = (say(api, receipt, "unsure", partner) for _ in range(2))
    assert first.content == again.content
    assert say(api, f"{receipt}.0", "false", partner).status_code == 200
    said = [(record["of"], record["outcome"]) for record in on_record(deployed, receipt)]
    assert said == [(f"{receipt}.0", outcome) for outcome in ("unsure", "unsure", "false")]


def test_whatever_is_no_match_of_the_callers_is_one_identical_refusal(
    deployed: Deployed, api: Api, partner: Partner, other: Partner
) -> None:
    receipt = matched(api, partner, LISTED[0], UNLISTED)
    none = matched(api, partner, UNLISTED)
    refused = [
        say(api, receipt, "confirmed", other),
        say(api, f"{receipt}.0", "confirmed", other),
        say(api, UNKNOWN, "confirmed", partner),
        say(api, f"{receipt}.1", "confirmed", partner),
        say(api, f"{receipt}.7", "confirmed", partner),
        say(api, none, "confirmed", partner),
        say(api, f"{none}.0", "confirmed", partner),
    ]
    assert {reply.status_code for reply in refused} == {404}
    assert len({reply.content for reply in refused}) == 1
    assert refused[0].json()["code"] == "no_such_match"
    assert receipt not in refused[0].text
    assert on_record(deployed, receipt) == on_record(deployed, none) == []


def test_a_key_of_any_scope_says_what_became_of_a_match(
    deployed: Deployed, api: Api, partner: Partner
) -> None:
    kit = deployed.folder / "checker.kit.json"
    deployed.indexer(
        "partner", "key", "add", "acme", "--kit", str(kit), "--api-url", api.url,
        "--scopes", "check", "--purpose", "review desk",
    )  # fmt: skip
    reviewer, receipt = Partner(kit), matched(api, partner, route="bulk")

    def accepted() -> bool:
        return say(api, receipt, "confirmed", reviewer).status_code == 200

    eventually(accepted, what="the new key")
    last = on_record(deployed, receipt)[-1]
    assert last["api_key"] == reviewer.kit.parsed_api_key().id
    assert last["key_purpose"] == "review desk"


def test_of_a_test_key_it_is_marked_as_of_nobody(
    deployed: Deployed, api: Api, partner: Partner, tester: Partner
) -> None:
    def counted() -> float:
        return metric(api, "screening_feedback_total", outcome="confirmed")

    say(api, matched(api, partner), "confirmed", partner)
    before = eventually(counted, what="the count")
    receipt = matched(api, tester, TEST_LISTED)
    assert say(api, receipt, "confirmed", tester).status_code == 200
    (record,) = on_record(deployed, receipt)
    assert (record["partner"], record["mode"]) == ("tester", "test")
    say(api, matched(api, partner), "confirmed", partner)
    eventually(lambda: counted() > before, what="the next count")
    assert counted() == before + 1


def test_a_match_that_was_certain_beside_what_was_not_known_is_named_by_its_row(
    api: Api, tester: Partner
) -> None:
    told = tester.ask(api, ("email", "stale@screening.example"), TEST_LISTED)
    assert (told.status_code, told.json()["matches"]) == (503, [1])
    receipt = told.json()["receipt"]
    assert say(api, receipt, "confirmed", tester).json()["receipt"] == f"{receipt}.1"
    assert say(api, f"{receipt}.0", "confirmed", tester).status_code == 404


@pytest.mark.slow
def test_all_outcomes_of_all_rows_are_answered_in_one_length(api: Api, partner: Partner) -> None:
    rows = [UNLISTED] * 10 + [LISTED[0]] + [UNLISTED] * 1_000 + [LISTED[1]]
    receipt = matched(api, partner, *rows, route="bulk")
    replies = [
        say(api, f"{receipt}.{row}", outcome, partner)
        for row in (10, 1_011)
        for outcome in OUTCOMES
    ]
    assert {reply.status_code for reply in replies} == {200}
    assert len({len(reply.content) for reply in replies}) == 1
    heads = [sum(len(a) + len(b) for a, b in reply.headers.raw) for reply in replies]
    assert len(set(heads)) == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b"", None),
        (b"{}", "#/receipt"),
        (b'{"receipt": "' + b"a" * 26 + b'"}', "#/outcome"),
        (b'{"receipt": "' + b"a" * 26 + b'", "outcome": "True"}', "#/outcome"),
        (b'{"receipt": "' + b"a" * 26 + b'", "outcome": false}', "#/outcome"),
        (b'{"receipt": "' + b"A" * 26 + b'", "outcome": "false"}', "#/receipt"),
        (b'{"receipt": "' + b"a" * 26 + b'\\n", "outcome": "false"}', "#/receipt"),
        (b'{"receipt": "' + b"a" * 26 + b'.12345", "outcome": "false"}', "#/receipt"),
        (b'{"receipt": "' + b"a" * 26 + b'", "outcome": "false", "remark": "x"}', "#"),
        (b'{"receipt": "' + b"a" * 26 + b'", "outcome": "false", "outcome": "unsure"}', None),
        (b'{"receipt": "\xff", "outcome": "false"}', None),
        (b"[" * 900, "#"),
    ],
)
def test_a_body_off_the_contract_is_refused_without_an_echo(
    api: Api, partner: Partner, body: bytes, pointer: str | None
) -> None:
    headers = partner.headers | {"content-type": "application/json"}
    reply = plain_http.post(f"{api.url}/v1/feedback", content=body, headers=headers)
    assert (reply.status_code, reply.json()["code"]) == (400, "invalid_request")
    assert reply.json().get("pointer") == pointer
    assert "aaaa" not in reply.text.lower()
    assert "remark" not in reply.text


def test_the_route_refuses_as_every_other_does(api: Api, partner: Partner) -> None:
    url, body = f"{api.url}/v1/feedback", {"receipt": UNKNOWN, "outcome": "false"}
    assert plain_http.get(url, headers=partner.headers).status_code == 405
    assert plain_http.post(url, json=body).status_code == 401
    plain = partner.headers | {"content-type": "text/plain"}
    assert plain_http.post(url, content=b"{}", headers=plain).status_code == 415
    xml = partner.headers | {"accept": "text/xml"}
    assert plain_http.post(url, json=body, headers=xml).status_code == 406
    too_large = body | {"receipt": "a" * CHECK_MAX_BODY_BYTES}
    assert plain_http.post(url, json=too_large, headers=partner.headers).status_code == 413


def test_feedback_counts_against_what_a_partner_may_ask(deployed: Deployed, api: Api) -> None:
    few = deployed.add_partner("few", "--stretch", "none", "--test")
    deployed.indexer("partner", "limits", "few", "--per-second", "1")
    # A worker may not have heard of the partner, or of the limit, at once.
    ended = eventually(
        lambda: reply if (reply := say(api, UNKNOWN, "false", few)).status_code == 429 else None,
        what="a refusal at that rate",
    )
    assert "retry-after" in ended.headers


def test_what_many_say_at_once_is_all_on_record(
    deployed: Deployed, api: Api, partner: Partner
) -> None:
    receipt = matched(api, partner)
    with ThreadPoolExecutor(4) as clients:
        replies = list(
            clients.map(lambda i: say(api, receipt, OUTCOMES[i % 3], partner), range(60))
        )
    assert {reply.status_code for reply in replies} == {200}
    assert len(on_record(deployed, receipt)) == 60
    assert deployed.run("screening", "audit", "verify").stdout.startswith("whole")
