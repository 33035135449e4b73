"""One HTTP connection, with what uvicorn's lacks: our form of its errors, and a bounded head."""

import secrets
from typing import Final

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from screening.api.headers import own_headers
from screening.api.problems import problem_of
from screening.vocabulary.errors import InvalidRequest

MAX_HEAD_BYTES: Final = 16 * 1024
"""A request line and headers that have not ended by then are refused: uvicorn would keep on."""

_UPGRADING: Final = (b"connection", b"upgrade", b"http2-settings")


class HttpConnection(HttpToolsProtocol):
    """Answers what cannot be read as HTTP with a problem, and ends a head without end.

    An offer to upgrade is ignored (RFC 9110 section 7.8): Java's client makes one with every
    request over plain http, and uvicorn would then read its question as an empty body.
    """

    _head_bytes = 0
    _heads_begun = 0
    _in_head = True
    _offers_upgrade = False

    def data_received(self, data: bytes) -> None:
        """Take in what the peer has sent."""
        self._unset_keepalive_if_required()
        rest: bytes | None = data
        while rest is not None:
            rest = self._feed(rest)

    def _feed(self, data: bytes) -> bytes | None:
        """Parse `data`; return what has to be parsed again, with a new parser."""
        heads_begun = self._heads_begun
        rest = None
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            rest = self._without_offer(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            self.send_400_response("")
        if self._in_head and rest is None:
            # Where a head begins within the data is not known: less than one read is not counted.
            self._head_bytes += len(data) if self._heads_begun == heads_begun else 0
            if self._head_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
                self.send_400_response("")
        return rest

    def on_message_begin(self) -> None:
        """Take note that a head begins."""
        super().on_message_begin()
        self._in_head, self._head_bytes = True, 0
        self._heads_begun += 1

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take in a header; a trailer means nothing here, and there may be no end of them."""
        if self._in_head:
            # The parser leaves white space behind a value, which is no part of it (RFC 9112, 5.1).
            super().on_header(name, value.rstrip(b" \t"))

    def on_headers_complete(self) -> None:
        """Start with the request, unless it has to be read again without its offer."""
        self._in_head = False
        self._offers_upgrade = self.parser.should_upgrade()
        if not self._offers_upgrade:
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Take note that the body has ended."""
        if not self._offers_upgrade:
            super().on_message_complete()

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

    def _without_offer(self, rest: bytes) -> bytes | None:
        """Return the head once more without what offered the upgrade, then the `rest`."""
        method = self.parser.get_method()
        if method == b"CONNECT":  # this asks for a tunnel by itself
            self.send_400_response("")
            return None
        line = b"%b %b HTTP/1.1\r\n" % (method, self.url)
        kept = [header for header in self.headers if header[0] not in _UPGRADING]
        head = line + b"".join(b"%b: %b\r\n" % header for header in kept) + b"\r\n"
        self.parser = httptools.HttpRequestParser(self)
        return head + rest
