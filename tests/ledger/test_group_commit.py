"""Waiting requests are answered together, each by what became of its own batch."""

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from screening.ledger.group_commit import GroupCommit
from screening.ledger.ledger import Ledger
from screening.ledger.verify import verify_ledger
from screening.vocabulary.errors import LedgerFull, LedgerUnavailable
from tests.harness.processes import eventually
from tests.ledger.conftest import OpenLedger
from tests.ledger.looking import files, numbers, record, switches


class GatedLedger(Ledger):
    """A ledger whose disk stands still until the test opens the gate; it notes its batches."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory, host="test")
        self.gate = threading.Event()
        self.entered = threading.Semaphore(0)
        self.batches: list[int] = []
        self.failing: Exception | None = None

    def append(self, payloads: object) -> None:
        assert isinstance(payloads, list)
        if payloads:
            self.entered.release()
            assert self.gate.wait(30)
            self.batches.append(len(payloads))
        if self.failing is not None:
            raise self.failing
        super().append(payloads)


async def waiting(
    commit: GroupCommit, ledger: GatedLedger, count: int
) -> list["asyncio.Task[None]"]:
    """Start one record, which the thread takes at once, and `count` that wait behind it."""
    tasks = [asyncio.create_task(commit.append(record(0)))]
    await asyncio.to_thread(ledger.entered.acquire)
    tasks += [asyncio.create_task(commit.append(record(n + 1))) for n in range(count)]
    await asyncio.sleep(0)  # each of them gets as far as waiting
    assert len(commit._waiting) == count
    return tasks


def run(directory: Path, scenario: Callable[[GroupCommit, GatedLedger], Awaitable[None]]) -> None:
    ledger = GatedLedger(directory)
    commit = GroupCommit(ledger, max_pending=100)

    async def whole() -> None:
        commit.start(asyncio.get_running_loop())
        try:
            async with asyncio.timeout(60):
                await scenario(commit, ledger)
        finally:
            ledger.gate.set()
            await asyncio.to_thread(commit.close)

    asyncio.run(whole())


def test_what_has_queued_is_committed_together_and_in_order(directory: Path) -> None:
    async def scenario(commit: GroupCommit, ledger: GatedLedger) -> None:
        tasks = await waiting(commit, ledger, 64)
        ledger.gate.set()
        await asyncio.gather(*tasks)
        assert ledger.batches == [1, 64]
        assert numbers(directory) == list(range(65))  # durable when they return

    run(directory, scenario)


def test_a_cancelled_request_disturbs_no_other_of_its_batch(directory: Path) -> None:
    async def scenario(commit: GroupCommit, ledger: GatedLedger) -> None:
        tasks = await waiting(commit, ledger, 20)
        for task in tasks[::3]:
            task.cancel()
        await asyncio.sleep(0)
        ledger.gate.set()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        for number, result in enumerate(results):
            assert isinstance(result, asyncio.CancelledError) == (number % 3 == 0)
        assert numbers(directory) == list(range(21))

    run(directory, scenario)


@pytest.mark.parametrize(
    "failure", [LedgerUnavailable("the disk is full"), RuntimeError("not foreseen")]
)
def test_a_failure_is_told_to_those_of_its_batch_and_to_no_other(
    directory: Path, failure: Exception
) -> None:
    async def scenario(commit: GroupCommit, ledger: GatedLedger) -> None:
        await asyncio.sleep(0)
        ledger.failing = failure
        failing = await waiting(commit, ledger, 5)
        ledger.gate.set()
        results = await asyncio.gather(*failing, return_exceptions=True)
        assert {type(result) for result in results} == {LedgerUnavailable}
        assert len({id(result) for result in results}) == 6  # an error of its own for each
        after_failure = commit.is_writable
        ledger.failing = None
        await commit.append(record(100))
        assert (after_failure, commit.is_writable) == (False, True)
        assert numbers(directory) == [100]

    run(directory, scenario)


def test_a_worker_without_requests_finds_out_by_itself_that_it_can_write_again(
    directory: Path,
) -> None:
    async def scenario(commit: GroupCommit, ledger: GatedLedger) -> None:
        ledger.gate.set()
        ledger.failing = LedgerUnavailable("the disk is full")
        with pytest.raises(LedgerUnavailable):
            await commit.append(record(1))
        ledger.failing = None
        await asyncio.to_thread(eventually, lambda: commit.is_writable)

    run(directory, scenario)


def test_a_full_queue_refuses_at_once_and_keeps_what_it_holds(directory: Path) -> None:
    async def scenario(commit: GroupCommit, ledger: GatedLedger) -> None:
        tasks = await waiting(commit, ledger, 100)
        with pytest.raises(LedgerFull):
            await commit.append(record(1000))
        ledger.gate.set()
        await asyncio.gather(*tasks)
        assert numbers(directory) == list(range(101))

    run(directory, scenario)


def test_a_bad_payload_is_refused_alone(directory: Path) -> None:
    async def scenario(commit: GroupCommit, ledger: GatedLedger) -> None:
        tasks = await waiting(commit, ledger, 3)
        with pytest.raises(ValueError, match="line feed"):
            await commit.append(b'{"n":\n5}')
        ledger.gate.set()
        await asyncio.gather(*tasks)
        assert numbers(directory) == [0, 1, 2, 3]

    run(directory, scenario)


def test_the_waiters_of_a_batch_are_woken_with_one_call_into_the_loop(directory: Path) -> None:
    async def scenario(commit: GroupCommit, ledger: GatedLedger) -> None:
        tasks = await waiting(commit, ledger, 50)
        loop = asyncio.get_running_loop()
        threads: list[threading.Thread] = []
        original = loop.call_soon_threadsafe

        def counted(*arguments: object, **named: object) -> object:
            threads.append(threading.current_thread())
            return original(*arguments, **named)  # type: ignore[arg-type]  # passed on as they came

        loop.call_soon_threadsafe = counted  # type: ignore[assignment,method-assign]  # only counts
        ledger.gate.set()
        await asyncio.gather(*tasks)
        assert [thread.name for thread in threads] == ["group-commit"] * 2

    run(directory, scenario)


def test_the_thread_is_rung_for_once_in_two_turns_and_takes_all_it_was_rung_for(
    directory: Path,
) -> None:
    async def scenario(commit: GroupCommit, ledger: GatedLedger) -> None:
        tasks = await waiting(commit, ledger, 0)
        for turn in range(20):  # while the thread is at a batch that takes long
            tasks += [asyncio.create_task(commit.append(record(n))) for n in (2 * turn, 2 * turn)]
            await asyncio.sleep(0)  # in its next turn what comes is of the same ring
            tasks.append(asyncio.create_task(commit.append(record(2 * turn + 1))))
            await asyncio.sleep(0)
            assert commit._bell.qsize() == turn
            await asyncio.sleep(0)
            assert commit._bell.qsize() == turn + 1
        ledger.gate.set()
        await asyncio.gather(*tasks)
        assert commit._bell.qsize() == 0

    run(directory, scenario)


def test_closing_commits_what_is_queued_then_seals_and_refuses_what_comes_later(
    directory: Path,
) -> None:
    async def scenario(commit: GroupCommit, ledger: GatedLedger) -> None:
        tasks = await waiting(commit, ledger, 30)
        closing = asyncio.create_task(asyncio.to_thread(commit.close))
        await asyncio.to_thread(eventually, lambda: commit._is_closed)
        with pytest.raises(LedgerUnavailable, match="any more"):
            await commit.append(record(1000))
        ledger.gate.set()
        await asyncio.gather(*tasks, closing)
        assert numbers(directory) == list(range(31))
        assert len(files(directory, ".sealed")) == 1
        assert verify_ledger(directory).open_segments == 0

    run(directory, scenario)


def test_closing_without_having_started_is_allowed(directory: Path) -> None:
    GroupCommit(Ledger(directory, host="test")).close()
    assert not files(directory, ".open")


def test_a_loop_that_is_gone_does_not_keep_records_from_the_disk(directory: Path) -> None:
    ledger = GatedLedger(directory)
    commit = GroupCommit(ledger)

    async def leave_behind() -> None:
        commit.start(asyncio.get_running_loop())
        for task in await waiting(commit, ledger, 10):
            task.cancel()

    asyncio.run(leave_behind())
    ledger.gate.set()
    commit.close()
    assert numbers(directory) == list(range(11))


def test_many_tasks_each_find_their_record(directory: Path, open_ledger: OpenLedger) -> None:
    commit = GroupCommit(open_ledger(max_segment_bytes=20_000))
    told: list[int] = []

    async def one(first: int) -> None:
        for number in range(first, first + 50):
            await commit.append(record(number))
            told.append(number)

    async def all_of_them() -> None:
        commit.start(asyncio.get_running_loop())
        await asyncio.gather(*(one(first) for first in range(0, 3_200, 50)))
        await asyncio.to_thread(commit.close)

    asyncio.run(all_of_them())
    assert sorted(told) == list(range(3_200))
    found = numbers(directory)
    assert sorted(found) == list(range(3_200))
    for first in range(0, 3_200, 50):  # each task's records in the order it wrote them
        mine = [number for number in found if first <= number < first + 50]
        assert mine == sorted(mine)
    assert verify_ledger(directory).open_segments == 0


def test_an_idle_group_commit_uses_no_processor_time(directory: Path) -> None:
    async def scenario(commit: GroupCommit, ledger: GatedLedger) -> None:
        ledger.gate.set()
        await commit.append(record(1))
        thread = next(t for t in threading.enumerate() if t.name == "group-commit")
        assert thread.native_id is not None
        before = switches(thread.native_id)
        await asyncio.sleep(0.3)  # the measured span itself: nothing must happen in it
        assert switches(thread.native_id) - before <= 2

    if not Path("/proc/self/task").exists():
        pytest.skip("counts context switches in /proc, which only Linux has")
    run(directory, scenario)


def test_one_batch_is_one_write_and_one_fdatasync(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    for name in ("pwrite", "write", "fdatasync", "fsync"):

        def noted(*arguments: object, name: str = name, real: object = getattr(os, name)) -> object:
            calls.append(name)
            assert callable(real)
            return real(*arguments)

        monkeypatch.setattr(os, name, noted)
    with Ledger(directory, host="test") as ledger:
        ledger.append([])
        calls.clear()
        ledger.append([record(number) for number in range(100)])
        assert calls == ["pwrite", "fdatasync"]
