"""Questions in both forms, and the answers that tests expect."""

import base64
from typing import Any, Final

import httpx

from tests.api.standing import LISTED, TEST_LISTED, UNLISTED, Standing
from tests.harness.deployment import Partner

MIXED: Final = (LISTED[0], UNLISTED[0], LISTED[2], UNLISTED[2], LISTED[3])
MIXED_RESULTS: Final = ["match", "no_match", "match", "no_match", "match"]


def answer_of(response: httpx.Response) -> dict[str, Any]:
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    answer: dict[str, Any] = response.json()
    return answer


def packed(partner: Partner, *selectors: tuple[str, str]) -> dict[str, Any]:
    """Return a question as it travels in MessagePack."""
    body = partner.body(*selectors)
    rows = [
        {"kind": row["kind"], "token": base64.b64decode(row["token"])} for row in body["selectors"]
    ]
    return body | {"key_check": base64.b64decode(body["key_check"]), "selectors": rows}


def question(standing: Standing) -> dict[str, Any]:
    """Return a good question of the partner with test keys."""
    return standing.tester.body(*TEST_LISTED)
