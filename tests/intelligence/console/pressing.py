"""A form that is pressed twice at once: two browsers' requests, and a handler that is held."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import httpx
from litestar.testing import TestClient
from litestar.types import ASGIApp, Receive, Scope, Send

from intelligence.deployment import Desk
from tests.harness.console import forms_of
from tests.intelligence.console.inside import URL, Inside

PRESSES = 2
_PATIENCE_S = 30


class _Arriving:
    """An app that says how many forms have come to it whole."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.come = threading.Semaphore(0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def received() -> Any:
            message: Any = await receive()
            if message["type"] == "http.request" and not message.get("more_body"):
                self.come.release()
            return message

        await self._app(scope, received, send)


def pressed_at_once(
    desk: Desk, browser: Inside, action: str, **fields: str
) -> Sequence[httpx.Response]:
    """Press a form of the page twice at once, and return both answers, the first pressed or not.

    Nothing is written until both have come, so that neither is done before the other begins.
    """
    (form,) = (one for one in forms_of(browser.page.text) if one.action == action)
    sent = {**form.fields, **fields}
    app = _Arriving(browser.pages)
    together = threading.Barrier(PRESSES)

    def press() -> httpx.Response:
        client = TestClient(app, base_url=URL, cookies=dict(browser.client.cookies))
        together.wait(_PATIENCE_S)
        return client.post(action, data=sent, follow_redirects=False)

    with ThreadPoolExecutor(PRESSES) as pool:
        with ExitStack() as held:
            held.enter_context(desk.log_in.database.writing())
            presses = [pool.submit(press) for _ in range(PRESSES)]
            for _ in range(PRESSES):
                assert app.come.acquire(timeout=_PATIENCE_S)
        return [one.result(_PATIENCE_S) for one in presses]
