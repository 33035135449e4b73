"""A body that is read and refused costs its sender a selector of its rate, as an answer would."""

import httpx
import pytest

from tests.harness import plain_http
from tests.harness.deployment import Api, Deployed, Partner
from tests.harness.processes import eventually
from tests.harness.slow import slow_but_first

NOT_LISTED = ("phone", "+1 202 555 0177")
MANY_ROWS = b'{"selectors":[' + b",".join([b"1"] * 60_000) + b"]}"
BODIES = {"check": b'{"selectors":1}', "bulk": MANY_ROWS}


def post(api: Api, partner: Partner, route: str, content: bytes) -> httpx.Response:
    headers = {**partner.headers, "content-type": "application/json"}
    return plain_http.post(f"{api.url}/v1/{route}", content=content, headers=headers)


@pytest.mark.parametrize("route", ["check", "bulk"])
@slow_but_first(1, "limited", ["the partner", "the key"])
def test_who_sends_them_faster_than_its_rate_is_told_to_wait(
    deployed: Deployed, route: str, limited: str
) -> None:
    deployed.publish([("phone", "+1 202 555 0142", "trafficker")])
    partner = deployed.add_partner("acme", "--stretch", "light", "--scopes", "check,bulk")
    limit, policy = ["partner", "limits", "acme"], '"second"'
    if limited == "the key":
        limit, policy = (
            ["partner", "key", "limit", "acme", partner.kit.parsed_api_key().id],
            '"key"',
        )
    deployed.indexer(*limit, "--per-second", "1", "--burst", "3")
    api = deployed.serve()
    eventually(lambda: partner.ask(api, NOT_LISTED).status_code == 200, what="a list")
    refused = [post(api, partner, route, BODIES[route]) for _ in range(12)]
    assert {one.status_code for one in refused} == {400, 429}
    assert all(
        one.headers["ratelimit"].startswith(policy) for one in refused if one.status_code == 429
    )
    eventually(lambda: partner.ask(api, NOT_LISTED).status_code == 200, what="a pause")
