"""The headers that every answer carries, whoever made it."""

import os
from collections.abc import Iterator
from typing import Final

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from screening.api.logs import REQUEST_ID

_REQUEST_ID_CHARACTERS: Final = 16
_DRAWN_AT_A_TIME: Final = 512
_FIXED: Final = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (
        b"content-security-policy",
        b"default-src 'self'; img-src 'self' data:; style-src 'self' "
        b"'unsafe-inline'; frame-ancestors 'none'",
    ),
    (b"referrer-policy", b"no-referrer"),
]


def own_headers(request_id: bytes) -> list[tuple[bytes, bytes]]:
    """Return `Cache-Control: no-store`, our own `X-Request-Id` and the security headers."""
    return [*_FIXED, (b"x-request-id", request_id)]


def request_ids() -> Iterator[bytes]:
    """Yield random ids without end.

    Random, since a count would tell each partner how much the others ask; drawn many at a time,
    since asking the system for each would cost a hundredth of a request.
    """
    while True:
        drawn = os.urandom(_DRAWN_AT_A_TIME * _REQUEST_ID_CHARACTERS // 2).hex().encode()
        for start in range(0, len(drawn), _REQUEST_ID_CHARACTERS):
            yield drawn[start : start + _REQUEST_ID_CHARACTERS]


class OwnHeaders:
    """Adds our own headers to every response of an application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._request_ids = request_ids()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and add to the start of its response."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        request_id = next(self._request_ids)
        REQUEST_ID.set(request_id)  # each request is a task with a context of its own

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *own_headers(request_id)]
            await send(message)

        await self._app(scope, receive, send_with_headers)
