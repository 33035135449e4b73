"""HTTP in and out, nothing else.

The two questions are plain ASGI routes: a typed handler costs a third of the throughput (measured).
Every byte of a request is untrusted, and none of it comes back.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from dataclasses import dataclass
from typing import cast

from litestar.types import HTTPScope, Receive, Send

from screening.api.answers import answer_json, answer_msgpack
from screening.api.callers import Callers
from screening.api.check import Answered, Screening
from screening.api.lists import Lists
from screening.api.loaded import Loaded
from screening.api.media_types import find_acceptable, media_type_of
from screening.api.metrics import Metrics
from screening.api.places import Places, WorkPlaces
from screening.api.quotas.allowance import Allowance
from screening.api.quotas.headers import Header
from screening.api.quotas.key_rates import KeyRates, with_key_rate
from screening.api.refusals import Refusals
from screening.api.rehearsal import SlowAnswers
from screening.api.sending import send_answer
from screening.connections.arrival import BODY_IS_HERE, waited_s
from screening.connections.refused import HttpRefused
from screening.registry import record as registry
from screening.registry.reader import Caller
from screening.vocabulary.errors import InvalidRequest, Unavailable
from screening.vocabulary.question import Question, Reading

JSON = "application/json"
MSGPACK = "application/msgpack"

_BODY_TIMEOUT_S = 5.0
_ENCODERS = {JSON: answer_json, MSGPACK: answer_msgpack}


@dataclass(frozen=True, slots=True)
class Contract:
    """What one of the two routes accepts."""

    name: registry.Scope
    max_body_bytes: int
    at_once: int | None
    """Requests of a worker that are answered side by side, others wait their turn; None for all."""
    at_most: int
    """Requests that a worker takes in, bodies included; more are `503 overloaded`.

    One company has half of them, and who has none gets one of as many more: bodies that do not
    arrive must not keep others out.
    """
    readers: Mapping[str, Callable[[bytes], Reading]]
    """Media type -> reader; the first is the default, and the answer's media types are the same."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a worker that a question passes, in about this order."""

    lists: Lists
    callers: Callers
    key_rates: KeyRates
    screening: Screening
    allowance: Allowance
    metrics: Metrics
    refusals: Refusals


class AskRoute:
    """`POST /v1/check` or `/v1/bulk`, by its contract."""

    def __init__(self, contract: Contract, parts: Parts) -> None:
        self._contract = contract
        self._offered = tuple(contract.readers)
        self._lists = parts.lists
        self._callers = parts.callers
        self._key_rates = parts.key_rates
        self._screening = parts.screening
        self._allowance = parts.allowance
        self._metrics = parts.metrics
        self._refusals = parts.refusals
        self._slow = SlowAnswers()
        self._places = Places(contract.at_most)
        self._at_work = WorkPlaces(contract.at_most)
        # Nobody waits at the gate of a contract without one.
        self._gate: AbstractAsyncContextManager[object] = (
            nullcontext() if contract.at_once is None else asyncio.Semaphore(contract.at_once)
        )

    async def __call__(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Answer one request; every error becomes a problem."""
        started = time.perf_counter()
        try:
            headers, answered, body = await self._answer(scope, receive)
        except Disconnected:
            return  # nobody hears an answer; what the connection refused, it has counted
        except Exception as error:
            await self._refusals.send(self._contract.name, scope, send, error)
        else:
            self._metrics.answered(self._contract.name, time.perf_counter() - started)
            self._refusals.answered()
            if answered.is_slow:  # here, where it keeps nobody's turn or place
                await self._slow.hold()
            await send_answer(send, 200, headers, body)

    async def _answer(
        self, scope: HTTPScope, receive: Receive
    ) -> tuple[list[Header], Answered, bytes]:
        if scope["method"] != "POST":
            raise HttpRefused(405, allow="POST")
        self._places.require_one()
        headers = headers_of(scope)
        loaded = self._lists.current()
        caller = self._admit(loaded, scope["client"], headers)
        if headers.get(b"content-encoding", b"identity") != b"identity":
            raise HttpRefused(415)  # no compression, in either direction
        read = self._reader(headers.get(b"content-type", b""))
        media_type = self._acceptable(headers.get(b"accept", b""))
        company = caller.partner.company
        self._places.take(company)
        try:
            body = await read_body(scope, receive, headers, self._contract.max_body_bytes)
            self._at_work.take(company, waited_s(scope))
            try:
                async with self._gate:
                    now = self._lists.current()
                    if now is not loaded or not self._callers.is_live(caller):
                        loaded = now  # in which the key may have been revoked
                        caller = self._admit(loaded, scope["client"], headers)
                    question = await self._whole(caller, read(body))
                    await self._key_rates.spend(caller, len(question.tokens))
                    answered = await self._screening.answer(caller, loaded, question)
            finally:
                self._at_work.give_back(company)
        finally:
            self._places.give_back(company)
        self._metrics.results(self._contract.name, answered.results)
        headers_of_answer = with_key_rate(self._allowance.headers(caller.partner), caller.api_key)
        headers_of_answer.append((b"content-type", media_type.encode()))
        return headers_of_answer, answered, _ENCODERS[media_type](answered)

    async def _whole(self, caller: Caller, reading: Reading) -> Question:
        """Return what has been read in the end; at every step others have their turn.

        What cannot be read costs a selector of the rate: it took the worker's time.
        """
        try:
            while True:
                next(reading)
                await asyncio.sleep(0)
        except StopIteration as end:
            return cast("Question", end.value)
        except InvalidRequest:
            with suppress(Unavailable):  # what is wrong with the body is known all the same
                await self._key_rates.spend(caller, 1)
                await self._allowance.spend(caller.partner, 1)
            raise

    def _admit(
        self, loaded: Loaded, peer: tuple[str, int] | None, headers: Mapping[bytes, bytes]
    ) -> Caller:
        return self._callers.admit(loaded, peer, headers, self._contract.name)

    def _reader(self, content_type: bytes) -> Callable[[bytes], Reading]:
        read = self._contract.readers.get(media_type_of(content_type))
        if read is None:
            raise HttpRefused(415)
        return read

    def _acceptable(self, accept: bytes) -> str:
        media_type = find_acceptable(accept, self._offered)
        if media_type is None:
            raise HttpRefused(406)
        return media_type


class Disconnected(Exception):
    """The connection ended before its request did."""


def headers_of(scope: HTTPScope) -> dict[bytes, bytes]:
    """Return the headers by name; values of one that is repeated are joined (RFC 9110 section 5.3).

    So no repetition is ever read otherwise than by a proxy before us: joined, it is refused where
    only one value has a meaning.
    """
    sent = list(scope["headers"])
    headers = dict(sent)
    if len(headers) == len(sent):
        return headers
    values: dict[bytes, list[bytes]] = {}
    for name, value in sent:
        values.setdefault(name, []).append(value)
    return {name: b", ".join(several) for name, several in values.items()}


async def read_body(
    scope: HTTPScope, receive: Receive, headers: Mapping[bytes, bytes], limit: int
) -> bytes:
    """Return the request's body.

    Raises `HttpRefused`: 413 as soon as it is past `limit` bytes, 408 where it does not arrive.
    """
    declared = headers.get(b"content-length", b"0")
    if not declared.isdigit() or int(declared[:12]) > limit:
        raise HttpRefused(413)
    if BODY_IS_HERE in (scope.get("extensions") or ()):
        return await _received(receive, limit)
    try:
        async with asyncio.timeout(_BODY_TIMEOUT_S):
            return await _received(receive, limit)
    except TimeoutError:
        raise HttpRefused(408) from None


async def _received(receive: Receive, limit: int) -> bytes:
    chunks = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        if message["type"] == "http.request":
            chunks.append(message["body"])
            size += len(message["body"])
            if size > limit:
                raise HttpRefused(413)
            if not message["more_body"]:
                return chunks[0] if len(chunks) == 1 else b"".join(chunks)
