"""A mark in what is sent, and the promise that it never comes back."""

import base64
import json
import re
from typing import Final

import httpx
from hypothesis import HealthCheck, settings

from tests.api.raw_http import RawResponse

CANARY: Final = "canary9f31c0de"
POINTER: Final = re.compile(r"#(/(key_id|key_check|selectors|kind|token|[0-9]{1,5}))*")
CARD: Final = "6011 0009 9013 9424"  # a scheme's test card, which no list here holds


def require_nothing_back(content: bytes) -> None:
    """Fail where the canary, in any spelling a library would give it, is in `content`."""
    spelled = content.lower()
    for form in (CANARY.encode(), CANARY.encode().hex().encode()):
        assert form not in spelled
    assert base64.b64encode(CANARY.encode())[:-4].lower() not in spelled


def require_safe(response: httpx.Response | RawResponse) -> None:
    """Fail for a 5xx, a refusal that is not in our form, or an echo."""
    if isinstance(response, RawResponse):
        status, headers, content = response.status, response.headers, response.body
    else:
        status, headers = response.status_code, dict(response.headers)
        content = response.content
    assert status < 500, content
    assert headers["cache-control"] == "no-store"
    assert headers["x-request-id"]
    require_nothing_back(content + json.dumps(headers).encode())
    if status >= 400:
        assert headers["content-type"] == "application/problem+json"
        problem = json.loads(content)
        assert problem["status"] == status
        assert problem["code"]
        assert POINTER.fullmatch(problem.get("pointer", "#"))


fuzzed = settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
