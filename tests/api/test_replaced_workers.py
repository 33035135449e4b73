"""Workers that take the place of others, where sync is at work and where it was stopped, too."""

import contextlib
import itertools
import os
import signal
from collections.abc import Callable, Iterator
from typing import Final

import httpx
import pytest

from screening.api.cache import boottime
from tests.api.suspended import OVERLOADED, WORKERS, Host, running_host, suspended
from tests.harness.deployment import Api
from tests.harness.processes import eventually
from tests.harness.template import Template

REPLACED_AFTER_S: Final = 5.5
"""A worker that begins so long after sync has asked Redis goes by no word of before."""
ENOUGH: Final = 50
"""So many connections, and none of two workers has taken none."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, template: Template) -> Iterator[Host]:
    with running_host(tmp_path_factory, template) as host:
        yield host


@pytest.fixture
def host(running: Host) -> Host:
    running.proxy.set("pass")
    running.wait_until_well()
    return running


@pytest.mark.slow
def test_workers_that_take_the_place_of_others_answer_though_redis_is_away(host: Host) -> None:
    host.valkey.kill()
    try:
        eventually(host.tells_that_redis_is_away, what="a word of sync's")
        killed, replaced = host.api.worker_pids()
        os.kill(killed, signal.SIGKILL)
        eventually(lambda: killed not in host.api.worker_pids(), what="its end")
        seen = asked_until(host, lambda: len(host.api.worker_pids()) == WORKERS)
        host.api.process.signal(signal.SIGHUP)
        seen |= asked_until(host, lambda: replaced not in host.api.worker_pids())
    finally:
        host.valkey.start()
    assert seen == {host.truth}


@pytest.mark.slow
def test_workers_that_take_the_place_of_others_after_a_pause_answer_nothing_of_before(
    host: Host,
) -> None:
    """As where they get going so much later than their supervisor that it replaces them."""
    before, sync = host.truth, host.api.sync_pid()
    workers = host.api.worker_pids()
    with suspended(host.api, goes_on_later=sync):
        host.publish_another()
        eventually(lambda: boottime() - host.asked() > REPLACED_AFTER_S, what="a long pause")
        for pid in workers:
            os.kill(pid, signal.SIGKILL)
    try:
        seen = asked_until(host, lambda: has_all_anew(host.api, workers))
    finally:
        os.kill(sync, signal.SIGCONT)
    assert seen == {OVERLOADED}
    seen = asked_until(host, host.is_well)
    assert before not in seen


def has_all_anew(api: Api, before: list[int]) -> bool:
    now = api.worker_pids()
    return len(now) == WORKERS and not set(now) & set(before)


def asked_until(host: Host, condition: Callable[[], bool]) -> set[tuple[str, ...]]:
    """Ask on connections of their own, of which each worker takes some, until it is true."""
    seen = set[tuple[str, ...]]()
    since = itertools.count()

    def ask() -> bool:
        with contextlib.suppress(httpx.HTTPError):  # of a worker that ends
            seen.add(host.told())
        return condition() and next(since) == ENOUGH

    eventually(ask, what="other workers")
    return seen
