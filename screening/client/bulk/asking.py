"""Asks about a table: some batches in flight, each durable in `OUT.resume` once it is answered."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol, TypeVar

from screening.client.answers import BulkAnswer
from screening.client.bulk.batches import Batch, Preparation, Prepared
from screening.client.bulk.patience import Patience, pause_before
from screening.client.bulk.resume import AnsweredBatch, ResumeFile
from screening.client.derivation import SelectorToken
from screening.vocabulary.errors import ScreeningError, Unknown
from screening.vocabulary.wire import Parameters

AnswerT = TypeVar("AnswerT")


class Asker(Protocol):
    """Who answers: the SDK's client."""

    async def parameters(self) -> Parameters:
        """Return what the API states."""
        ...

    async def bulk(self, tokens: list[SelectorToken], /) -> BulkAnswer:
        """Ask once; raises `QuotaExceeded` and `Unknown` with what they say of asking again."""
        ...


class Onlooker(Protocol):
    """Who is told how a run goes."""

    def answered(self, rows: int) -> None:
        """So many more rows are done."""

    def waiting(self, pause_s: float, error: ScreeningError) -> None:
        """The run pauses, because of `error`."""

    def certain(self, row: int, receipt: str) -> None:
        """This row matches for certain, though the answer to its batch is not known."""


class _Stopped(Exception):
    """The run ends before this batch is answered; it is asked when the run goes on."""


class BulkRun:
    """One run over one table; `stop` ends it early, with nothing lost that was answered."""

    def __init__(
        self,
        asker: Asker,
        preparation: Preparation,
        resume: ResumeFile,
        *,
        patience: Patience,
        onlooker: Onlooker,
        in_flight: int,
        columns: int,
    ) -> None:
        self._asker = asker
        self._preparation = preparation
        self._resume = resume
        self._patience = patience
        self._onlooker = onlooker
        self._slots = asyncio.Semaphore(in_flight)
        self._columns = columns
        self._stop = asyncio.Event()
        self._not_before = 0.0
        self._failure: ScreeningError | None = None

    def stop(self) -> None:
        """Ask nothing more; what is in flight lands and is recorded."""
        self._stop.set()

    async def parameters(self) -> Parameters | None:
        """Return what the API states, or None once the run is to stop."""
        try:
            return await self._patiently(self._asker.parameters, lambda _: None)
        except _Stopped:
            return None

    async def run(self, batches: Iterable[Batch]) -> None:
        """Ask about every batch; raises the first error that waiting does not mend.

        Whatever ends it, all that was answered is recorded when it returns.
        """
        async with asyncio.TaskGroup() as tasks:
            try:
                for batch in batches:
                    prepared = await self._prepared(batch)
                    if prepared is None or not await self._slot():
                        break
                    tasks.create_task(self._settle(prepared))
            except ScreeningError as error:  # The input cannot be read on; what is asked lands.
                self._failure = error
        if self._failure is not None:
            raise self._failure

    async def _prepared(self, batch: Batch) -> Prepared | None:
        """Prepare a batch, or return None once the run is to stop."""
        preparing = asyncio.ensure_future(self._preparation.prepare(batch))
        stopping = asyncio.ensure_future(self._stop.wait())
        await asyncio.wait({preparing, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if self._stop.is_set():
            preparing.cancel()
            return None
        return await preparing

    async def _slot(self) -> bool:
        """Wait for one of the places in flight; False once the run is to stop."""
        await self._slots.acquire()
        if self._stop.is_set():
            self._slots.release()
            return False
        return True

    async def _settle(self, prepared: Prepared) -> None:
        try:
            self._resume.append(await self._answer(prepared))
            self._onlooker.answered(prepared.rows)
        except ScreeningError as error:
            self._failure = self._failure or error
            self.stop()
        except _Stopped:
            pass
        finally:
            self._slots.release()

    async def _answer(self, prepared: Prepared) -> AnsweredBatch:
        if not prepared.tokens:
            return AnsweredBatch(prepared.first_row, prepared.cells)
        answer = await self._patiently(
            lambda: self._asker.bulk(prepared.tokens),
            lambda error: self._tell_certain(prepared, error),
        )
        self._patience.answered()
        return AnsweredBatch(
            prepared.first_row,
            prepared.answered(answer.results),
            answer.receipt,
            answer.opening,
            answer.list,
        )

    async def _patiently(
        self, ask: Callable[[], Awaitable[AnswerT]], told: Callable[[ScreeningError], None]
    ) -> AnswerT:
        """Ask until there is an answer or patience ends; `told` hears of every error."""
        attempt = 0
        while True:
            await self._wait_until(self._not_before)
            try:
                return await ask()
            except ScreeningError as error:
                told(error)
                pause_s = pause_before(error, attempt, left_s=self._patience.left_s())
                if pause_s is None:
                    raise
                self._onlooker.waiting(pause_s, error)
                # What one batch is told holds for all: the others need not be told as well.
                self._not_before = max(self._not_before, time.monotonic() + pause_s)
            attempt += 1

    async def _wait_until(self, moment: float) -> None:
        pause_s = moment - time.monotonic()
        if pause_s > 0:
            try:
                await asyncio.wait_for(self._stop.wait(), pause_s)
            except TimeoutError:
                return
            raise _Stopped

    def _tell_certain(self, prepared: Prepared, error: ScreeningError) -> None:
        if isinstance(error, Unknown) and error.matches and error.receipt:
            for index in error.matches:
                row = prepared.row_of(index, self._columns)
                self._onlooker.certain(row, f"{error.receipt}.{index}")
