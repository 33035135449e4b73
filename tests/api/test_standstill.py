"""A worker that has stood still answers only from what sync has found in Redis since."""

import asyncio
import gc
import threading
from collections.abc import Callable, Coroutine

import pytest
from litestar import Litestar

from screening.api.app import Worker
from screening.api.cache import boottime
from screening.api.settings import ApiSettings
from screening.store.settings import StoreSettings
from tests.api.worker_lists import (
    BEAT_S,
    PAUSE_S,
    WorkerLists,
    answering,
    is_answering,
    lists_that_load_until,
    look,
    run,
)

SILENT_S = 15.0
"""So long a worker waits for a word of sync's."""


def test_after_a_pause_of_the_host_it_answers_once_it_has_taken_up_what_sync_found_since(
    cached: WorkerLists,
) -> None:
    async def scenario() -> None:
        await answering(cached)
        cached.moments.steady += PAUSE_S
        assert not is_answering(cached.lists)
        for _ in range(10):
            await look(cached)
            assert not is_answering(cached.lists)
        cached.lay_down()
        assert not is_answering(cached.lists)
        await look(cached)
        assert is_answering(cached.lists)

    run(scenario())


@pytest.mark.parametrize("left_out", ["partners", "lists"])
def test_it_waits_for_its_own_look_at_partners_and_at_lists(
    cached: WorkerLists, left_out: str
) -> None:
    looks: dict[str, Callable[[], Coroutine[None, None, None]]] = {
        "partners": cached.lists.refresh,
        "lists": cached.lists.refresh_partners,
    }

    async def scenario() -> None:
        await answering(cached)
        cached.moments.steady += PAUSE_S
        await look(cached)
        cached.lay_down()
        for _ in range(3):
            cached.moments.steady += BEAT_S
            await looks[left_out]()
            assert not is_answering(cached.lists)
        await look(cached)
        assert is_answering(cached.lists)

    run(scenario())


def test_a_look_of_syncs_that_began_before_the_pause_ends_no_doubt(cached: WorkerLists) -> None:
    async def scenario() -> None:
        await answering(cached)
        cached.moments.steady += PAUSE_S
        cached.lay_down(began_s_ago=PAUSE_S)
        for _ in range(3):
            await look(cached)
            assert not is_answering(cached.lists)

    run(scenario())


def test_a_pause_of_the_worker_alone_is_over_with_its_next_look(cached: WorkerLists) -> None:
    async def scenario() -> None:
        await answering(cached)
        cached.moments.steady += PAUSE_S
        cached.lay_down(began_s_ago=0.6)
        assert not is_answering(cached.lists)
        await look(cached)
        assert is_answering(cached.lists)

    run(scenario())


@pytest.mark.parametrize("every_ms", [200, 1_000, 3_000, 5_000])
@pytest.mark.slow
def test_who_looks_seldom_takes_no_wait_for_a_pause_and_a_pause_for_no_wait(
    cached: WorkerLists, monkeypatch: pytest.MonkeyPatch, every_ms: int
) -> None:
    monkeypatch.setenv("SCREENING_RELOAD_MS", str(every_ms))
    waited_s, pause_s = every_ms / 1_000 - 0.1, max(2.2, 3.2 - every_ms / 1_000)

    async def scenario() -> None:
        cached.start()
        await answering(cached)
        for _ in range(3):
            cached.moments.steady += every_ms / 1_000 + 0.9
            assert is_answering(cached.lists)
            await look(cached, after_s=0.0)
            assert is_answering(cached.lists)
        cached.moments.steady += waited_s
        cached.lay_down(began_s_ago=0.0)
        cached.moments.steady += pause_s  # of which sync knows nothing: its look was before that
        assert not is_answering(cached.lists)
        await look(cached, after_s=0.0)
        assert not is_answering(cached.lists)
        cached.lay_down(began_s_ago=0.0)
        await look(cached)
        assert is_answering(cached.lists)

    run(scenario())


def test_sync_that_says_nothing_is_waited_for_some_seconds_and_anew_after_another_pause(
    cached: WorkerLists,
) -> None:
    async def scenario() -> None:
        await answering(cached)
        for pause_s in (PAUSE_S, 3_600.0):
            cached.moments.steady += pause_s
            await look(cached)
            for _ in range(int(SILENT_S) - 1):
                await look(cached, after_s=1.0)
                assert not is_answering(cached.lists)
        await look(cached, after_s=1.0)
        assert is_answering(cached.lists)

    run(scenario())


@pytest.mark.slow
def test_looks_of_syncs_that_take_long_are_no_pause(cached: WorkerLists) -> None:
    async def scenario() -> None:
        await answering(cached)
        for _ in range(100):
            await look(cached)
            assert is_answering(cached.lists)
        cached.lay_down(began_s_ago=19.0)
        await look(cached)
        assert is_answering(cached.lists)

    run(scenario())


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.slow
def test_a_list_that_loads_for_long_is_no_pause(cached: WorkerLists, *, is_first: bool) -> None:
    begun, loaded_now = threading.Event(), threading.Event()

    async def scenario() -> None:
        await (cached.lists.refresh_partners() if is_first else answering(cached))
        cached.lists.__class__ = lists_that_load_until(begun, loaded_now)
        cached.cache.write_documents(cached.cache.read_documents())  # another version of the file
        loading = asyncio.create_task(cached.lists.refresh())
        assert await asyncio.to_thread(begun.wait, 30)
        for _ in range(100):
            cached.moments.steady += BEAT_S
            await cached.lists.refresh_partners()
            assert is_answering(cached.lists)
        loaded_now.set()
        await loading
        assert is_answering(cached.lists)

    try:
        run(scenario())
    finally:
        loaded_now.set()


@pytest.mark.slow
def test_a_worker_that_cannot_begin_leaves_no_beat_behind(
    cached: WorkerLists, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCREENING_HOME", str(cached.folder))
    monkeypatch.setenv("SCREENING_SECRETS", str(cached.secrets))

    async def fail() -> None:
        raise MemoryError

    async def scenario() -> None:
        worker = Worker(ApiSettings(), StoreSettings())
        worker.commit.start(asyncio.get_running_loop())
        worker._look = fail  # type: ignore[method-assign]
        with pytest.raises(MemoryError):
            async with worker.lifespan(Litestar()):
                pass
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(scenario())


@pytest.mark.slow
def test_a_worker_looks_beside_its_first_load_and_beside_redis(
    cached: WorkerLists, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCREENING_HOME", str(cached.folder))
    monkeypatch.setenv("SCREENING_SECRETS", str(cached.secrets))
    loaded_now, seen = threading.Event(), list[bool]()
    cached.moments.steady = boottime()  # which this worker looks at
    cached.lay_down()

    async def never() -> None:
        await asyncio.Event().wait()

    async def for_a_pause(worker: Worker) -> None:
        begun_at = boottime()
        while boottime() - begun_at < PAUSE_S + 1:
            seen.append(is_answering(worker.lists))
            await asyncio.sleep(0.05)

    async def scenario() -> None:
        worker = Worker(ApiSettings(), StoreSettings())
        worker.commit.start(asyncio.get_running_loop())
        worker.lists.__class__ = lists_that_load_until(threading.Event(), loaded_now)
        worker.key_uses.tell = never  # type: ignore[method-assign]  # as where Redis does not answer
        looking = asyncio.create_task(for_a_pause(worker))
        looking.add_done_callback(lambda _: loaded_now.set())
        async with worker.lifespan(Litestar()):
            assert looking.done()
            await for_a_pause(worker)

    try:
        asyncio.run(scenario())
    finally:
        loaded_now.set()
        gc.unfreeze()  # what a worker freezes at its start
    assert all(seen)
