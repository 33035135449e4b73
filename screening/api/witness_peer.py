"""How a submission gets to the witness: one HTTP request, bounded in time and bytes."""

import contextlib
import socket
import threading
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from screening.ledger.log.submissions import PATH

TIMEOUT_S: Final = 2.0
"""For the whole exchange, connecting included, and again for each of its steps."""
_MAX_ANSWER_BYTES: Final = 8 * 1024
"""Sixteen signature lines have less than half of this."""


class Answer(NamedTuple):
    """What the witness said."""

    status: int
    body: bytes


class WitnessPeer:
    """A witness at an address, as its operator gave it: without log-in, `?` or `#`."""

    def __init__(self, url: str, *, timeout_s: float = TIMEOUT_S) -> None:
        parts = urlsplit(url)
        self._is_tls = parts.scheme == "https"
        self._host, self._port = parts.hostname or "", parts.port
        self._path = f"{parts.path.rstrip('/')}{PATH}"
        self._timeout_s = timeout_s

    def submit(self, body: bytes) -> Answer:
        """Send one submission; raises `OSError` or `HTTPException` where there is no answer."""
        kind = HTTPSConnection if self._is_tls else HTTPConnection
        connection = kind(self._host, self._port, timeout=self._timeout_s)
        try:
            connection.connect()
            # A time-out of the socket alone is for each byte: a peer may send one every second.
            ending = threading.Timer(self._timeout_s, _end, (connection.sock,))
            ending.daemon = True
            ending.start()
            try:
                connection.request("POST", self._path, body, {"content-type": "text/plain"})
                response = connection.getresponse()
                content = response.read(_MAX_ANSWER_BYTES + 1)
            finally:
                ending.cancel()
        finally:
            connection.close()
        if len(content) > _MAX_ANSWER_BYTES:
            raise HTTPException
        return Answer(response.status, content)


def _end(connected: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it has ended
        connected.shutdown(socket.SHUT_RDWR)
