"""A sibling that holds the files of a host is waited for, and never for long or by everybody."""

import asyncio
import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from screening.api.quotas.locked_file import AllowanceLocked
from screening.vocabulary.errors import Unavailable
from tests.api.quotas.spending import Hosts, Worker, partner, selectors

WAITING, PATIENCE_S = 60, 0.25
ACME, BOLT = partner(), partner(name="bolt")


@pytest.fixture
def worker(cut_off: Hosts) -> Worker:
    asked = cut_off.worker()
    for one in (ACME, BOLT):
        asked.ask(one, selectors(1))
    asked.write_down()
    return asked


@contextmanager
def held(folder: Path) -> Iterator[int]:
    """Hold what acme has asked today, as a sibling does."""
    (path,) = (folder / "one" / "allowance").glob("acme.seen-0.2*")
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file.fileno()


def test_one_that_is_stopped_with_the_lock_stops_nobody(worker: Worker, tmp_path: Path) -> None:
    with held(tmp_path):
        open_before = len(list(Path("/proc/self/fd").iterdir()))
        with pytest.raises(Unavailable) as refused:
            worker.remaining(ACME)
        assert len(list(Path("/proc/self/fd").iterdir())) == open_before
    assert refused.value.reason == "overloaded"
    assert worker.remaining(ACME)[0] == 999


def test_one_that_holds_it_for_a_moment_is_waited_for_while_others_are_answered(
    cut_off: Hosts, worker: Worker, tmp_path: Path
) -> None:
    async def beside(lock: int) -> list[int]:
        waiting = asyncio.ensure_future(worker.allowance.remaining(ACME))
        await asyncio.sleep(0)  # it has tried once
        other = await worker.allowance.remaining(BOLT)
        assert not waiting.done()
        fcntl.flock(lock, fcntl.LOCK_UN)
        return [other[0], (await waiting)[0]]

    with held(tmp_path) as lock:
        assert cut_off.run(beside(lock)) == [999, 999]


def test_one_that_does_not_let_go_is_waited_for_once_by_all_who_ask(
    cut_off: Hosts, worker: Worker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leasing, leased = worker.allowance._leasing, []
    lease = leasing.lease

    async def counted(*asked: Any) -> None:
        leased.append(asked)
        await lease(*asked)

    async def many() -> list[Any]:
        asked = (worker.allowance.spend(ACME, 50) for _ in range(30))
        return await asyncio.gather(*asked, return_exceptions=True)

    monkeypatch.setattr(leasing, "lease", counted)
    with held(tmp_path):
        assert {type(one) for one in cut_off.run(many())} == {AllowanceLocked}
    assert len(leased) == 1
    cut_off.steady.now += 1
    worker.ask(ACME, selectors(1))


def test_one_that_does_not_let_go_is_waited_for_once_by_all_whose_matches_are_to_be_told(
    cut_off: Hosts, worker: Worker, tmp_path: Path
) -> None:
    async def many() -> list[Any]:
        claims = (worker.allowance.claim(ACME, selectors(40)) for _ in range(WAITING))
        return await asyncio.gather(*claims, return_exceptions=True)

    with held(tmp_path):
        begun = time.monotonic()
        assert {type(one) for one in cut_off.run(many())} == {AllowanceLocked}
        assert time.monotonic() - begun < WAITING * PATIENCE_S / 2
    cut_off.steady.now += 1
    worker.ask(ACME, selectors(1))
