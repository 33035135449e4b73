"""A worker that begins has noticed no pause: it goes by how long ago sync has asked Redis."""

import pytest

from screening.api.cache import LastFound, boot_id
from screening.api.settings import ApiSettings
from tests.api.worker_lists import (
    WorkerLists,
    answering,
    is_answering,
    load,
    look,
    run,
)
from tests.harness.slow import slow_but_first

SILENT_S = 15.0
"""So long a worker waits for a word of sync's."""
SLOW_LOOKS_S = 4.9
"""Two of two seconds each, and the half second between them."""
REPLACED_AFTER_S = 5.1
"""Less than the six seconds after which workers that were stopped are replaced."""


@pytest.mark.parametrize("age_s", [0.1, SLOW_LOOKS_S])
@pytest.mark.slow
def test_one_that_takes_the_place_of_another_is_in_no_doubt_while_sync_looks(
    cached: WorkerLists, age_s: float
) -> None:
    async def scenario() -> None:
        await answering(cached)
        cached.lay_down(began_s_ago=age_s)
        cached.start()
        assert is_answering(cached.lists)
        await look(cached)
        assert is_answering(cached.lists)

    run(scenario())


@slow_but_first(1, "age_s", [REPLACED_AFTER_S, 3_600.0])
def test_one_that_begins_after_a_pause_answers_once_sync_has_looked_since(
    cached: WorkerLists, age_s: float
) -> None:
    async def scenario() -> None:
        await answering(cached)
        cached.lay_down(began_s_ago=age_s)
        cached.start()
        assert not is_answering(cached.lists)
        for _ in range(10):
            await look(cached)
            assert not is_answering(cached.lists)
        cached.lay_down()
        await look(cached)
        assert is_answering(cached.lists)

    run(scenario())


@pytest.mark.slow
def test_one_that_begins_after_a_pause_waits_some_seconds_for_sync_that_says_nothing(
    cached: WorkerLists,
) -> None:
    async def scenario() -> None:
        await answering(cached)
        cached.moments.steady += 3_600.0
        cached.start()
        for _ in range(int(SILENT_S)):
            await look(cached, after_s=0.99)
            assert not is_answering(cached.lists)
        await look(cached, after_s=0.99)
        assert is_answering(cached.lists)

    run(scenario())


@pytest.mark.slow
def test_who_has_sync_look_seldom_has_its_workers_wait_for_that(
    cached: WorkerLists, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCREENING_POLL_MS", "5000")
    for age_s, answers in ((9.4, True), (9.6, False)):
        cached.lay_down(began_s_ago=age_s)
        cached.start(ApiSettings())
        assert is_answering(cached.lists) is answers


@pytest.mark.slow
def test_redis_that_is_away_is_no_doubt(cached: WorkerLists) -> None:
    async def scenario() -> None:
        await answering(cached)
        cached.lay_down(began_s_ago=1.0, away_s=REPLACED_AFTER_S)
        cached.start()
        await look(cached)
        assert is_answering(cached.lists)

    run(scenario())


def test_what_an_older_sync_has_said_is_of_no_use(cached: WorkerLists) -> None:
    moment = cached.moments.steady
    cached.cache.write_confirmed(LastFound({}, boot_id(), moment))
    cached.start()
    assert not is_answering(cached.lists)


def test_one_that_begins_slowly_is_in_no_doubt(cached: WorkerLists) -> None:
    async def scenario() -> None:
        await load(cached)
        cached.start()
        await look(cached, after_s=60.0)
        assert is_answering(cached.lists)

    run(scenario())


@pytest.mark.slow
def test_after_a_boot_it_answers_once_sync_has_looked_in_that(cached: WorkerLists) -> None:
    async def scenario() -> None:
        await answering(cached)
        cached.lay_down(boot="another boot")
        cached.start()
        await look(cached)
        assert not is_answering(cached.lists)
        cached.confirm_first()
        for _ in range(3):
            await look(cached)
            assert not is_answering(cached.lists)
            cached.start()
            assert not is_answering(cached.lists)
        cached.lay_down()
        await look(cached)
        assert is_answering(cached.lists)

    run(scenario())


@pytest.mark.slow
def test_with_an_empty_cache_there_is_nothing_to_doubt(cached: WorkerLists) -> None:
    (cached.cache.directory / "documents").unlink()
    (cached.cache.directory / "confirmed").unlink()
    cached.start()
    assert is_answering(cached.lists)
