"""A worker keeps looking for what is new, whatever it comes upon."""

import asyncio
import gc
import os
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from litestar import Litestar

from screening.api.app import Worker, _end_without
from screening.api.settings import ApiSecrets, ApiSettings
from screening.disclosure.keys import DisclosureKey
from screening.disclosure.sealing import LIFE_S, MatchSealer
from screening.private_files import ensure_private_directory
from screening.store.settings import StoreSettings
from tests.api.quotas.spending import partner, selectors
from tests.api.worker_lists import WorkerLists, lists_that_load_until
from tests.harness.deployment import Deployed
from tests.harness.metrics import metric, metrics_folder_of
from tests.harness.processes import eventually

FIRST = ("phone", "+1 202 555 0142")
NEXT = ("email", "next@listed.example")


@contextmanager
def file_instead_of(directory: Path) -> Iterator[None]:
    """Put a file where a directory is: nothing can be made in it."""
    aside = directory.with_suffix(".aside")
    directory.rename(aside)
    directory.write_bytes(b"")
    yield
    directory.unlink()
    aside.rename(directory)


@pytest.mark.slow
def test_the_beat_of_a_worker_survives_what_nobody_foresaw(deployed: Deployed) -> None:
    deployed.publish([(*FIRST, "trafficker")])
    acme = deployed.add_partner("acme", "--stretch", "light")
    api = deployed.serve()
    deployed.wait_ready(api)
    eventually(lambda: acme.ask(api, FIRST).status_code == 200, what="a first answer")

    def failed() -> float:
        return metric(api, "screening_alarms_total", what="refresh_failed")

    pids = api.worker_pids()
    with file_instead_of(deployed.home / "cache" / "loaded"):
        eventually(lambda: failed() >= 3, what="beats that fail, one after the other")
        assert acme.results(api, FIRST, NEXT) == ["match", "no_match"]
    deployed.publish([(*NEXT, "trafficker")])
    eventually(
        lambda: acme.results(api, FIRST, NEXT) == ["no_match", "match"], what="the next list"
    )
    assert api.worker_pids() == pids


@pytest.mark.slow
def test_a_worker_that_cannot_say_what_it_has_loaded_renews_its_sealing_key_all_the_same(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in deployed.environment.items():
        monkeypatch.setenv(name, value)
    settings = ApiSettings()
    ensure_private_directory(settings.home)
    worker = Worker(settings, StoreSettings())
    now, made = 0.0, 0

    def newest() -> DisclosureKey:
        nonlocal made
        made += 1
        return ApiSecrets(settings.secrets).sealing_keys.newest()

    worker.sealer = MatchSealer(newest, clock=lambda: now)
    asyncio.run(worker._look())
    with file_instead_of(deployed.home / "cache" / "loaded"):
        assert made == 1
        now = LIFE_S
        asyncio.run(worker._look())
    assert made == 2


@pytest.mark.slow
def test_a_worker_whose_metrics_have_been_cleared_away_answers_on(deployed: Deployed) -> None:
    api = deployed.serve()
    shutil.rmtree(metrics_folder_of(api))  # before there is a list, of which it would tell there
    deployed.publish([(*FIRST, "trafficker")])
    acme = deployed.add_partner("acme", "--stretch", "light")
    deployed.wait_ready(api)
    eventually(lambda: acme.ask(api, FIRST).status_code == 200, what="a first answer")
    api.stop()
    assert "Traceback" not in api.process.logged()
    assert "died" not in api.process.logged()


def test_a_worker_whose_beat_has_failed_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: told.append((pid, number)))

    async def fail() -> None:
        raise RuntimeError

    async def scenario(*, ends: bool) -> None:
        beat = asyncio.create_task(fail() if ends else asyncio.sleep(60))
        beat.add_done_callback(_end_without)
        if not ends:
            beat.cancel()
        await asyncio.wait([beat])
        await asyncio.sleep(0)

    asyncio.run(scenario(ends=False))
    assert told == []
    asyncio.run(scenario(ends=True))
    assert told == [(os.getpid(), signal.SIGTERM)]


@pytest.mark.slow
def test_what_was_asked_is_told_while_a_list_that_is_large_is_being_loaded(
    cached: WorkerLists, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCREENING_HOME", str(cached.folder))
    monkeypatch.setenv("SCREENING_SECRETS", str(cached.secrets))
    begun, loaded_now = threading.Event(), threading.Event()

    def is_told() -> bool:
        return any((cached.folder / "allowance").glob("acme.seen-*"))

    async def scenario() -> None:
        worker = Worker(ApiSettings(), StoreSettings())
        worker.commit.start(asyncio.get_running_loop())
        worker.lists = cached.lists
        async with worker.lifespan(Litestar()):
            cached.lists.__class__ = lists_that_load_until(begun, loaded_now)
            cached.cache.write_documents(cached.cache.read_documents())  # another version of it
            assert await asyncio.to_thread(begun.wait, 30)
            worker.allowance._account(acme := partner())
            await worker.allowance.count(acme, selectors(5))
            assert not is_told()
            await asyncio.to_thread(eventually, is_told, what="what was asked")
            loaded_now.set()

    try:
        asyncio.run(scenario())
    finally:
        loaded_now.set()
        gc.unfreeze()  # what a worker freezes at its start
