"""A worker that has stood still answers nothing before it and sync have looked anew."""

import pytest

from screening.vocabulary.errors import Unavailable
from tests.api.worker_lists import WorkerLists, load, run

PAUSE_S = 3.1
"""Longer than a worker goes without a look."""
AWAY_S = 5.0
"""So long it waits for sync then."""


async def look(cached: WorkerLists, *, after_s: float = 0.2) -> None:
    """Let some time pass, and the worker look at both."""
    cached.moments.steady += after_s
    await cached.lists.refresh()
    await cached.lists.refresh_partners()


def confirm(cached: WorkerLists) -> None:
    """Have sync look at Redis, a moment later."""
    cached.moments.steady += 0.5
    cached.confirm()


def is_answering(cached: WorkerLists) -> bool:
    try:
        cached.lists.current()
    except Unavailable as unavailable:
        assert unavailable.reason == "overloaded"
        return False
    return True


async def answering(cached: WorkerLists) -> None:
    """Start as a worker does whose cache was confirmed a moment ago."""
    await load(cached)
    cached.start()
    await load(cached)
    await look(cached)
    assert is_answering(cached)


def test_after_a_pause_it_answers_once_it_has_looked_at_what_sync_has_found_since(
    cached: WorkerLists,
) -> None:
    async def scenario() -> None:
        await answering(cached)
        cached.moments.steady += PAUSE_S
        assert not is_answering(cached)
        for _ in range(3):
            await look(cached)
            assert not is_answering(cached)
        confirm(cached)
        for _ in range(3):
            await look(cached)
            assert not is_answering(cached)  # sync may not have written all that it has found
        confirm(cached)
        await look(cached)
        await look(cached)
        assert is_answering(cached)

    run(scenario())


def test_it_waits_for_a_look_at_the_lists_too(cached: WorkerLists) -> None:
    async def scenario() -> None:
        await answering(cached)
        cached.moments.steady += PAUSE_S
        await look(cached)
        for _ in range(2):
            confirm(cached)
            await look(cached)
        for _ in range(3):
            cached.moments.steady += 0.2
            await cached.lists.refresh_partners()
            assert not is_answering(cached)
        await look(cached)
        assert is_answering(cached)

    run(scenario())


def test_without_redis_it_answers_after_some_seconds_by_what_it_has(cached: WorkerLists) -> None:
    async def scenario() -> None:
        await answering(cached)
        cached.moments.steady += PAUSE_S
        for _ in range(int(AWAY_S)):
            await look(cached, after_s=1.0)
            assert not is_answering(cached)
        await look(cached, after_s=1.0)
        assert is_answering(cached)

    run(scenario())


@pytest.mark.parametrize("age_s", [1.0, 60.0])
def test_one_that_starts_on_an_old_cache_is_as_one_that_stood_still(
    cached: WorkerLists, age_s: float
) -> None:
    async def scenario() -> None:
        await load(cached)
        cached.moments.steady += age_s
        cached.start()
        await look(cached)
        assert is_answering(cached) == (age_s < PAUSE_S)

    run(scenario())
