"""One HTTP connection, with what uvicorn's lacks: its application's form of errors, and bounds.

Bounded are the bytes and the time of a head, the time in which an answer is taken, how many
requests wait in line on a connection, and how many connections a worker holds. A body is bounded
where it is read.
"""

import asyncio
from typing import Final, cast

import httptools
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from screening.connections.arrival import body_is_here
from screening.connections.bounds import max_connections, whom_to_end
from screening.connections.refused import HttpRefused, Refusing, last_answer
from screening.connections.whole_answer import WholeAnswer
from screening.vocabulary.errors import InvalidRequest, Unavailable

MAX_HEAD_BYTES: Final = 16 * 1024
"""More of a path and headers is refused, each header counted with the four characters around it."""
UNREADABLE_REQUEST: Final = (
    "the request is not readable as HTTP; send HTTP/1.1, with a head of 16 KiB at the most"
)

_MAX_UNPARSED_BYTES: Final = 2 * MAX_HEAD_BYTES
"""Of a header without end the parser tells nothing, so what is read is counted, all of it."""

HEAD_TIMEOUT_S: Final = 10
"""Time for a head, from the connection's first moment or the last answer on, idle time included."""

ANSWER_TIMEOUT_S: Final = 10.0
"""Time in which a peer must have taken what is ready for it."""

MAX_WAITING_REQUESTS: Final = 16
"""Requests of a connection that wait for the answer to one before; of the next, all are refused.

Each costs a hundred times the bytes that it came in (measured); clients hardly ever send a second.
"""

CONNECTION: Final = "screening.connection"
"""In the `state` of a request: the connection on which it came."""

_HEADER_FRAME_BYTES: Final = len(": \r\n")
_UPGRADING: Final = (b"connection", b"upgrade", b"http2-settings")


class HttpConnection(HttpToolsProtocol):
    """Refuses what cannot be read as HTTP, and ends what does not come to an end.

    An offer to upgrade is ignored (RFC 9110 section 7.8): Java's client makes one with every
    request over plain http, and uvicorn would then read its question as an empty body.
    """

    _head_bytes = 0
    _unparsed_bytes = 0
    _heads_begun = 0
    _in_head = True
    _offers_upgrade = False
    _not_taken: asyncio.TimerHandle | None = None
    _refusal: Exception | None = None
    refused_since: float | None = None
    untaken_since: float | None = None
    _started: RequestResponseCycle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the base has it
        """Begin; where there are too many connections, another ends for it (`whom_to_end`)."""
        super().connection_made(transport)
        self.timeout_keep_alive = HEAD_TIMEOUT_S
        # uvicorn has this timer after an answer only, and ends it with the first byte of what
        # follows: here it runs until a head is complete.
        self.timeout_keep_alive_task = self.loop.call_later(
            HEAD_TIMEOUT_S, self.timeout_keep_alive_handler
        )
        if len(self.connections) > max_connections():
            others = [one for one in self.connections if isinstance(one, HttpConnection)]
            whom_to_end(others, self.loop.time()).give_up()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the request that is being answered, too: uvicorn tells only the last in line."""
        started = self._started
        if started is not None and started is not self.cycle and not started.response_complete:
            started.disconnected = True
            started.message_event.set()
        self.pipeline.clear()
        super().connection_lost(exc)

    def refuse_later(self) -> None:
        """Take note that its request waits to be refused."""
        self.refused_since = self.loop.time()

    def give_up(self) -> None:
        """End the connection at once; another is chosen for the next one that comes."""
        self.refused_since = self.untaken_since = None
        self._unset_keepalive_if_required()
        if self._started is not None:
            self._started.disconnected = True  # nobody misses what it has not answered
        self.transport.abort()

    def timeout_keep_alive_handler(self) -> None:
        """End a connection on which no head has arrived in time."""
        if self._heads_begun and self._in_head and not self.transport.is_closing():
            self._refuse(HttpRefused(408))
        else:
            self.give_up()

    def pause_writing(self) -> None:
        """Give a peer that takes nothing of its answer some time, and no more."""
        super().pause_writing()
        self.untaken_since = self.loop.time()
        self._not_taken = self.loop.call_later(ANSWER_TIMEOUT_S, self.transport.abort)

    def resume_writing(self) -> None:
        """Take note that the peer has taken most of what was ready."""
        super().resume_writing()
        # The rest of a last answer may be left to lie as well.
        self.untaken_since = self.loop.time() if self.transport.is_closing() else None
        if self._not_taken is not None:
            self._not_taken.cancel()

    def on_response_complete(self) -> None:
        """Wait for the next head, or for the peer to take the last answer."""
        self.refused_since = None
        if self._started is not None:
            cast("WholeAnswer", self._started.transport).flush()  # nothing follows, as after HEAD
        super().on_response_complete()
        if self._refusal is not None and not self._is_answering():
            self._refuse(self._refusal)
        if self.transport.is_closing():
            self._wait_for_the_end()

    def data_received(self, data: bytes) -> None:
        """Take in what the peer has sent."""
        rest: bytes | None = data if self._refusal is None else None
        while rest is not None:
            rest = self._feed(rest)

    def eof_received(self) -> bool:  # type: ignore[override]  # the base says None, which is False
        """Answer what has arrived whole to a peer that sends no more, and end then."""
        self._drop_unfinished()
        if not self._is_answering():
            return False
        last = self.pipeline[0][0] if self.pipeline else self._started
        if last is not None:
            last.keep_alive = False
        return True

    def _feed(self, data: bytes) -> bytes | None:
        """Parse `data`; return what has to be parsed again, with a new parser."""
        heads_begun = self._heads_begun
        rest = None
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            rest = self._without_offer(data[upgrade.args[0] :])
        except httptools.HttpParserError as error:
            refused = error.__context__  # what a callback has raised to end the parsing
            self._refuse(refused.why if isinstance(refused, _Refused) else _unreadable())
        if self._in_head and rest is None:
            # Where a head begins within the data is not known: less than one read is not counted.
            self._unparsed_bytes += len(data) if self._heads_begun == heads_begun else 0
            if self._unparsed_bytes > _MAX_UNPARSED_BYTES and not self.transport.is_closing():
                self._refuse(_unreadable())
        return rest

    def on_message_begin(self) -> None:
        """Take note that a head begins."""
        super().on_message_begin()
        self._in_head, self._head_bytes, self._unparsed_bytes = True, 0, 0
        self._heads_begun += 1

    def on_url(self, url: bytes) -> None:
        """Take in a piece of the path."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take in a header; a trailer means nothing here, and there may be no end of them."""
        if self._in_head:
            self._count(len(name) + len(value) + _HEADER_FRAME_BYTES)
            # The parser leaves white space behind a value, which is no part of it (RFC 9112, 5.1).
            super().on_header(name, value.rstrip(b" \t"))

    def on_headers_complete(self) -> None:
        """Start with the request, unless it has to be read again without its offer."""
        self._in_head = False
        self._offers_upgrade = self.parser.should_upgrade()
        if not self._offers_upgrade:
            if len(self.pipeline) >= MAX_WAITING_REQUESTS:
                raise _Refused(Unavailable("too many requests wait in line", reason="overloaded"))
            self._require_http()
            self._unset_keepalive_if_required()
            self.scope["state"][CONNECTION] = self
            super().on_headers_complete()
            self.cycle.transport = cast("asyncio.Transport", WholeAnswer(self.transport))
            if b"%" in self.scope["raw_path"]:
                # Undecoded: what a proxy has taken for another path than ours is another path.
                self.scope["path"] = self.scope["raw_path"].decode("ascii")

    def on_message_complete(self) -> None:
        """Take note that the body has ended."""
        if not self._offers_upgrade:
            super().on_message_complete()
            # Its task has begun only where a part of the body came later.
            self.scope["extensions"] = body_is_here()

    def send_400_response(self, msg: str) -> None:
        """Refuse and close; uvicorn's own sentence, `msg`, is not told."""
        del msg
        self._refuse(_unreadable())

    def _require_http(self) -> None:
        """Refuse what the parser lets through and RFC 9112 (sections 2.3, 3.2 and 6.1) does not."""
        version = self.parser.get_http_version()
        codings = () if version == "1.0" else (b"chunked",)  # whoever spoke 1.0 knew none
        hosts = 0
        for name, value in self.headers:
            if name == b"host":
                hosts += 1
            elif name == b"transfer-encoding" and value.lower() not in codings:
                raise _Refused(_unreadable())
        if version not in ("1.0", "1.1") or hosts > 1 or (version == "1.1" and not hosts):
            raise _Refused(_unreadable())

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._started = cycle
        if "extensions" in cycle.scope:  # it stood in line behind another request
            cycle.scope["extensions"] = body_is_here()
        super()._start_asgi_task(cycle, app)

    def _drop_unfinished(self) -> None:
        """Forget the last request where it waits in line and will never arrive whole."""
        if self.pipeline and self.pipeline[0][0] is self.cycle and self.cycle.more_body:
            self.pipeline.popleft()

    def _is_answering(self) -> bool:
        """Tell whether a request that has arrived whole is not answered yet."""
        started = self._started
        if started is None or started.response_complete:
            return False
        return not started.more_body or started is not self.cycle

    def _refuse(self, error: Exception) -> None:
        """Refuse and end; behind the answers to what came before, which nobody may take it for."""
        self._drop_unfinished()
        if self._is_answering():
            self._refusal = error
            return
        if self.transport.is_closing():
            return
        answer = cast("Refusing", self.app).refusal(error)
        self.transport.write(last_answer(answer, self.server_state.default_headers))
        self.transport.close()
        self._wait_for_the_end()

    def _wait_for_the_end(self) -> None:
        """Give the peer some time to take the rest of the last answer, and no more.

        It counts as untaken meanwhile: that so little waits is told by no `pause_writing`.
        """
        if self.untaken_since is None:
            self.untaken_since = self.loop.time()
        self.loop.call_later(ANSWER_TIMEOUT_S, self.transport.abort)

    def _count(self, head_bytes: int) -> None:
        self._head_bytes += head_bytes
        if self._head_bytes > MAX_HEAD_BYTES:
            raise _Refused(_unreadable())

    def _without_offer(self, rest: bytes) -> bytes | None:
        """Return the head once more without what offered the upgrade, then the `rest`."""
        method = self.parser.get_method()
        if method == b"CONNECT":  # this asks for a tunnel by itself
            self._refuse(_unreadable())
            return None
        version = self.parser.get_http_version().encode()
        line = b"%b %b HTTP/%b\r\n" % (method, self.url, version)
        if not self.parser.should_keep_alive():
            line += b"connection: close\r\n"
        kept = [header for header in self.headers if header[0] not in _UPGRADING]
        head = line + b"".join(b"%b: %b\r\n" % header for header in kept) + b"\r\n"
        self.parser = httptools.HttpRequestParser(self)
        return head + rest


class _Refused(Exception):
    """Ends the parsing: `_feed` gets the parser's own error for it, with this as its context."""

    def __init__(self, why: Exception) -> None:
        self.why = why


def _unreadable() -> InvalidRequest:
    return InvalidRequest(UNREADABLE_REQUEST)
