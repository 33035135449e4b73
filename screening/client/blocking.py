"""The SDK for code without asyncio: the same client, on a loop in a thread of its own.

One implementation then keeps the time limit for both, over name resolution and a dripping peer too,
which blocking sockets cannot be held to.
"""

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine, Iterable, Sequence
from concurrent.futures import CancelledError, Future
from pathlib import Path
from typing import Any, Self, TypeVar

from screening.client.answers import BulkAnswer, CheckAnswer
from screening.client.closed import ClientClosed
from screening.client.derivation import RawSelector, SelectorToken
from screening.client.kept_receipts import KeptReceipt, keep
from screening.client.kit_file import load_kit
from screening.client.session import (
    BULK_TIMEOUT_MS_DEFAULT,
    OTHER_TIMEOUT_MS_DEFAULT,
    TIMEOUT_MS_DEFAULT,
    AsyncScreeningClient,
)
from screening.vocabulary.errors import Unknown
from screening.vocabulary.feedback import Feedback, Outcome
from screening.vocabulary.kit import Kit
from screening.vocabulary.notices import Notices
from screening.vocabulary.proof import Proof
from screening.vocabulary.wire import Parameters

ResultT = TypeVar("ResultT")


class ScreeningClient:
    """Asks the screening API; safe to share between threads, and to use after a fork.

    Times, errors and rules are those of `AsyncScreeningClient`. Use it as a context manager, or
    `close()` it: a call that goes on meanwhile raises `ClientClosed`, and so does each one later.
    """

    def __init__(
        self,
        kit: Kit,
        *,
        timeout_ms: int = TIMEOUT_MS_DEFAULT,
        bulk_timeout_ms: int = BULK_TIMEOUT_MS_DEFAULT,
        other_timeout_ms: int = OTHER_TIMEOUT_MS_DEFAULT,
    ) -> None:
        self._make: Callable[[], AsyncScreeningClient] = lambda: AsyncScreeningClient(
            kit,
            timeout_ms=timeout_ms,
            bulk_timeout_ms=bulk_timeout_ms,
            other_timeout_ms=other_timeout_ms,
        )
        self._key_id = kit.token_key.key_id
        self._lock = threading.Lock()
        self._running: _LoopThread | None = _LoopThread(self._make())

    @classmethod
    def from_kit(
        cls,
        path: str | Path,
        *,
        timeout_ms: int = TIMEOUT_MS_DEFAULT,
        bulk_timeout_ms: int = BULK_TIMEOUT_MS_DEFAULT,
        other_timeout_ms: int = OTHER_TIMEOUT_MS_DEFAULT,
    ) -> Self:
        """Make a client from a kit file; raises `KitRefused`."""
        return cls(
            load_kit(path),
            timeout_ms=timeout_ms,
            bulk_timeout_ms=bulk_timeout_ms,
            other_timeout_ms=other_timeout_ms,
        )

    def check(
        self,
        selectors: Iterable[RawSelector],
        *,
        region: str | None = None,
        actor: str | None = None,
        booking_region: str | None = None,
    ) -> CheckAnswer:
        """Ask about one booking; see `AsyncScreeningClient.check`."""
        return self._run(
            lambda client: client.check(
                selectors, region=region, actor=actor, booking_region=booking_region
            )
        )

    def tokens(
        self, selectors: Iterable[RawSelector], *, region: str | None = None
    ) -> list[SelectorToken]:
        """Derive tokens on all cores; see `AsyncScreeningClient.tokens`."""
        return self._run(lambda client: client.tokens(selectors, region=region))

    def bulk(
        self,
        tokens: Sequence[SelectorToken],
        *,
        actor: str | None = None,
        booking_region: str | None = None,
    ) -> BulkAnswer:
        """Ask about 1-10,000 tokens, once; see `AsyncScreeningClient.bulk`."""
        return self._run(
            lambda client: client.bulk(tokens, actor=actor, booking_region=booking_region)
        )

    def check_tokens(
        self,
        tokens: Sequence[SelectorToken],
        *,
        actor: str | None = None,
        booking_region: str | None = None,
    ) -> CheckAnswer:
        """Ask about one booking by its tokens; see `AsyncScreeningClient.check_tokens`."""
        return self._run(
            lambda client: client.check_tokens(tokens, actor=actor, booking_region=booking_region)
        )

    def keep(
        self, tokens: Sequence[SelectorToken], answer: CheckAnswer | BulkAnswer | Unknown
    ) -> KeptReceipt:
        """Return what to keep of an answer; see `AsyncScreeningClient.keep`."""
        return keep(self._key_id, tokens, answer)

    def proof(self, receipt: str) -> Proof:
        """Return the proof of an answer's record; see `AsyncScreeningClient.proof`."""
        return self._run(lambda client: client.proof(receipt))

    def feedback(self, receipt: str, outcome: Outcome) -> Feedback:
        """Say what became of a match; see `AsyncScreeningClient.feedback`."""
        return self._run(lambda client: client.feedback(receipt, outcome))

    def notices(self, after: int = 0) -> Notices:
        """Return what to hear of matches that were told; see `AsyncScreeningClient.notices`."""
        return self._run(lambda client: client.notices(after))

    def parameters(self) -> Parameters:
        """Return what the API states; see `AsyncScreeningClient.parameters`."""
        return self._run(lambda client: client.parameters())

    def close(self) -> None:
        """Close connections and threads; the client cannot be used any more."""
        with self._lock:
            running, self._running = self._running, None
        if running is not None:
            running.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"ScreeningClient({self._running!r})"

    def _run(self, work: Callable[[AsyncScreeningClient], Coroutine[Any, Any, ResultT]]) -> ResultT:
        with self._lock:
            if self._running is None:
                raise ClientClosed
            if self._running.process_id != os.getpid():
                # A fork copies neither threads nor the right to share a connection.
                self._running = _LoopThread(self._make())
            # Begun under the lock: whoever closes the client meanwhile ends this call as well.
            call = self._running.begin(work)
        return _result(call)


class _LoopThread:
    """An event loop in a daemon thread, and the client that lives on it."""

    def __init__(self, client: AsyncScreeningClient) -> None:
        self.process_id = os.getpid()
        self._client = client
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="screening-client", daemon=True
        )
        self._thread.start()

    def __repr__(self) -> str:
        return repr(self._client)

    def begin(
        self, work: Callable[[AsyncScreeningClient], Coroutine[Any, Any, ResultT]]
    ) -> Future[ResultT]:
        return asyncio.run_coroutine_threadsafe(work(self._client), self._loop)

    def close(self) -> None:
        if self.process_id != os.getpid():
            return
        try:
            _result(self.begin(_end))
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()


def _result(call: Future[ResultT]) -> ResultT:
    try:
        return call.result()
    except CancelledError:  # by `close`, in another thread
        raise ClientClosed from None
    except BaseException:
        call.cancel()  # A Ctrl-C here must not leave the question running.
        raise


async def _end(client: AsyncScreeningClient) -> None:
    # A call of another thread must end with an error, not wait for a loop that has stopped.
    calls = asyncio.all_tasks() - {asyncio.current_task()}
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    await client.aclose()
