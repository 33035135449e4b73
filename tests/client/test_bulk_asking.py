"""How one run asks: what any batch is told of waiting holds for all of them."""

import asyncio
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from screening.client.answers import BulkAnswer
from screening.client.bulk.asking import Asker, BulkRun
from screening.client.bulk.batches import Batch, Preparation, Row
from screening.client.bulk.columns import Column
from screening.client.bulk.patience import Patience
from screening.client.bulk.resume import ResumeFile, ResumeHeader
from screening.client.derivation import SelectorToken, TokenSource
from screening.vocabulary.errors import (
    Forbidden,
    OperatorError,
    QuotaExceeded,
    ScreeningError,
    Unauthenticated,
    Unknown,
)
from screening.vocabulary.kit import Kit
from screening.vocabulary.selector import SelectorKind
from screening.vocabulary.wire import ListState, Parameters

PAUSE_S = 1
LIST = ListState("00000001-9f86d081", 1, "2026-11-22T09:00:00Z", "2026-11-22T09:00:00Z")


class Telling:
    """An API that tells the first to wait, and the second, who asked meanwhile, to wait less."""

    def __init__(self) -> None:
        self.asked_at: list[float] = []
        self.told_at = 0.0
        self._both_asked = asyncio.Event()
        self._first_told = asyncio.Event()

    async def parameters(self) -> Parameters:
        raise NotImplementedError

    async def bulk(self, tokens: list[SelectorToken], /) -> BulkAnswer:
        self.asked_at.append(time.monotonic())
        if len(self.asked_at) == 1:
            await self._both_asked.wait()
            self.told_at = time.monotonic()
            self._first_told.set()
            raise QuotaExceeded("", retry_after_s=PAUSE_S)
        if len(self.asked_at) == 2:
            self._both_asked.set()
            await self._first_told.wait()
            raise QuotaExceeded("", retry_after_s=0)
        assert len(tokens) == 1
        return BulkAnswer("no_match", ("no_match",), "a" * 26, "", LIST)


class Refusing:
    """An API that refuses the first, and for another reason the second, in flight by then."""

    def __init__(self) -> None:
        self._asked = 0
        self._both_asked = asyncio.Event()
        self._first_told = asyncio.Event()

    async def parameters(self) -> Parameters:
        raise NotImplementedError

    async def bulk(self, tokens: list[SelectorToken], /) -> BulkAnswer:
        assert tokens
        self._asked += 1
        if self._asked == 1:
            await self._both_asked.wait()
            self._first_told.set()
            raise Forbidden("the cause")
        self._both_asked.set()
        await self._first_told.wait()
        raise Unauthenticated


class RefusingLast:
    """An API that refuses what it was asked once the table cannot be read on."""

    def __init__(self) -> None:
        self._is_unreadable = asyncio.Event()

    async def parameters(self) -> Parameters:
        raise NotImplementedError

    async def bulk(self, tokens: list[SelectorToken], /) -> BulkAnswer:
        assert tokens
        await self._is_unreadable.wait()
        raise Unauthenticated

    def then_unreadable(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """Yield these, and end as a table does that was changed meanwhile."""
        yield from batches
        self._is_unreadable.set()
        raise OperatorError("the cause")


class Away:
    """An API that nobody hears of."""

    def __init__(self) -> None:
        self.asked_at: list[float] = []

    async def parameters(self) -> Parameters:
        raise NotImplementedError

    async def bulk(self, tokens: list[SelectorToken], /) -> BulkAnswer:
        assert tokens
        self.asked_at.append(time.monotonic())
        raise Unknown("", reason="connection")


class Silent:
    def answered(self, rows: int) -> None:
        pass

    def waiting(self, pause_s: float, error: ScreeningError) -> None:
        pass

    def certain(self, row: int, receipt: str) -> None:
        pass


TWO_BATCHES = [Batch(n, [Row([f"+1202555010{n}"], None)]) for n in range(2)]


def ask_two_batches(
    asker: Asker,
    kit: Kit,
    folder: Path,
    *,
    batches: Iterable[Batch] = TWO_BATCHES,
    patience_s: float = 60,
) -> int:
    """Ask about two batches at once; return how many rows were recorded."""
    columns = [Column(0, "phone", SelectorKind.PHONE)]
    header = ResumeHeader("gen-screen-bulk/2", "0" * 64, 2, [(0, "phone")], None, "acme-2026a")

    async def run() -> int:
        with ThreadPoolExecutor(1) as pool, ResumeFile(folder / "out.resume", header) as record:
            bulk_run = BulkRun(
                asker,
                Preparation(TokenSource(kit), columns, pool),
                record,
                patience=Patience(patience_s),
                onlooker=Silent(),
                in_flight=2,
                columns=1,
            )
            await bulk_run.run(batches)
            return record.rows

    return asyncio.run(run())


def test_what_ends_a_run_is_told_and_not_what_a_later_answer_in_flight_says(
    kit: Kit, tmp_path: Path
) -> None:
    with pytest.raises(Forbidden, match="the cause"):
        ask_two_batches(Refusing(), kit, tmp_path)


def test_a_table_that_cannot_be_read_on_is_told_and_not_what_an_answer_in_flight_says(
    kit: Kit, tmp_path: Path
) -> None:
    asker = RefusingLast()
    with pytest.raises(OperatorError, match="the cause"):
        ask_two_batches(asker, kit, tmp_path, batches=asker.then_unreadable(TWO_BATCHES))


def test_a_longer_wait_that_one_batch_was_told_is_not_cut_short_by_what_another_is_told(
    kit: Kit, tmp_path: Path
) -> None:
    telling = Telling()
    assert ask_two_batches(telling, kit, tmp_path) == 2
    assert len(telling.asked_at) == 4
    # Never earlier: how much later is nobody's promise.
    assert min(telling.asked_at[2:]) >= telling.told_at + PAUSE_S


def test_an_api_that_is_back_when_patience_ends_is_still_asked(kit: Kit, tmp_path: Path) -> None:
    away, patience_s, began = Away(), 0.3, time.monotonic()
    with pytest.raises(Unknown):
        ask_two_batches(away, kit, tmp_path, patience_s=patience_s)
    assert away.asked_at[-1] >= began + patience_s - 0.01  # what a loop's clock may be early
