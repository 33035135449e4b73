"""The SDK for asyncio: sends calls within their time, asks once more where that is safe.

All shapes and rules are in `calls.py` and `replies.py`; here is only what touches the network.
"""

import asyncio
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, Self, TypeVar

import httpx

from screening import __version__
from screening.client.answers import BulkAnswer, CheckAnswer
from screening.client.calls import (
    Call,
    bulk_call,
    check_call,
    feedback_call,
    notices_call,
    parameters_call,
    proof_call,
)
from screening.client.closed import ClientClosed
from screening.client.connecting import Handshake, connection_failed, tls_context
from screening.client.derivation import (
    RawSelector,
    SelectorToken,
    TokenSource,
    canonicals,
    derivation_pool,
)
from screening.client.kept_receipts import KeptReceipt, keep
from screening.client.kit_file import load_kit
from screening.client.pauses import FIRST_SHARE, find_pause
from screening.client.receiving import received
from screening.client.replies import Reply, off_contract
from screening.vocabulary.endpoint import parse_endpoint
from screening.vocabulary.errors import Unknown
from screening.vocabulary.feedback import Feedback, Outcome
from screening.vocabulary.kit import Kit
from screening.vocabulary.normalise import PHONE_METADATA_VERSION
from screening.vocabulary.notices import Notices
from screening.vocabulary.proof import Proof
from screening.vocabulary.wire import Parameters

TIMEOUT_MS_DEFAULT: Final = 500
BULK_TIMEOUT_MS_DEFAULT: Final = 30_000
OTHER_TIMEOUT_MS_DEFAULT: Final = 10_000
"""No traveller waits for these, and a host looks for what they are about one after the other."""
_RECEIPTS_KEPT: Final = 1_024
"""The latest answers' receipts: what stores and repeats answers repeats them soon."""
_USER_AGENT: Final = f"screening-client/{__version__}"

AnswerT = TypeVar("AnswerT")
ScreenedT = TypeVar("ScreenedT", CheckAnswer, BulkAnswer)


class PhoneMetadataDiffers(UserWarning):
    """Client and list were made with other phone metadata: a few phones may differ in spelling."""


class AsyncScreeningClient:
    """Asks the screening API on an asyncio loop; one for each process and kit, kept open.

    `timeout_ms` is how long a check may take in all, name resolution, TLS and one retry included,
    `bulk_timeout_ms` a `bulk`, and `other_timeout_ms` each call of another kind. Making the tokens
    comes before it and takes 0.5 ms (`light`) or 20 ms (`strong`) a selector and core.
    Making a client derives its `key_check`, which takes as long as one selector. Once it is closed,
    each call raises `ClientClosed`.
    """

    def __init__(
        self,
        kit: Kit,
        *,
        timeout_ms: int = TIMEOUT_MS_DEFAULT,
        bulk_timeout_ms: int = BULK_TIMEOUT_MS_DEFAULT,
        other_timeout_ms: int = OTHER_TIMEOUT_MS_DEFAULT,
    ) -> None:
        if min(timeout_ms, bulk_timeout_ms, other_timeout_ms) <= 0:
            raise ValueError("a time-out must be positive")
        self._timeout_s = timeout_ms / 1000
        self._bulk_timeout_s = bulk_timeout_ms / 1000
        self._other_timeout_s = other_timeout_ms / 1000
        self._endpoint = parse_endpoint(kit.api_url)
        self._source = TokenSource(kit)
        self._pool = derivation_pool()
        self._warned = False
        self._receipts: dict[str, None] = {}
        self._http = httpx.AsyncClient(
            headers={
                "Authorization": f"Bearer {kit.api_key}",
                "User-Agent": _USER_AGENT,
                "Accept": "application/json",
                # Sizes stay as the API made them, and nothing can unpack to more than it weighs.
                "Accept-Encoding": "identity",
            },
            follow_redirects=False,
            verify=tls_context(kit.api_url),  # which heeds the environment for loopback, too
            # Proxies of the environment see nothing inside TLS; loopback needs none.
            trust_env=not self._endpoint.loopback,
            timeout=None,  # noqa: S113 - every exchange is under asyncio.timeout, all phases in one
        )

    @classmethod
    def from_kit(
        cls,
        path: str | Path,
        *,
        timeout_ms: int = TIMEOUT_MS_DEFAULT,
        bulk_timeout_ms: int = BULK_TIMEOUT_MS_DEFAULT,
        other_timeout_ms: int = OTHER_TIMEOUT_MS_DEFAULT,
    ) -> Self:
        """Make a client from a kit file; raises `KitRefused`, or `Unknown` as `tls_context`."""
        return cls(
            load_kit(path),
            timeout_ms=timeout_ms,
            bulk_timeout_ms=bulk_timeout_ms,
            other_timeout_ms=other_timeout_ms,
        )

    async def check(
        self,
        selectors: Iterable[RawSelector],
        *,
        region: str | None = None,
        actor: str | None = None,
        booking_region: str | None = None,
    ) -> CheckAnswer:
        """Ask about one booking: 1-16 pairs of kind and value, such as `("phone", "+1 202 ...")`.

        `region` is an ISO 3166-1 alpha-2 code for phones written without a country code, and leaves
        no machine; `booking_region` is that of the country in which the booking is made, and does;
        `actor` an opaque id of who asks, never a name. Raises `NotCanonical` or
        `InvalidRequest` (nothing was asked; `position` is the selector's index), `CallerRefused`,
        or `Unknown`: never read that as "no", and its `matches` as certain.
        """
        tokens = await self.tokens(selectors, region=region)
        return await self.check_tokens(tokens, actor=actor, booking_region=booking_region)

    async def check_tokens(
        self,
        tokens: Sequence[SelectorToken],
        *,
        actor: str | None = None,
        booking_region: str | None = None,
    ) -> CheckAnswer:
        """Ask about one booking by its tokens, which `keep` takes, too; raises as `check`."""
        call = check_call(self._source, tokens, actor=actor, booking_region=booking_region)
        return self._new(await self._ask(call, timeout_s=self._timeout_s, retry=True))

    async def tokens(
        self, selectors: Iterable[RawSelector], *, region: str | None = None
    ) -> list[SelectorToken]:
        """Derive tokens on all cores, in order; asks nothing. Raises as `check` before it asks."""
        self._require_open()
        loop = asyncio.get_running_loop()
        return await asyncio.gather(
            *(
                loop.run_in_executor(self._pool, self._source.token, canonical)
                for canonical in canonicals(selectors, region=region)
            )
        )

    async def bulk(
        self,
        tokens: Sequence[SelectorToken],
        *,
        actor: str | None = None,
        booking_region: str | None = None,
    ) -> BulkAnswer:
        """Ask about 1-10,000 tokens, once: when to ask again is the caller's decision.

        `actor` and `booking_region` are of all of them, as in `check`.
        Raises `QuotaExceeded` and `Unknown` with `retry_after_s`; the key needs the scope `bulk`.
        """
        call = bulk_call(self._source, tokens, actor=actor, booking_region=booking_region)
        return self._new(await self._ask(call, timeout_s=self._bulk_timeout_s, retry=False))

    def keep(
        self, tokens: Sequence[SelectorToken], answer: CheckAnswer | BulkAnswer | Unknown
    ) -> KeptReceipt:
        """Return what to keep of an answer to `tokens`, or of an `Unknown` that tells matches.

        Raises `InvalidRequest` where nothing was told, or something was of other tokens.
        """
        return keep(self._source.key_id, tokens, answer)

    async def proof(self, receipt: str) -> Proof:
        """Return what shows that the record of an answer is in the log; once is enough.

        Verify it with `screening.client.verifying.verify`. Raises `ReceiptNotFound`, or `Unknown`:
        with the reason `audit` for two seconds after the answer.
        """
        return await self._ask(proof_call(receipt), timeout_s=self._other_timeout_s, retry=True)

    async def feedback(self, receipt: str, outcome: Outcome) -> Feedback:
        """Say what became of a match, and return what is on record of it now.

        `receipt` is `RECEIPT.i` for the row i of a question, from 0; RECEIPT alone where one row
        matched. Raises `MatchNotFound`, `RowNotNamed`, or `Unknown`: then it may not be on record.
        Say it again; that changes nothing. Another outcome, later, takes the place of the first.
        """
        call = feedback_call(receipt, outcome)
        return await self._ask(call, timeout_s=self._other_timeout_s, retry=True)

    async def notices(self, after: int = 0) -> Notices:
        """Return what to hear of matches that were told: entries that were false.

        `after` is the `next` of the last answer, which to keep; while one `has_more`, ask again.
        Raises `QuotaExceeded` where you asked too often: go on with the same `after` in
        `retry_after_s`. Other refusals are as of `check`, and `Unknown` is not "none".
        """
        return await self._ask(notices_call(after), timeout_s=self._other_timeout_s, retry=True)

    async def parameters(self) -> Parameters:
        """Return what the API states: versions, live token keys, limits, what is left of a quota.

        Warns once (`PhoneMetadataDiffers`) where its phone metadata are not this client's. Calling
        it at start also opens the connection, which the first check then need not wait for.
        """
        stated = await self._ask(parameters_call(), timeout_s=self._other_timeout_s, retry=True)
        if stated.phone_metadata != PHONE_METADATA_VERSION and not self._warned:
            self._warned = True
            warnings.warn(
                f"the list was made with {stated.phone_metadata}, this client has "
                f"{PHONE_METADATA_VERSION}: a few phones may be spelled differently; "
                "bring the client to the list's version",
                PhoneMetadataDiffers,
                stacklevel=2,
            )
        return stated

    async def aclose(self) -> None:
        """Close connections and threads."""
        await self._http.aclose()
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._source.key_id} at {self._endpoint.base})"

    def _require_open(self) -> None:
        if self._http.is_closed:
            raise ClientClosed

    def _new(self, answer: ScreenedT) -> ScreenedT:
        """Return an answer, unless it was given before: it is then about another question."""
        if answer.receipt in self._receipts:
            raise off_contract()
        self._receipts[answer.receipt] = None
        if len(self._receipts) > _RECEIPTS_KEPT:
            del self._receipts[next(iter(self._receipts))]
        return answer

    async def _ask(self, call: Call[AnswerT], *, timeout_s: float, retry: bool) -> AnswerT:
        """Ask once, or with `retry` once more where that is safe and ends within `timeout_s`."""
        self._require_open()
        now = asyncio.get_running_loop().time
        deadline = now() + timeout_s
        if retry:
            try:
                return call.read(await self._exchange(call, timeout_s * FIRST_SHARE))
            except Unknown as error:
                pause_s = find_pause(error, left_s=deadline - now())
                if pause_s is None:
                    raise
            await asyncio.sleep(pause_s)
        return call.read(await self._exchange(call, deadline - now()))

    async def _exchange(self, call: Call[AnswerT], timeout_s: float) -> Reply:
        failure: Unknown
        try:
            async with (
                asyncio.timeout(timeout_s),
                self._http.stream(
                    call.method,
                    self._endpoint.url(call.path),
                    content=call.body,
                    headers={"Content-Type": "application/json"} if call.body else None,
                    extensions={"trace": Handshake()},
                ) as response,
            ):
                return await received(response, max_bytes=call.max_answer_bytes)
        except TimeoutError:
            failure = Unknown("no answer in time; ask again later", reason="timeout")
        except (httpx.HTTPError, OSError, UnicodeError) as error:
            failure = connection_failed(self._endpoint.base, error)
        # Raised outside of the handler: httpx's errors know the request, headers and all.
        raise failure
