"""The routes about an answer that was given: its proof, and what became of it.

POSTs, so that no receipt stands in a URL, where proxies and logs keep it (docs/decisions/0029). Any
key of the partner whose record it is may ask, whatever its scopes (docs/decisions/0038).
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from litestar.types import HTTPScope, Receive, Send

from screening.api.callers import Callers
from screening.api.lists import Lists
from screening.api.media_types import find_acceptable, media_type_of
from screening.api.places import Places
from screening.api.quotas.allowance import Allowance
from screening.api.quotas.key_rates import KeyRates
from screening.api.refusals import Refusals
from screening.api.routes import JSON, Disconnected, headers_of, read_body
from screening.api.sending import send_answer
from screening.connections.refused import HttpRefused
from screening.registry.reader import Caller
from screening.vocabulary.errors import LedgerUnavailable, Unavailable
from screening.vocabulary.wire import CHECK_MAX_BODY_BYTES

_ARRIVING: Final = 64
_AT_WORK: Final = 8
"""Requests of a worker at each route, before their bodies are here and behind that (`Places`)."""

AskedT = TypeVar("AskedT")


@dataclass(frozen=True, slots=True)
class ReceiptContract(Generic[AskedT]):
    """What one of the routes reads, and answers with as JSON."""

    name: str
    """Of the route, in metrics and the log."""
    read: Callable[[bytes], AskedT]
    answer: Callable[[Caller, AskedT], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class ReceiptParts:
    """The parts of a worker that such a request passes."""

    lists: Lists
    callers: Callers
    allowance: Allowance
    key_rates: KeyRates
    refusals: Refusals


class ReceiptRoute(Generic[AskedT]):
    """A route, by its contract."""

    def __init__(self, contract: ReceiptContract[AskedT], parts: ReceiptParts) -> None:
        self._contract = contract
        self._parts = parts
        self._arriving, self._at_work = Places(_ARRIVING), Places(_AT_WORK)

    async def __call__(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Answer one request; every error becomes a problem."""
        try:
            body = await self._answer(scope, receive)
        except Disconnected:
            return
        except Exception as error:
            await self._parts.refusals.send(self._contract.name, scope, send, error)
        else:
            await send_answer(send, 200, [(b"content-type", JSON.encode())], body)

    async def _answer(self, scope: HTTPScope, receive: Receive) -> bytes:
        if scope["method"] != "POST":
            raise HttpRefused(405, allow="POST")
        headers = headers_of(scope)
        caller = self._identify(scope, headers)
        media_type = media_type_of(headers.get(b"content-type", b""))
        if headers.get(b"content-encoding", b"identity") != b"identity" or media_type != JSON:
            raise HttpRefused(415)
        if find_acceptable(headers.get(b"accept", b""), (JSON,)) is None:
            raise HttpRefused(406)
        company = caller.partner.company
        self._arriving.take(company)
        try:
            body = await read_body(scope, receive, headers, CHECK_MAX_BODY_BYTES)
            # Anew: the key may have been revoked while the body was on its way.
            caller = self._identify(scope, headers)
            self._at_work.take(company)
            try:
                return await self._counted(caller, self._contract.read(body))
            finally:
                self._at_work.give_back(company)
        finally:
            self._arriving.give_back(company)

    def _identify(self, scope: HTTPScope, headers: Mapping[bytes, bytes]) -> Caller:
        parts = self._parts
        return parts.callers.identify(parts.lists.current(), scope["client"], headers)

    async def _counted(self, caller: Caller, asked: AskedT) -> bytes:
        # As much as one selector, found or not: what is looked for costs the same.
        parts = self._parts
        await parts.key_rates.spend(caller, 1)
        day = await parts.allowance.spend(caller.partner, 1)
        try:
            return await self._contract.answer(caller, asked)
        except (Unavailable, LedgerUnavailable):
            parts.allowance.give_back(caller.partner, 1, day=day)
            raise
