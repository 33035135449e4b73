"""HTTP/1.1 byte by byte: requests that no client library would send."""

import json
import select
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

TIMEOUT_S = 15.0
JSON = {"Content-Type": "application/json"}
"""What a question says of its body."""


@dataclass(frozen=True)
class RawResponse:
    """A response as it arrived; `headers` in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    def problem(self) -> dict[str, Any]:
        assert self.headers["content-type"] == "application/problem+json"
        problem: dict[str, Any] = json.loads(self.body)
        assert problem["status"] == self.status
        return problem


class Connection:
    """One connection to an API; a context manager."""

    def __init__(self, url: str, *, timeout_s: float = TIMEOUT_S) -> None:
        parts = urlsplit(url)
        assert parts.hostname
        assert parts.port
        self._socket = socket.create_connection((parts.hostname, parts.port), timeout_s)
        self._received = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()

    @property
    def local_port(self) -> int:
        port: int = self._socket.getsockname()[1]
        return port

    def send(self, content: bytes) -> None:
        """Send; a peer that has answered and closed already is no error."""
        try:
            self._socket.sendall(content)
        except (BrokenPipeError, ConnectionResetError):
            return

    def reset(self) -> None:
        """End the connection at once, with a reset: what comes is thrown away."""
        linger = struct.pack("ii", 1, 0)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._socket.close()

    def end_sending(self) -> None:
        self._socket.shutdown(socket.SHUT_WR)

    def response(self, *, to_head: bool = False) -> RawResponse:
        """Return the next response, but for `100 Continue`; fail where there is none.

        One to HEAD has no body, whatever length it tells.
        """
        response = self.find_response(to_head=to_head)
        assert response is not None, "the connection ended without an answer"
        return response

    def find_response(self, *, to_head: bool = False) -> RawResponse | None:
        """Return the next response, or None where the peer closed instead."""
        while b"\r\n\r\n" not in self._received:
            if not self._receive():
                assert not self._received, "an answer was cut off"
                return None
        head, _, self._received = self._received.partition(b"\r\n\r\n")
        status_line, *lines = head.decode("latin-1").split("\r\n")
        status = int(status_line.split(" ")[1])
        if status == 100:
            return self.find_response(to_head=to_head)
        headers = {}
        for line in lines:
            name, _, value = line.partition(": ")
            assert name.lower() not in headers, "a header was sent twice"
            headers[name.lower()] = value
        length = 0 if to_head else int(headers.get("content-length", "0"))
        while len(self._received) < length:
            assert self._receive(), "a body was cut off"
        body, self._received = self._received[:length], self._received[length:]
        return RawResponse(status, headers, body)

    def is_answered(self, *, within_s: float) -> bool:
        """Wait for the peer to send or close; False where it does neither."""
        return bool(self._received or select.select([self._socket], [], [], within_s)[0])

    def is_closed(self) -> bool:
        """Wait for the peer to close; False where it sends more instead, or nothing for long."""
        try:
            return not self._received and not self._receive()
        except TimeoutError:
            return False

    def _receive(self) -> bool:
        try:
            content = self._socket.recv(1 << 16)
        except ConnectionResetError:
            return False
        self._received += content
        return bool(content)


def request_head(
    method: str, path: str, headers: Mapping[str, str], *, length: int | None = None
) -> bytes:
    """Write a request line and headers."""
    lines = [f"{method} {path} HTTP/1.1", "Host: api.example"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def latin_headers(headers: Mapping[str, str]) -> dict[bytes, bytes]:
    """Return headers as a client library takes those that are no ASCII."""
    return {name.encode(): value.encode("latin-1") for name, value in headers.items()}
