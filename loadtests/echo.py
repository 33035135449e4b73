"""The yardstick: a bare ASGI application that sends the body back, on the same server."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # bare: it imports nothing of a framework
    from litestar.types import Receive, Scope, Send


async def app(scope: "Scope", receive: "Receive", send: "Send") -> None:
    """Answer one request with its own body."""
    message = await receive()
    body = message["body"] if message["type"] == "http.request" else b""
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
