"""`docs/operations.md`, "Webhooks": its receiver takes the specification's own example."""

import json
from typing import Any

import pytest

from tests.docs.session import ROOT

VECTOR = json.loads((ROOT / "tests/vectors/webhooks.json").read_text())
HEADERS = {
    "webhook-id": VECTOR["id"],
    "webhook-timestamp": str(VECTOR["timestamp"]),
    "webhook-signature": VECTOR["signature"],
}


@pytest.fixture(scope="module")
def is_ours() -> Any:
    page = (ROOT / "docs/operations.md").read_text().partition("\n### Webhooks\n")[2]
    names: dict[str, Any] = {}
    exec(page.partition("```python\n")[2].partition("```")[0], names)  # noqa: S102 - what the page says
    return names["is_ours"]


def test_the_receiver_on_the_page_takes_what_is_signed_and_nothing_else(is_ours: Any) -> None:
    secret, body, now = VECTOR["secret"], VECTOR["body"].encode(), VECTOR["timestamp"] + 10
    assert is_ours(secret, HEADERS, body, now)
    two = {**HEADERS, "webhook-signature": f"v1,AAAA {VECTOR['signature']}"}
    assert is_ours(secret, two, body, now)
    assert not is_ours(secret, HEADERS, body + b" ", now)
    assert not is_ours(secret, HEADERS, body, now + 600)
    for name, value in (
        ("webhook-id", "msg_other"),
        ("webhook-timestamp", str(VECTOR["timestamp"] + 1)),
        ("webhook-timestamp", "soon"),
        ("webhook-signature", "v1a," + VECTOR["signature"][3:]),
    ):
        assert not is_ours(secret, {**HEADERS, name: value}, body, now)
