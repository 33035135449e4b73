"""`POST /v1/receipts/proof`: what shows a partner that the record of its answer is in the log.

Out of the way of all checks: in a thread, one at a time, and of few that wait. A POST, so that no
receipt stands in a URL, where proxies and logs keep it (docs/decisions/0029).
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec
from litestar.types import HTTPScope, Receive, Send

from screening.api.callers import Callers
from screening.api.lists import Lists
from screening.api.media_types import find_acceptable, media_type_of
from screening.api.metrics import Metrics
from screening.api.places import Places
from screening.api.quotas.allowance import Allowance
from screening.api.quotas.key_rates import KeyRates
from screening.api.refusals import Refusals
from screening.api.routes import (
    JSON,
    Disconnected,
    headers_of,
    read_body,
)
from screening.api.sending import send_answer
from screening.connections.refused import HttpRefused
from screening.ledger.log.checkpoint import LOG
from screening.ledger.log.keys import read_verifier_key
from screening.ledger.log.missing_segments import MissingSegments
from screening.ledger.log.receipts import find_proof
from screening.registry.reader import Caller
from screening.vocabulary.errors import (
    LedgerDamaged,
    NotSignedYet,
    OperatorError,
    Unavailable,
)
from screening.vocabulary.proof import Proof, read_receipt
from screening.vocabulary.wire import CHECK_MAX_BODY_BYTES

PROOF_PATH: Final = "/v1/receipts/proof"
_AT_MOST: Final = 8
"""Requests that wait in a worker; one partner has half of them."""


class Proofs:
    """Finds proofs in the log of this host, one at a time, in a thread."""

    def __init__(self, journal: Path, metrics: Metrics) -> None:
        self._journal = journal
        self._missing = MissingSegments(journal)
        self._metrics = metrics
        self._turn = asyncio.Semaphore(1)

    def log_key(self) -> str | None:
        """Return by which key the log of this host is verified; None until it has begun."""
        key = read_verifier_key(self._journal / LOG)
        return None if key is None else key.text

    async def find(self, receipt: str, *, partner: str) -> Proof:
        """Return the proof for a partner's record.

        Raises `ReceiptNotFound` and `NotSignedYet`, which is also what a partner is told of
        whatever is wrong here: an alarm says so, and the log line why.
        """
        async with self._turn:
            try:
                return await asyncio.to_thread(self._found, receipt, partner)
            except (LedgerDamaged, OperatorError) as error:
                why = str(error)  # our sentence: it holds no input
            except OSError as error:
                why = f"the log cannot be read: {error.strerror}"
        self._metrics.raised("proof_failed", "journal")
        raise NotSignedYet(why)

    def _found(self, receipt: str, partner: str) -> Proof:
        key = read_verifier_key(self._journal / LOG)
        if key is None:
            raise NotSignedYet("the log has not begun yet")
        return find_proof(self._missing, key, receipt, partner=partner)


class ProofRoute:
    """The route; any key of the partner whose record it is may ask, whatever its scopes."""

    def __init__(
        self,
        proofs: Proofs,
        *,
        lists: Lists,
        callers: Callers,
        allowance: Allowance,
        key_rates: KeyRates,
        refusals: Refusals,
    ) -> None:
        self._proofs = proofs
        self._lists = lists
        self._callers = callers
        self._allowance = allowance
        self._key_rates = key_rates
        self._refusals = refusals
        self._places = Places(_AT_MOST)

    async def __call__(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Answer one request; every error becomes a problem."""
        try:
            body = msgspec.json.encode(await self._answer(scope, receive))
        except Disconnected:
            return
        except Exception as error:
            await self._refusals.send("proof", scope, send, error)
        else:
            await send_answer(send, 200, [(b"content-type", JSON.encode())], body)

    async def _answer(self, scope: HTTPScope, receive: Receive) -> Proof:
        if scope["method"] != "POST":
            raise HttpRefused(405, allow="POST")
        headers = headers_of(scope)
        caller = self._identify(scope, headers)
        media_type = media_type_of(headers.get(b"content-type", b""))
        if headers.get(b"content-encoding", b"identity") != b"identity" or media_type != JSON:
            raise HttpRefused(415)
        if find_acceptable(headers.get(b"accept", b""), (JSON,)) is None:
            raise HttpRefused(406)
        partner = caller.partner.partner
        self._places.take(partner)
        try:
            body = await read_body(scope, receive, headers, CHECK_MAX_BODY_BYTES)
            # Anew: the key may have been revoked while the body was on its way.
            return await self._proof(self._identify(scope, headers), read_receipt(body))
        finally:
            self._places.give_back(partner)

    def _identify(self, scope: HTTPScope, headers: Mapping[bytes, bytes]) -> Caller:
        return self._callers.identify(self._lists.current(), scope["client"], headers)

    async def _proof(self, caller: Caller, receipt: str) -> Proof:
        # As much as one selector, found or not: what is looked for costs the same.
        await self._key_rates.spend(caller, 1)
        day = await self._allowance.spend(caller.partner, 1)
        try:
            return await self._proofs.find(receipt, partner=caller.partner.partner)
        except Unavailable:
            self._allowance.give_back(caller.partner, 1, day=day)
            raise
