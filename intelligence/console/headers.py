"""Headers that every answer carries, errors too, and the answer where nothing else has one."""

import logging
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from intelligence.console.problems import trace_of

_log = logging.getLogger(__name__)

# No script and nothing of elsewhere; an inline SVG needs no source of its own.
_CSP: Final = (
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_ALWAYS: Final = {
    "content-security-policy": _CSP,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    # With no-referrer a browser says `Origin: null` of our own forms (Fetch, 3.2).
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-robots-tag": "noindex, nofollow",
}
_PLAIN: Final = (b"content-type", b"text/plain; charset=utf-8")
_HTML: Final = (b"content-type", b"text/html; charset=utf-8")
_TWO_YEARS: Final = "max-age=63072000"


@dataclass(frozen=True, slots=True)
class NoRequest:
    """The answer to what is no request."""

    headers: list[tuple[bytes, bytes]]
    status: int = HTTPStatus.BAD_REQUEST
    body: bytes = b"the request cannot be read, or did not arrive in time; load the page anew\n"


class Headers:
    """Wraps an app, whose answers are kept by no cache unless they say so themselves.

    `defect` is the page that is the answer where the app has none, and raises instead.
    """

    def __init__(self, app: ASGIApp, *, is_https: bool, defect: str) -> None:
        self._app = app
        self._defect = defect.encode()
        given = dict(_ALWAYS)
        if is_https:
            given["strict-transport-security"] = _TWO_YEARS
        self._given = [(name.encode(), value.encode()) for name, value in given.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        has_begun = False

        async def send_with_headers(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                headers = list(message["headers"])
                if b"cache-control" not in {name.lower() for name, _ in headers}:
                    headers.append((b"cache-control", b"no-store"))
                message["headers"] = [*headers, *self._given]
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception as error:  # its text may hold what somebody typed: no server logs it
            _log.error("a request failed: %s", trace_of(error))
            if not has_begun:  # of one that has, the server ends the connection
                await self._send_defect(send_with_headers)

    async def _send_defect(self, send: Send) -> None:
        length = (b"content-length", str(len(self._defect)).encode())
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        await send({"type": "http.response.start", "status": status, "headers": [length, _HTML]})
        await send({"type": "http.response.body", "body": self._defect, "more_body": False})

    def refusal(self, error: Exception) -> "NoRequest":
        """Return what the connection answers where no request can be read."""
        del error  # no browser makes such a request, and nobody reads more than one sentence
        return NoRequest([*self._given, (b"cache-control", b"no-store"), _PLAIN])
