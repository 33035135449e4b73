"""The headers that every answer carries, whoever made it."""

import itertools
import secrets

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

_FIXED = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (
        b"content-security-policy",
        b"default-src 'self'; img-src 'self' data:; style-src 'self' "
        b"'unsafe-inline'; frame-ancestors 'none'",
    ),
    (b"referrer-policy", b"no-referrer"),
]


class OwnHeaders:
    """Adds `Cache-Control: no-store`, our own `X-Request-Id` and security headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        # One random start a process, then a count: unique, and cheaper than random bytes each time.
        self._numbers = itertools.count(secrets.randbits(64))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and add to the start of its response."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        request_id = (b"x-request-id", b"%x" % next(self._numbers))

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_FIXED, request_id]
            await send(message)

        await self._app(scope, receive, send_with_headers)
