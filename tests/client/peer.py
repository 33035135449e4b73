"""A real HTTP server on loopback that speaks the contract from a set of listed tokens.

It can be told to misbehave, and counts what it was asked: a peer to hold the client against.
"""

import base64
import json
import socket
import struct
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from screening.vocabulary.normalise import PHONE_METADATA_VERSION
from screening.vocabulary.question import Question, read_bulk_json, read_check
from tests.harness.reading import whole

RECEIPT = "a2b3c4d5e6f7" * 2 + "gh"
OPENING = base64.b64encode(bytes(range(32))).decode()
LIST = {
    "generation": "g-0001",
    "seq": 1041,
    "published_at": "2026-11-22T09:00:00Z",
    "as_of": "2026-11-22T09:41:07Z",
}

Document = dict[str, Any]


@dataclass
class Exchange:
    """One request on its way: a behaviour answers it, or does something else to it."""

    handler: "_Handler"
    peer: "Peer"
    question: Question | None
    answer: Document
    body: bytes = b""

    def send(
        self,
        status: int,
        body: bytes,
        content_type: str = "application/json",
        headers: dict[str, str] | None = None,
    ) -> None:
        self.handler.send_response(status)
        self.handler.send_header("Content-Type", content_type)
        self.handler.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.handler.send_header(name, value)
        self.handler.end_headers()
        self.handler.wfile.write(body)

    def problem(self, status: int, code: str, retry_after: str = "", **members: object) -> None:
        body = {"type": "about:blank", "title": code, "status": status, "code": code, **members}
        headers = {"Retry-After": retry_after} if retry_after else {}
        self.send(status, json.dumps(body).encode(), "application/problem+json", headers)


Behaviour = Callable[[Exchange], None]


class Peer:
    """The server; `asked` counts every token it has seen, `requests` every path."""

    def __init__(self, *, key_id: str, key_check: bytes, api_key: str) -> None:
        self.key_id = key_id
        self.key_check = key_check
        self.api_key = api_key
        self.listed: set[bytes] = set()
        self.asked: Counter[bytes] = Counter()
        self.requests: Counter[str] = Counter()
        self.largest = 0
        self.headers: list[dict[str, str]] = []
        self.phone_metadata = PHONE_METADATA_VERSION
        self.scopes = ["check", "bulk"]
        self.selectors_left = 1_000_000
        self.script: deque[Behaviour] = deque()
        self.always: Behaviour | None = None
        self.gate = threading.Event()  # answers to bulk requests wait for it
        self.gate.set()
        self.closing = threading.Event()
        self.lock = threading.Lock()
        self._receipts = 0
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.peer = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def total(self, path: str) -> int:
        with self.lock:
            return self.requests[path]

    def receipt(self) -> str:
        """Return a receipt that no other request has."""
        with self.lock:
            self._receipts += 1
            digits = "".join(chr(ord("a") + int(digit)) for digit in f"{self._receipts:06d}")
        return RECEIPT[:20] + digits

    def close(self) -> None:
        self.closing.set()
        self.gate.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    peer: Peer
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_: object) -> None:
        """Clients that give up are what these tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are written apart: a body waited 40 ms
    server: _Server

    def log_message(self, *_: object) -> None:
        """Stay silent."""

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        self._serve(self.rfile.read(int(self.headers["Content-Length"])))

    def _serve(self, body: bytes) -> None:
        peer = self.server.peer
        question = _question(self.path, body)
        with peer.lock:
            peer.requests[self.path] += 1
            peer.headers.append(dict(self.headers.items()))
            if question is not None:
                peer.largest = max(peer.largest, len(question.tokens))
                peer.asked.update(token for token in question.tokens if token is not None)
            behaviour = peer.script.popleft() if peer.script else peer.always
        if self.path == "/v1/bulk":
            peer.gate.wait()
        exchange = Exchange(self, peer, question, _answer(peer, question), body)
        (behaviour or honest)(exchange)


def _question(path: str, body: bytes) -> Question | None:
    if path == "/v1/check":
        return whole(read_check(body))
    return whole(read_bulk_json(body)) if path == "/v1/bulk" else None


def _answer(peer: Peer, question: Question | None) -> Document:
    if question is None:
        return {
            "protocol": "screening/v1",
            "normaliser": 1,
            "phone_metadata": peer.phone_metadata,
            "partner": "acme",
            "scopes": peer.scopes,
            "token_keys": [],
            "limits": {
                "check_max_selectors": 16,
                "bulk_max_selectors": 10_000,
                "selectors_per_second": 1_000,
                "daily_selectors": 1_000_000,
                "daily_selectors_remaining": peer.selectors_left,
                "burst_selectors": 1_000,
                "matches_per_30_days": 1_000,
                "matches_remaining": 1_000,
            },
        }
    results = ["match" if token in peer.listed else "no_match" for token in question.tokens]
    return {
        "result": "match" if "match" in results else "no_match",
        "results": results,
        "receipt": peer.receipt(),
        "opening": OPENING,
        "list": LIST,
    }


# Behaviours


def honest(exchange: Exchange) -> None:
    """Answer as the API would."""
    peer, question = exchange.peer, exchange.question
    if exchange.handler.headers["Authorization"] != f"Bearer {peer.api_key}":
        exchange.problem(401, "unauthenticated")
    elif exchange.handler.path not in ("/v1/check", "/v1/bulk", "/v1/parameters"):
        exchange.problem(404, "not_found")
    elif question is not None and question.key_id != peer.key_id:
        exchange.problem(409, "unknown_key_id")
    elif question is not None and question.key_check != peer.key_check:
        exchange.problem(409, "kit_mismatch")
    else:
        exchange.send(200, json.dumps(exchange.answer).encode() + b" " * 100)


def stall(exchange: Exchange) -> None:
    """Say nothing until the test ends."""
    exchange.peer.closing.wait()
    exchange.handler.close_connection = True


def drip(exchange: Exchange) -> None:
    """Send an answer that never ends, byte by byte."""
    exchange.handler.send_response(200)
    exchange.handler.send_header("Content-Type", "application/json")
    exchange.handler.send_header("Content-Length", "5000")
    exchange.handler.end_headers()
    while not exchange.peer.closing.wait(0.02):
        exchange.handler.wfile.write(b" ")
        exchange.handler.wfile.flush()


def reset(exchange: Exchange) -> None:
    """Break the connection hard, without an answer."""
    connection = exchange.handler.connection
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    exchange.handler.close_connection = True
    connection.close()


def cut(exchange: Exchange) -> None:
    """End in the middle of an answer."""
    exchange.handler.send_response(200)
    exchange.handler.send_header("Content-Type", "application/json")
    exchange.handler.send_header("Content-Length", "5000")
    exchange.handler.end_headers()
    exchange.handler.wfile.write(b'{"result": "no_match"')
    exchange.handler.close_connection = True


def garbage(exchange: Exchange) -> None:
    """Speak no HTTP."""
    exchange.handler.wfile.write(b"SSH-2.0-none\r\n\r\n")
    exchange.handler.close_connection = True


def problem(status: int, code: str, retry_after: str = "", **members: object) -> Behaviour:
    return lambda exchange: exchange.problem(status, code, retry_after, **members)


def raw(
    status: int,
    body: bytes,
    content_type: str = "application/json",
    headers: dict[str, str] | None = None,
) -> Behaviour:
    return lambda exchange: exchange.send(status, body, content_type, headers)


def altered(alter: Callable[[Document], object]) -> Behaviour:
    """Answer with something else than the contract says: `alter` changes the document."""

    def answer(exchange: Exchange) -> None:
        alter(exchange.answer)
        exchange.send(200, json.dumps(exchange.answer).encode())

    return answer


def encoded(
    encode: Callable[[bytes], bytes] = bytes,
    *,
    status: int = 200,
    content_type: str = "application/json",
    encoding: str = "identity",
) -> Behaviour:
    """Answer the truth, but not as the contract writes it."""

    def answer(exchange: Exchange) -> None:
        body = encode(json.dumps(exchange.answer).encode())
        exchange.send(status, body, content_type, {"Content-Encoding": encoding})

    return answer


def slow(seconds: float) -> Behaviour:
    def answer(exchange: Exchange) -> None:
        time.sleep(seconds)  # stands for work; nothing waits for a condition here
        honest(exchange)

    return answer
