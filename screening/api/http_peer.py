"""How something small gets to a peer: one HTTP request, bounded in time and bytes.

No redirect is followed and no proxy asked: what is sent goes to the address that the operator gave.
"""

import contextlib
import errno
import os
import socket
import threading
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Final, NamedTuple
from urllib.parse import urlsplit

_MAX_ANSWER_BYTES: Final = 8 * 1024
"""Sixteen signature lines of a witness have less than half of this."""


class Answer(NamedTuple):
    """What the peer said."""

    status: int
    body: bytes


class HttpPeer:
    """A peer at an address, as its operator gave it: without log-in, `?` or `#`.

    `timeout_s` is for connecting to each of its addresses, and for the whole exchange after that.
    Where nobody `reads_body`, the status is all there is of an answer, however long its body is.
    """

    def __init__(
        self, url: str, path: str = "", *, timeout_s: float, reads_body: bool = True
    ) -> None:
        parts = urlsplit(url)
        self._is_tls = parts.scheme == "https"
        self._host, self._port = parts.hostname or "", parts.port
        self._path = (f"{parts.path.rstrip('/')}{path}" if path else parts.path) or "/"
        self._timeout_s = timeout_s
        self._reads_body = reads_body

    def post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send one request; raises `OSError` or `HTTPException` where there is no answer."""
        kind = HTTPSConnection if self._is_tls else HTTPConnection
        connection = kind(self._host, self._port, timeout=self._timeout_s)
        try:
            connection.connect()
            # A time-out of the socket alone is for each byte: a peer may send one every second.
            ending = threading.Timer(self._timeout_s, _end, (connection.sock,))
            ending.daemon = True
            try:
                ending.start()
            except RuntimeError:  # the system has too many threads
                raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN)) from None
            try:
                connection.request("POST", self._path, body, dict(headers))
                # One that ends its connection is alone with it: `connection` has let go by then.
                with connection.getresponse() as response:
                    content = response.read(_MAX_ANSWER_BYTES + 1) if self._reads_body else b""
            finally:
                ending.cancel()
        finally:
            connection.close()
        if len(content) > _MAX_ANSWER_BYTES:
            raise HTTPException
        return Answer(response.status, content)


def _end(connected: socket.socket) -> None:
    # Beneath TLS: an `SSLSocket` lets go of that first, and whoever reads meanwhile is given what
    # the peer has encrypted, or an error that no socket has.
    with contextlib.suppress(OSError):  # it has ended
        socket.socket.shutdown(connected, socket.SHUT_RDWR)
