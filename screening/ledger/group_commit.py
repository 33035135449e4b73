"""Many waiting requests, one write and one `fdatasync`: what has queued is committed together.

The event loop queues a record and goes on; one thread takes all that has queued, makes it durable
and wakes the waiting requests with a single call into the loop. While it waits for the disk more
records queue, so the batch grows with the load by itself and nobody waits for a timer.
"""

import asyncio
import contextlib
import logging
import threading
from collections import deque
from queue import Empty, SimpleQueue
from typing import Final

from screening.ledger.ledger import Ledger
from screening.ledger.lines import require_payload
from screening.vocabulary.errors import LedgerFull, LedgerUnavailable, ScreeningError

MAX_PENDING: Final = 4096

_LOOK_AGAIN_S: Final = 0.5
"""A worker that cannot write is not ready, so no request would find out that it can again.

A segment that is due is not looked at more often, either, where another process is sealing.
"""

_CLOSE_WAIT_S: Final = 4.0
"""Less than a worker is given to end, requests included."""

_Waiter = asyncio.Future[None]
_log = logging.getLogger(__name__)


class GroupCommit:
    """Lets the tasks of one event loop append to a ledger, which from then on is its own."""

    def __init__(self, ledger: Ledger, *, max_pending: int = MAX_PENDING) -> None:
        self.is_writable = False
        """Whether the last batch, or the last attempt to open a segment, succeeded."""
        self._ledger = ledger
        self._max_pending = max_pending
        self._waiting: deque[tuple[bytes, _Waiter]] = deque()
        self._bell: SimpleQueue[None] = SimpleQueue()
        self._is_to_ring = False
        self._closing = threading.Lock()  # taken by submitters and `close` only, never for long
        self._is_closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Open the ledger and begin to commit, in a thread; waiters are woken in `loop`.

        Raises `RuntimeError` where no thread can be started.
        """
        self._loop = loop
        self._thread = threading.Thread(
            target=self._run, args=[loop], name="group-commit", daemon=True
        )
        self._thread.start()

    async def append(self, payload: bytes) -> None:
        """Return when the record is durable; one JSON object without a line feed.

        Raises `LedgerUnavailable` when its batch failed, `LedgerFull` at once when too many wait. A
        caller that is cancelled while waiting leaves its record behind and disturbs nobody.
        """
        require_payload(payload)
        if self._loop is None:
            raise LedgerUnavailable("no records are taken yet")
        if len(self._waiting) >= self._max_pending:
            raise LedgerFull("too many records wait to be made durable")
        waiter = self._loop.create_future()
        with self._closing:
            if self._is_closed:
                raise LedgerUnavailable("no records are taken any more")
            self._waiting.append((payload, waiter))
        if not self._is_to_ring:
            # Behind all that the loop is at: woken at once, the thread would only wait for the
            # interpreter lock, and a check would take 1.15 of its time (measured in one run). And
            # behind its next turn: what has arrived meanwhile comes along, which saves 1/40.
            self._is_to_ring = True
            self._loop.call_soon(self._loop.call_soon, self._ring)
        await waiter

    def close(self) -> None:
        """Commit what is queued, seal, and end the thread; not to be called from the loop.

        A disk that does not answer within four seconds is left behind: the segment is sealed by
        the next opener.
        """
        with self._closing:
            self._is_closed = True
        self._bell.put(None)
        if self._thread is not None:
            self._thread.join(_CLOSE_WAIT_S)

    def _ring(self) -> None:
        self._is_to_ring = False
        self._bell.put(None)

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        self._look()
        while not (self._is_closed and not self._waiting):
            if not self._waiting and not self._is_rung():
                self._look()
            elif batch := self._take():
                self._commit(batch, loop)
        self.is_writable = False
        self._ledger.close()

    def _is_rung(self) -> bool:
        """Sleep until the bell rings, or False when it is time to look at the segment."""
        due_in_s = self._ledger.due_in_s() if self.is_writable else 0.0
        try:
            self._bell.get(timeout=None if due_in_s is None else max(due_in_s, _LOOK_AGAIN_S))
        except Empty:
            return False
        return True

    def _take(self) -> list[tuple[bytes, _Waiter]]:
        """Take all that waits, and all that was rung for it; nobody else takes anything."""
        for _ in range(self._bell.qsize()):
            self._bell.get_nowait()
        return [self._waiting.popleft() for _ in range(len(self._waiting))]

    def _look(self) -> None:
        """Open a segment where there is none, and seal one that is due."""
        self.is_writable = self._attempt([]) is None

    def _commit(self, batch: list[tuple[bytes, _Waiter]], loop: asyncio.AbstractEventLoop) -> None:
        failure = self._attempt([payload for payload, _ in batch])
        self.is_writable = failure is None
        # A loop that is closed has nobody waiting.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle, [waiter for _, waiter in batch], failure)

    def _attempt(self, payloads: list[bytes]) -> str | None:
        """Append; returns what went wrong. Whatever it is, the thread lives and waiters learn."""
        try:
            self._ledger.append(payloads)
        except ScreeningError as error:
            return str(error)
        except Exception as error:
            _log.exception("a batch failed unexpectedly")
            return f"a batch failed: {type(error).__name__}"
        return None


def _settle(waiters: list[_Waiter], failure: str | None) -> None:
    for waiter in waiters:
        if waiter.done():  # cancelled while it waited
            continue
        if failure is None:
            waiter.set_result(None)
        else:
            waiter.set_exception(LedgerUnavailable(failure))
