"""A partner that searches the list is held on every host, until a person lifts it."""

import csv
import io
from functools import partial
from pathlib import Path

import httpx
import pytest

from tests.harness import plain_http
from tests.harness.deployment import Api, Deployed, Partner
from tests.harness.processes import eventually

LISTED = [("email", f"listed-{number}@search.example") for number in range(20)]


def ask(api: Api, partner: Partner, *selectors: tuple[str, str]) -> httpx.Response:
    return plain_http.post(
        f"{api.url}/v1/check", json=partner.body(*selectors), headers=partner.headers
    )


def wait_for(status: int, api: Api, partner: Partner) -> None:
    """Wait until workers, whichever answers, have answered so several times in a row."""
    eventually(
        lambda: {ask(api, partner, LISTED[0]).status_code for _ in range(6)} == {status},
        what=f"a {status}",
    )


def hears_of_one(api: Api, partner: Partner) -> bool:
    reply = plain_http.get(f"{api.url}/v1/notices", headers=partner.headers)
    return reply.status_code == 200 and len(reply.json()["notices"]) == 1


@pytest.fixture
def searched(deployed: Deployed) -> Partner:
    """A partner that may find three, of a list of twenty."""
    deployed.publish([(kind, value, "trafficker") for kind, value in LISTED])
    partner = deployed.add_partner("acme", "--stretch", "none", "--allow-unstretched")
    deployed.indexer("partner", "limits", "acme", "--matches", "3")
    return partner


def test_a_partner_that_has_found_its_matches_is_held_everywhere_until_it_is_lifted(
    deployed: Deployed, searched: Partner, tmp_path: Path
) -> None:
    hosts = [deployed.serve(), deployed.serve(SCREENING_HOME=str(tmp_path / "other"))]
    for api in hosts:
        deployed.wait_ready(api)
    assert ask(hosts[1], searched, LISTED[0]).json()["result"] == "match"
    found = [ask(hosts[0], searched, selector).status_code for selector in LISTED]
    # A lease of one for each worker, and what is found while the others learn of it.
    assert found.count(200) <= 3 + 2 * 2 + 2
    for api in hosts:
        wait_for(429, api, searched)
    refused = ask(hosts[0], searched, ("email", "nobody@search.example"))
    assert refused.headers["ratelimit"] == '"matches";r=0;t=3600'
    assert "partner   acme is held" in deployed.indexer("status").stdout
    deployed.indexer(
        "notice", "a2b3c4d5e6f7a2b3c4d5e6f7gh.0", "--partner", "acme", "--receipts-are-theirs"
    )
    for api in hosts:
        eventually(partial(hears_of_one, api, searched), what="what was false")
    deployed.indexer("partner", "lift", "acme")
    for api in hosts:
        wait_for(200, api, searched)
    assert "is held" not in deployed.indexer("status").stdout


def test_a_bulk_answer_with_more_matches_than_are_left_is_kept_back_and_on_record(
    deployed: Deployed, searched: Partner
) -> None:
    deployed.indexer("partner", "limits", "acme", "--matches", "19")
    bulker = deployed.add_partner("bulker", "--scopes", "check,bulk")
    deployed.indexer("partner", "limits", "bulker", "--matches", "19")
    api = deployed.serve()
    deployed.wait_ready(api)
    wait_for(200, api, bulker)
    refused = plain_http.post(
        f"{api.url}/v1/bulk", json=bulker.body(*LISTED[1:], LISTED[0]), headers=bulker.headers
    )
    assert (refused.status_code, refused.json()["code"]) == (429, "quota_exceeded")
    assert refused.headers["ratelimit"].startswith('"matches"')
    assert "match" not in refused.json().get("results", ())
    printed = deployed.run("screening", "audit", "who", "--purpose", "case 17").stdout
    *_, last = csv.DictReader(io.StringIO(printed))
    assert (last["partner"], last["asked"], last["match"]) == ("bulker", "20", "0")
    assert ask(api, bulker, *LISTED[:10]).status_code == 200


def test_what_is_left_of_a_budget_is_told_with_each_answer_in_the_same_length(
    deployed: Deployed, searched: Partner
) -> None:
    api = deployed.serve(workers=1)
    deployed.wait_ready(api)
    answers = [ask(api, searched, LISTED[0], ("email", f"{n}@x.example")) for n in range(3)]
    assert [answer.headers["ratelimit-policy"] for answer in answers] == [
        '"second";q=20000;w=1, "day";q=5000000;w=86400, "matches";q=3;w=2592000'
    ] * 3
    told = [answer.headers["ratelimit"] for answer in answers]
    assert {len(one) for one in told} == {len('"day";r=000005000000;t=00000')}
