"""`GET /v1/notices`: a partner hears that what it was told to match was false, and nobody else."""

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, Final

import httpx
import pytest

from screening.api.notices import PER_SECOND_AT_LEAST
from screening.connections.http_connection import MAX_WAITING_REQUESTS
from screening.vocabulary.notices import NOTICES_AT_ONCE
from tests.api.raw_http import Connection, RawResponse, request_head
from tests.harness.deployment import Api, Deployed, Partner, deployed_beside_valkey
from tests.harness.processes import eventually
from tests.harness.template import Template
from tests.harness.valkey import Valkey

LISTED: Final = ("phone", "+12025550142")
RECEIPT: Final = "a2b3c4d5e6f7a2b3c4d5e6f7gh"


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory, template: Template
) -> Iterator[tuple[Deployed, Valkey]]:
    with deployed_beside_valkey(tmp_path_factory, template, LISTED) as both:
        yield both


@pytest.fixture(scope="module")
def deployed(world: tuple[Deployed, Valkey]) -> Deployed:
    return world[0]


@pytest.fixture(scope="module")
def asker(deployed: Deployed) -> Partner:
    """A partner of whom nobody orders anything."""
    return deployed.add_partner("asker", "--stretch", "none", "--test")


@pytest.fixture(scope="module")
def api(deployed: Deployed, asker: Partner) -> Iterator[Api]:
    running = deployed.serve(workers=2)
    deployed.wait_ready(running)
    eventually(lambda: fetch(running, asker).status_code == 200, what="notices")
    yield running
    running.stop()


@pytest.fixture
def partner(deployed: Deployed, api: Api, request: pytest.FixtureRequest) -> Partner:
    """A partner of the test's own, of whom every worker has heard."""
    name = hashlib.sha256(str(request.node.name).encode()).hexdigest()
    return added(deployed, api, f"p{name[:9]}")


def added(deployed: Deployed, api: Api, name: str) -> Partner:
    partner = deployed.add_partner(name, "--stretch", "none", "--test")
    eventually(lambda: "up to date" in deployed.indexer("status").stdout, what="it everywhere")
    eventually(lambda: fetch(api, partner).status_code == 200, what="its key")
    return partner


def name_of(partner: Partner) -> str:
    return partner.kit.partner


def fetch(api: Api, partner: Partner, query: str = "") -> httpx.Response:
    return httpx.get(f"{api.url}/v1/notices{query}", headers=partner.headers, timeout=10)


def told(api: Api, partner: Partner, after: int = 0) -> dict[str, Any]:
    reply = fetch(api, partner, f"?after={after}")
    assert reply.status_code == 200, reply.text
    document: dict[str, Any] = reply.json()
    return document


def order(deployed: Deployed, partner: Partner, *rows: str) -> None:
    deployed.indexer("notice", *rows, "--partner", name_of(partner), "--receipts-are-theirs")


def heard(api: Api, partner: Partner, count: int, after: int = 0) -> list[dict[str, Any]]:
    """Return so many notices once both workers tell them, which they do within seconds."""

    def all_of_them() -> list[dict[str, Any]] | None:
        answers = [told(api, partner, after)["notices"] for _ in range(8)]
        return answers[0] if {len(one) for one in answers} == {count} else None

    return eventually(all_of_them, what=f"{count} notices from each worker")


def test_a_partner_hears_of_the_row_and_nothing_of_what_was_listed(
    deployed: Deployed, api: Api, partner: Partner
) -> None:
    match = partner.ask(api, ("phone", "+1 202 555 0199")).json()["receipt"]
    order(deployed, partner, f"{match}.0")
    (notice,) = heard(api, partner, 1)
    assert notice.keys() == {"number", "receipt", "notice", "at"}
    assert (notice["receipt"], notice["notice"]) == (f"{match}.0", "retracted")
    assert notice["at"].endswith("Z")


def test_a_partner_hears_of_its_own_alone(deployed: Deployed, api: Api, partner: Partner) -> None:
    other = added(deployed, api, f"other-{name_of(partner)}")
    order(deployed, partner, f"{RECEIPT}.0")
    order(deployed, other, f"{RECEIPT}.1")
    assert [one["receipt"] for one in heard(api, partner, 1)] == [f"{RECEIPT}.0"]
    assert [one["receipt"] for one in heard(api, other, 1)] == [f"{RECEIPT}.1"]


def given_little(deployed: Deployed, api: Api, partner: Partner) -> None:
    """Let a partner ask about one selector a second, as every worker knows then."""
    deployed.indexer("partner", "limits", name_of(partner), "--per-second", "1")
    policy = f'"second";q={PER_SECOND_AT_LEAST};w=1'

    def is_known() -> bool:
        replies = [fetch(api, partner) for _ in range(6)]
        return {one.headers.get("ratelimit-policy") for one in replies} == {policy}

    eventually(is_known, what="a lower rate")


@pytest.mark.slow
def test_who_may_ask_little_fetches_all_its_notices_at_once(
    deployed: Deployed, api: Api, partner: Partner
) -> None:
    rows = [f"{RECEIPT}.{number}" for number in range(8 * NOTICES_AT_ONCE)]
    order(deployed, partner, *rows)
    heard(api, partner, NOTICES_AT_ONCE)
    given_little(deployed, api, partner)

    def all_of_them() -> list[str] | None:
        fetched: list[str] = []
        after, has_more = 0, True
        while has_more:
            reply = fetch(api, partner, f"?after={after}")
            if reply.status_code == 429:  # for what was asked until the rate was known
                return None
            answer = reply.json()
            fetched += [one["receipt"] for one in answer["notices"]]
            after, has_more = answer["next"], answer["has_more"]
        return fetched

    assert eventually(all_of_them, what="all, one answer behind the other") == rows


@pytest.mark.slow
def test_who_asks_too_often_is_told_when_to_come_again_and_may_check_meanwhile(
    deployed: Deployed, api: Api, partner: Partner
) -> None:
    given_little(deployed, api, partner)
    one = request_head("GET", "/v1/notices", partner.headers)

    def refused() -> RawResponse | None:
        with ExitStack() as opened:
            lines = [opened.enter_context(Connection(api.url)) for _ in range(4)]
            for line in lines:
                line.send(one * MAX_WAITING_REQUESTS)
            replies = [line.response() for line in lines for _ in range(MAX_WAITING_REQUESTS)]
        return next((reply for reply in replies if reply.status == 429), None)

    reply = eventually(refused, what="a refusal")
    assert reply.problem()["code"] == "quota_exceeded"
    assert int(reply.headers["retry-after"]) >= 1
    assert reply.headers["ratelimit"].startswith('"second";r=0;t=')
    assert partner.ask(api, ("phone", "+1 202 555 0199")).status_code == 200
    eventually(lambda: fetch(api, partner).status_code == 200, what="notices again")


@pytest.mark.slow
def test_behind_the_number_of_the_last_answer_is_what_is_new(
    deployed: Deployed, api: Api, partner: Partner
) -> None:
    assert told(api, partner) == {"notices": [], "next": 0, "has_more": False}
    order(deployed, partner, f"{RECEIPT}.0", f"{RECEIPT}.1")
    first = heard(api, partner, 2)
    after = told(api, partner)["next"]
    assert after == first[-1]["number"]
    assert told(api, partner, after) == {"notices": [], "next": after, "has_more": False}
    order(deployed, partner, f"{RECEIPT}.0", f"{RECEIPT}.2")
    (new,) = heard(api, partner, 1, after=after)
    assert new["receipt"] == f"{RECEIPT}.2"
    assert new["number"] > after


@pytest.mark.slow
def test_many_are_fetched_answer_by_answer_and_none_is_left_out(
    deployed: Deployed, api: Api, partner: Partner
) -> None:
    rows = [f"{RECEIPT}.{number}" for number in range(2 * NOTICES_AT_ONCE + 1)]
    order(deployed, partner, *rows)
    heard(api, partner, NOTICES_AT_ONCE)
    fetched: list[str] = []
    after, has_more, answers = 0, True, 0
    while has_more:
        answer = told(api, partner, after)
        fetched += [one["receipt"] for one in answer["notices"]]
        after, has_more, answers = answer["next"], answer["has_more"], answers + 1
    assert fetched == rows
    assert answers == 3


def test_all_answers_have_one_length(deployed: Deployed, api: Api, partner: Partner) -> None:
    order(deployed, partner, *[f"{RECEIPT}.{number}" for number in range(NOTICES_AT_ONCE + 1)])
    heard(api, partner, NOTICES_AT_ONCE)
    middle = told(api, partner)["notices"][3]["number"]
    replies = [fetch(api, partner, f"?after={after}") for after in (0, middle, 2**53 - 1)]
    assert {reply.status_code for reply in replies} == {200}
    assert len({len(reply.content) for reply in replies}) == 1
    assert len({len(reply.json()["notices"]) for reply in replies}) == 3


@pytest.mark.parametrize(
    "query",
    [
        "?after=-777",
        "?after=",
        "?after=777&after=778",
        "?x=777",
        f"?after=777{2**53}",
        "?after=%377",
    ],
)
def test_a_query_off_the_contract_is_refused_without_an_echo(
    api: Api, asker: Partner, query: str
) -> None:
    reply = fetch(api, asker, query)
    assert (reply.status_code, reply.json()["code"]) == (400, "invalid_request")
    assert "77" not in reply.text


def test_the_route_refuses_as_every_other_does(api: Api, asker: Partner) -> None:
    url = f"{api.url}/v1/notices"
    posted = httpx.post(url, headers=asker.headers)
    assert (posted.status_code, posted.headers["allow"]) == (405, "GET")
    assert httpx.get(url).status_code == 401


@pytest.mark.slow
def test_what_was_told_stays_told_whatever_becomes_of_redis(
    world: tuple[Deployed, Valkey], api: Api, partner: Partner
) -> None:
    deployed, valkey = world
    order(deployed, partner, f"{RECEIPT}.0")
    before = heard(api, partner, 1)
    with valkey.client() as client:
        client.flushall()
        assert heard(api, partner, 1) == before
        order(deployed, partner, f"{RECEIPT}.1")
    assert heard(api, partner, 2)[0] == before[0]
