"""Nothing of what was sent is kept where a stranger or an operator could find it."""

from tests.api.canary import CANARY, CARD, require_nothing_back, require_safe
from tests.api.journal_records import bytes_below
from tests.api.questions import question
from tests.api.standing import Standing, encode


def test_nothing_that_was_sent_is_in_logs_metrics_journal_cache_or_redis(
    standing: Standing,
) -> None:
    refused = _plant_everywhere(standing)
    assert refused >= 12
    logged = standing.api.process.logged()
    assert logged.count('"event": "refused"') >= refused
    assert standing.tester.kit.parsed_api_key().text not in logged
    metrics = standing.client.get(standing.api.metrics_url).content
    with standing.valkey.client() as redis:
        stored = b"".join(key + (redis.dump(key) or b"") for key in redis.scan_iter())
    for place in (logged.encode(), metrics, stored, bytes_below(standing.deployment.home)):
        require_nothing_back(place)
        for form in (CARD, CARD.replace(" ", "")):
            assert form.encode() not in place


def _plant_everywhere(standing: Standing) -> int:
    """Put the canary, and a card in plain, wherever a request has room; return the refusals."""
    client, own = standing.client, question(standing)
    plain = {"kind": "card", "token": CARD}
    json_headers = {"content-type": "application/json", **standing.tester.headers}
    responses = [
        client.get(f"/{CANARY}"),
        client.get(f"/docs/assets/{CANARY}"),
        client.get(f"/v1/check/{CARD}"),
        client.get("/v1/parameters", params={CANARY: CARD}),
        client.get("/v1/parameters", headers={"authorization": f"Bearer {CANARY}"}),
        client.get("/v1/parameters", headers={CANARY: CARD, "x-request-id": CANARY}),
        client.request(CANARY.upper(), "/livez"),
        client.post(f"/v1/check?{CANARY}={CARD}", json=own, headers=standing.tester.headers),
        client.post("/v1/check", content=CANARY, headers=json_headers),
        client.post("/v1/check", json=own, headers=json_headers | {"accept": CANARY}),
        client.post("/v1/check", json=own, headers=json_headers | {"content-type": CANARY}),
        client.post("/v1/check", content=encode(own) + b" " * 20_000, headers=json_headers),
    ]
    for route in ("check", "bulk"):
        responses += [
            client.post(f"/v1/{route}", json=own | change, headers=json_headers)
            for change in (
                {"key_id": CANARY},
                {"key_check": CANARY},
                {"selectors": CANARY},
                {"selectors": [plain]},
                {"selectors": [{"kind": CANARY, "token": CANARY}]},
                {"selectors": [plain | {CANARY: CARD}]},
                {CANARY: CARD},
            )
        ]
    for response in responses:
        require_safe(response)
    return sum(response.status_code >= 400 for response in responses)
