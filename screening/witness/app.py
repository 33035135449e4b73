"""The witness over HTTP: one route, in plain ASGI, with a bounded body and time for it."""

import asyncio
from typing import Final

import structlog
from litestar.enums import ScopeType
from litestar.types import HTTPScope, Receive, Scope, Send

from screening.api.problems import ProblemResponse, problem_of
from screening.ledger.log.submissions import MAX_SUBMISSION_BYTES, PATH
from screening.vocabulary.errors import OperatorError
from screening.witness.witness import STATUS, Reply, Witness

BODY_TIMEOUT_S: Final = 10.0

_log = structlog.get_logger("screening.witness")


class WitnessApp:
    """Answers `POST /add-checkpoint`; one after the other, since each looks at what the last left.

    What is written in between is some hundred bytes and two fsyncs, for which others wait.
    """

    def __init__(self, witness: Witness) -> None:
        self._witness = witness

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == ScopeType.HTTP:
            status, reply = await self._answer(scope, receive)
            await _send(send, status, reply)

    def refusal(self, error: Exception) -> ProblemResponse:
        """Return what the connection answers where no request can be read."""
        return problem_of(error)

    async def _answer(self, scope: HTTPScope, receive: Receive) -> tuple[int, Reply]:
        if scope["path"] != PATH:
            return 404, _sentence("there is nothing at this path")
        if scope["method"] != "POST":
            return 405, _sentence("post a checkpoint")
        try:
            body = await asyncio.wait_for(_read(receive), BODY_TIMEOUT_S)
        except TimeoutError:
            return 408, _sentence("the request did not arrive in time")
        if body is None:
            return 413, _sentence("the request is too large")
        return self._reply(body)

    def _reply(self, body: bytes) -> tuple[int, Reply]:
        try:
            reply = self._witness.add_checkpoint(body)
        except OperatorError as error:
            _log.error("nothing is countersigned", reason=str(error))
        except OSError as error:
            _log.error("nothing is countersigned", file=error.filename, reason=error.strerror)
        else:
            _tell(reply)
            return STATUS[reply.outcome], reply
        return 503, _sentence("nothing can be countersigned now")


def _tell(reply: Reply) -> None:
    """Log what a person should look at: what was asked under a valid signature, and is refused."""
    checkpoint = reply.checkpoint
    if checkpoint is None or reply.outcome == "signed":
        return
    is_rolled_back = checkpoint.size < (reply.newest_size or 0)
    if reply.outcome == "elsewhere" and not is_rolled_back:
        return  # a log that has lost the last answer asks where the witness is
    _log.error(
        "a log does not go on from what was countersigned",
        outcome="rolled back" if is_rolled_back else reply.outcome,
        origin=checkpoint.origin,
        size=checkpoint.size,
        root=checkpoint.root.hex(),
        newest_size=reply.newest_size,
    )


async def _read(receive: Receive) -> bytes | None:
    """Return the whole body; None where it is larger than any submission."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return bytes(body)  # the peer is gone, and nobody hears what is answered
        body += message.get("body", b"")
        if len(body) > MAX_SUBMISSION_BYTES:
            return None
        if not message.get("more_body", False):
            return bytes(body)


async def _send(send: Send, status: int, reply: Reply) -> None:
    headers = [
        (b"content-type", reply.media_type.encode()),
        (b"content-length", b"%d" % len(reply.body)),
    ]
    if status == 405:
        headers.append((b"allow", b"POST"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body, "more_body": False})


def _sentence(text: str) -> Reply:
    return Reply("unreadable", f"{text}\n".encode())
