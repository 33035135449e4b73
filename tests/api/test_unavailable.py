"""What is not known is never told as "no": 503 with a reason, and the matches that are certain."""

import base64
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from screening.vocabulary.api_key import new_api_key
from screening.vocabulary.normalise import PHONE_METADATA_VERSION
from screening.vocabulary.tokens import Digester
from tests.api.journal_records import checks_in, digests_of, record_of
from tests.api.raw_http import Connection, request_head
from tests.api.standing import LISTED, UNLISTED, encode
from tests.harness import plain_http
from tests.harness.deployment import Api, Deployed, Partner
from tests.harness.processes import eventually
from tests.harness.reading import commitment
from tests.harness.template import Template
from tests.harness.valkey import Valkey

ADDED = ("email", "added@booking.example")
"""Listed since the index was built: it is matched in what is laid over that."""
SYNC_AGE_S = 2.0
SETTINGS = {
    "SCREENING_MAX_SYNC_AGE_S": str(SYNC_AGE_S),
    "SCREENING_POLL_MS": "100",
    "SCREENING_MAX_IN_FLIGHT": "1",
}
READING = ("/readyz", "/v1/parameters", "/livez")


@dataclass(frozen=True)
class Young:
    """A deployment from its first moment on, and what its API answered on the way."""

    deployment: Deployed
    valkey: Valkey
    api: Api
    partner: Partner
    before_any_partner: list[httpx.Response]
    before_any_list: list[httpx.Response]

    def ask(self, *selectors: tuple[str, str], route: str = "check") -> httpx.Response:
        return self.partner.ask(self.api, *selectors, route=route)

    def selectors_left(self) -> int:
        """Return what the partner may still ask today; exact, since there is one worker."""
        response = plain_http.get(f"{self.api.url}/v1/parameters", headers=self.partner.headers)
        left: int = response.json()["limits"]["daily_selectors_remaining"]
        return left


def ask_everything(api: Api, headers: dict[str, str], body: object) -> list[httpx.Response]:
    asked = [
        plain_http.post(f"{api.url}/v1/{route}", json=body, headers=headers)
        for route in ("check", "bulk")
    ]
    return [*asked, *(plain_http.get(api.url + path, headers=headers) for path in READING)]


@pytest.fixture(scope="module")
def young(tmp_path_factory: pytest.TempPathFactory, template: Template) -> Iterator[Young]:
    valkey = Valkey(tmp_path_factory.mktemp("vk"))
    folder = tmp_path_factory.mktemp("young")
    deployment = Deployed(folder, redis_url=valkey.url, template=template)
    try:
        deployment.indexer("init")
        api = deployment.serve(workers=1, **SETTINGS)
        stranger = {"authorization": f"Bearer {new_api_key('live').text}"}
        before_any_partner = ask_everything(api, stranger, {})
        partner = deployment.add_partner("acme", "--scopes", "check,bulk")
        before_any_list = ask_everything(api, partner.headers, partner.body(LISTED[0]))
        deployment.publish([(kind, value, "trafficker") for kind, value in LISTED])
        yield Young(deployment, valkey, api, partner, before_any_partner, before_any_list)
    finally:
        deployment.close()
        valkey.kill()


@pytest.fixture(scope="module")
def stale(young: Young) -> Young:
    """The same with Redis gone for longer than the sync age."""
    assert young.ask(UNLISTED[0]).status_code == 200
    young.deployment.indexer("add", ":".join(ADDED), "--role", "trafficker")
    eventually(
        lambda: young.ask(ADDED).json()["result"] == "match", what="a match of what was added"
    )
    young.valkey.kill()
    assert young.ask(UNLISTED[0]).status_code == 200, "Redis is not on the path of a check"
    eventually(lambda: young.ask(UNLISTED[0]).status_code == 503, what="a stale list")
    return young


def require_unavailable(response: httpx.Response, reason: str) -> dict[str, Any]:
    assert response.status_code == 503, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert int(response.headers["retry-after"]) >= 1
    problem: dict[str, Any] = response.json()
    assert (problem["code"], problem["reason"]) == ("unavailable", reason)
    return problem


def test_a_host_that_knows_no_partner_yet_says_unavailable_and_not_that_a_key_is_refused(
    young: Young,
) -> None:
    *others, live = young.before_any_partner
    for response in others:
        require_unavailable(response, "index")
    assert live.status_code == 200


def test_before_the_first_list_nothing_is_no_match(young: Young) -> None:
    check, bulk, ready, parameters, live = young.before_any_list
    for response in (check, bulk, ready):
        problem = require_unavailable(response, "index")
        assert not {"matches", "receipt", "opening"} & set(problem)
    assert live.status_code == 200
    # There is no list yet to tell with what it was built: this host's own, then.
    assert parameters.json()["phone_metadata"] == PHONE_METADATA_VERSION
    assert parameters.json()["token_keys"] == [
        {
            "key_id": young.partner.kit.token_key.key_id,
            "normaliser": None,
            "stretch": None,
            "list": None,
            "list_age_s": None,
            "sync_age_s": None,
        }
    ]


def test_the_first_list_is_answered_from_without_a_restart(young: Young) -> None:
    assert young.ask(LISTED[0]).status_code == 200
    assert plain_http.get(f"{young.api.url}/readyz").status_code == 200


def test_more_requests_than_a_worker_takes_on_are_shed_and_the_first_is_answered(
    young: Young,
) -> None:
    body = encode(young.partner.body(LISTED[0]))
    headers = {**young.partner.headers, "content-type": "application/json"}
    with Connection(young.api.url) as slow:
        slow.send(request_head("POST", "/v1/check", headers, length=len(body)) + body[:-1])
        eventually(
            lambda: young.ask(LISTED[0]).status_code == 503, what="a worker that has enough to do"
        )
        require_unavailable(young.ask(LISTED[0]), "overloaded")
        slow.send(body[-1:])
        assert slow.response().status == 200
    assert young.ask(LISTED[0]).status_code == 200


def test_a_flood_of_idle_connections_ends_itself_and_takes_nothing_from_those_who_ask(
    young: Young,
) -> None:
    deployment = young.deployment
    few = ["sh", "-c", 'ulimit -n 200 && exec "$@"', "sh"]
    home = str(deployment.folder / "flooded")
    api = deployment.serve(workers=1, within=few, SCREENING_HOME=home)
    deployment.wait_ready(api)
    with ExitStack() as stack:
        idle = [stack.enter_context(Connection(api.url)) for _ in range(300)]
        for _ in range(20):
            assert young.partner.ask(api, LISTED[0]).status_code == 200
        (pid,) = api.worker_pids()
        assert len(list(Path(f"/proc/{pid}/fd").iterdir())) < 200
        assert all(connection.is_closed() for connection in idle[:150])
        assert not any(connection.is_answered(within_s=0) for connection in idle[-50:])
    api.stop()


@pytest.mark.parametrize("route", ["check", "bulk"])
def test_past_the_sync_age_a_no_match_is_stale(stale: Young, route: str) -> None:
    problem = require_unavailable(stale.ask(*UNLISTED, route=route), "stale")
    assert not {"matches", "receipt", "opening"} & set(problem)


@pytest.mark.parametrize("route", ["check", "bulk"])
def test_past_the_sync_age_a_match_is_still_answered(stale: Young, route: str) -> None:
    response = stale.ask(*LISTED, route=route)
    assert response.status_code == 200
    assert response.json()["results"] == ["match"] * len(LISTED)


def test_past_the_sync_age_invalid_rows_beside_matches_are_still_answered(stale: Young) -> None:
    body = stale.partner.body(LISTED[0])
    body["selectors"].append({"kind": "passport", "token": "x"})
    response = plain_http.post(f"{stale.api.url}/v1/bulk", json=body, headers=stale.partner.headers)
    assert response.json()["results"] == ["match", "invalid"]


@pytest.mark.parametrize("route", ["check", "bulk"])
def test_certain_matches_are_listed_in_the_problem_and_recorded(stale: Young, route: str) -> None:
    asked = (UNLISTED[0], LISTED[2], UNLISTED[1], ADDED, LISTED[3])
    problem = require_unavailable(stale.ask(*asked, route=route), "stale")
    assert problem["matches"] == [1, 3, 4], "in the order asked, wherever each was found"

    # Under the numbers of the rows that were asked: RECEIPT.i is a handle for row i.
    record = record_of(stale.deployment.home / "journal", problem["receipt"])
    key_id = stale.partner.kit.token_key.key_id
    pepper = (stale.deployment.secrets / "pepper.key").read_bytes()
    tokens = {row: stale.partner.token(*asked[row]) for row in problem["matches"]}
    digests = {str(row): Digester(pepper, key_id).digest(tokens[row]) for row in tokens}
    assert digests_of(record, stale.deployment.disclosure) == digests
    assert (record.asked, record.outcomes) == (5, {"match": 3})
    told = [(asked[row][0], tokens[row], "match") for row in tokens]
    assert record.commitment == commitment(base64.b64decode(problem["opening"]), told)


@pytest.mark.parametrize("route", ["check", "bulk"])
def test_what_is_not_known_is_on_record_and_costs_its_question(stale: Young, route: str) -> None:
    # It tells that nothing else matched: for nothing, a list could be searched without end.
    before, recorded = stale.selectors_left(), checks_in(stale.deployment.home / "journal")
    fresh = [("email", f"person-{number}@{route}.example") for number in range(3)]
    require_unavailable(stale.ask(*fresh, route=route), "stale")
    # One may share a register of the sketch with another, and count as that.
    assert stale.selectors_left() in (before - len(fresh), before - len(fresh) + 1)
    (record,) = checks_in(stale.deployment.home / "journal")[len(recorded) :]
    assert (record.asked, record.outcomes, record.matches) == (len(fresh), {}, {})
    assert record.partner == stale.partner.kit.partner

    one_more = ("email", f"one-more@{route}.example")
    problem = require_unavailable(stale.ask(LISTED[0], one_more, route=route), "stale")
    assert problem["matches"] == [0]
    assert before - len(fresh) - 2 <= stale.selectors_left() <= before - len(fresh)


def test_staleness_is_no_unreadiness(stale: Young) -> None:
    # Readiness would take all hosts out at once (docs/operations.md, "What fails, and what then
    # happens"): staleness is a metric and an alarm.
    assert plain_http.get(f"{stale.api.url}/readyz").status_code == 200
    parameters = plain_http.get(
        f"{stale.api.url}/v1/parameters", headers=stale.partner.headers
    ).json()
    assert parameters["token_keys"][0]["sync_age_s"] >= SYNC_AGE_S


def test_other_refusals_stay_what_they_are(stale: Young) -> None:
    body = stale.partner.body(UNLISTED[0])
    url = f"{stale.api.url}/v1/check"
    assert plain_http.post(url, json=body).status_code == 401
    wrong = body | {"key_check": "AAAAAAAAAAA="}
    assert plain_http.post(url, json=wrong, headers=stale.partner.headers).status_code == 409


def test_answers_are_whole_again_soon_after_redis_returns(stale: Young) -> None:
    stale.valkey.start()
    eventually(
        lambda: stale.ask(UNLISTED[0], LISTED[0]).status_code == 200,
        within_s=2,
        what="an answer after Redis returned",
    )
