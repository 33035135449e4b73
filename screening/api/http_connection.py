"""One HTTP connection, with what uvicorn's lacks: our form of its errors, and a bounded head."""

import secrets
from typing import Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from screening.api.headers import own_headers
from screening.api.problems import problem_of
from screening.vocabulary.errors import InvalidRequest

MAX_HEAD_BYTES: Final = 16 * 1024
"""A request line and headers that have not ended by then are refused: uvicorn would keep on."""


class HttpConnection(HttpToolsProtocol):
    """Answers what cannot be read as HTTP with a problem, and ends a head without end."""

    _head_bytes = 0
    _in_head = True

    def data_received(self, data: bytes) -> None:
        """Take in what the peer has sent."""
        super().data_received(data)
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
                self.send_400_response("")

    def on_message_begin(self) -> None:
        """Take note that a head begins."""
        super().on_message_begin()
        self._in_head, self._head_bytes = True, 0

    def on_headers_complete(self) -> None:
        """Take note that the head has ended."""
        self._in_head = False
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer with a problem and close; uvicorn's own sentence, `msg`, is not told."""
        del msg
        response = problem_of(InvalidRequest("the request is not readable as HTTP"))
        body = response.body
        headers = [
            *self.server_state.default_headers,
            *response.headers,
            *own_headers(secrets.token_hex(8).encode()),
            (b"content-length", b"%d" % len(body)),
            (b"connection", b"close"),
        ]
        head = b"".join(b"%b: %b\r\n" % header for header in headers)
        self.transport.write(STATUS_LINE[400] + head + b"\r\n" + body)
        self.transport.close()
