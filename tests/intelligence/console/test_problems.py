"""What is wrong on the host is told to whoever runs it, and not to those who see the pages."""

import asyncio
import logging
from types import SimpleNamespace
from typing import Any, cast

import pytest
from litestar import Request
from litestar.types import Message, Receive, Scope, Send

from intelligence.console.forms import Form
from intelligence.console.headers import Headers
from intelligence.console.problems import handlers, page_of_defect
from intelligence.console.rendering import Rendering
from intelligence.console.visits import Tickets
from intelligence.errors import Undecipherable
from intelligence.journal import Journal
from screening.vocabulary.errors import OperatorError, SpoolRefused


@pytest.mark.parametrize("kind", [OperatorError, Undecipherable, SpoolRefused])
def test_what_an_operator_has_to_mend_stands_in_the_log(
    kind: type[OperatorError | SpoolRefused], caplog: pytest.LogCaptureFixture
) -> None:
    rendering = Rendering(Tickets(is_https=False))
    found = handlers(rendering, cast("Journal", None))
    handler = next(found[one] for one in kind.__mro__ if one in found)
    is_of_spools = issubclass(kind, SpoolRefused)
    said = ("malformed", "a key is damaged") if is_of_spools else ("a key is damaged",)
    error = kind(*said)
    sent = Form([("reason", "a long one"), ("password", "canary")])
    request = SimpleNamespace(state=SimpleNamespace(sent=sent))
    with caplog.at_level(logging.ERROR):
        page = handler(cast("Request[Any, Any, Any]", request), error)
    assert page.status_code == 503
    assert "<dd>a long one</dd>" in page.content
    assert "canary" not in page.content
    assert "a key is damaged" not in str(page.content)
    assert "a key is damaged" in caplog.text


@pytest.mark.parametrize("has_begun", [False, True])
def test_what_escapes_all_pages_is_a_defect_that_tells_nothing(
    caplog: pytest.LogCaptureFixture, has_begun: bool
) -> None:
    sent: list[Any] = []

    async def failing(_scope: Scope, _receive: Receive, send: Send) -> None:
        if has_begun:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ValueError("canary")

    async def receive() -> Any:
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    page = page_of_defect(Rendering(Tickets(is_https=False)))
    headers = Headers(failing, is_https=False, defect=page)
    asyncio.run(headers(cast("Scope", {"type": "http"}), receive, send))
    assert "ValueError at " in caplog.text
    assert "canary" not in caplog.text
    if has_begun:
        assert [one["type"] for one in sent] == ["http.response.start"]
        return
    begun, body = sent
    named = dict(begun["headers"])
    assert (begun["status"], named[b"cache-control"]) == (500, b"no-store")
    assert named[b"content-security-policy"].startswith(b"default-src 'none'")
    assert int(named[b"content-length"]) == len(body["body"])
    assert "nothing was changed" in body["body"].decode()
