"""A receiver of webhooks: verifies as docs/operations.md has its reader do, and remembers ids."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()


class Receiver:
    """What has arrived; `status` is what it answers, after it has done what is `done_first`."""

    def __init__(self) -> None:
        self.status = 204
        self.done_first: Callable[[], object] = lambda: None
        self.attempts: list[str] = []
        self.paths: list[str] = []
        self.events: dict[str, dict[str, Any]] = {}
        self.unverified = 0
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/alerts"

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in list(self.events.values()) if event["type"] == kind]

    def take(self, headers: Any, body: bytes) -> None:
        name, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
        signed = f"{name}.{timestamp}.".encode() + body
        key = base64.b64decode(SECRET.removeprefix("whsec_"))
        wanted = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
        given = [one.removeprefix("v1,") for one in headers["webhook-signature"].split()]
        if not any(hmac.compare_digest(wanted, one) for one in given):
            self.unverified += 1
            return
        self.attempts.append(name)
        if self.status == 204:
            self.events[name] = json.loads(body)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.paths.append(self.path)
                receiver.take(self.headers, body)
                receiver.done_first()
                self.send_response(receiver.status)
                self.send_header("content-length", "0")
                if receiver.status == 307:
                    self.send_header("location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        return Handler


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run a receiver of a test's own."""
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        receiver.server.server_close()
        thread.join()
