"""What can happen to a deployment: each fault begins as it is entered, and ends as it is left."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Final

from tests.faults.world import World, keys_of
from tests.harness.fault_proxy import FAULTS, Fault
from tests.harness.processes import children_of, eventually, is_running

Kind = Callable[[World], AbstractContextManager[None]]


@contextmanager
def _redis_killed(world: World) -> Iterator[None]:
    world.valkey.kill()
    yield
    world.valkey.start()


@contextmanager
def _redis_stopped(world: World) -> Iterator[None]:
    world.valkey.freeze()
    yield
    world.valkey.thaw()


@contextmanager
def _redis_emptied(world: World) -> Iterator[None]:
    with world.valkey.client() as client:
        client.flushall()
    yield
    eventually(world.changing.mend, what="a publish that mends the store")


@contextmanager
def _redis_rolled_back(world: World) -> Iterator[None]:
    older = list(keys_of(world.valkey))
    world.changing.change()
    with world.valkey.client() as client, client.pipeline() as pipeline:
        pipeline.flushall()
        for name, value in older:
            pipeline.restore(name, 0, value)
        pipeline.execute()
    yield
    eventually(world.changing.mend, what="a publish that mends the store")


def _proxied(fault: Fault) -> Kind:
    @contextmanager
    def through(world: World) -> Iterator[None]:
        delay_s, cut_after = world.draw.uniform(0.01, 0.6), world.draw.randrange(4_000)
        world.proxy.set(fault, delay_s=delay_s, cut_after=cut_after)
        yield
        world.proxy.set("pass")

    return through


@contextmanager
def _worker_killed(world: World) -> Iterator[None]:
    os.kill(world.draw.choice(world.api.worker_pids()), signal.SIGKILL)
    yield


@contextmanager
def _worker_stopped(world: World) -> Iterator[None]:
    with _stopped(world.draw.choice(world.api.worker_pids())):
        yield


@contextmanager
def _sync_killed(world: World) -> Iterator[None]:
    os.kill(world.api.sync_pid(), signal.SIGKILL)
    yield


@contextmanager
def _sync_stopped(world: World) -> Iterator[None]:
    with _stopped(world.api.sync_pid()):
        yield


@contextmanager
def _supervisor_killed(world: World) -> Iterator[None]:
    family = children_of(world.api.process.pid)
    world.api.process.signal(signal.SIGKILL)
    world.api.process.popen.wait()
    eventually(lambda: not any(map(is_running, family)), what="the end of all that was left")
    yield
    world.serve_again()


@contextmanager
def _supervisor_stopped(world: World) -> Iterator[None]:
    with _stopped(world.api.process.pid):
        yield


@contextmanager
def _disk_full(world: World) -> Iterator[None]:
    assert world.disk is not None
    world.disk.fill()
    yield
    world.disk.free()


@contextmanager
def _indexer_killed(world: World) -> Iterator[None]:
    world.changing.change(killed=True)
    yield


@contextmanager
def _stopped(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    yield
    if is_running(pid):  # else it was replaced
        os.kill(pid, signal.SIGCONT)


_PROXIED: Final = {f"proxy: {fault}": _proxied(fault) for fault in FAULTS}
OF_THE_STORE: Final[dict[str, Kind]] = {
    "Redis killed": _redis_killed,
    "Redis stopped": _redis_stopped,
    "Redis emptied": _redis_emptied,
    "Redis rolled back": _redis_rolled_back,
    **_PROXIED,
}
OF_THE_HOST: Final[dict[str, Kind]] = {
    "worker killed": _worker_killed,
    "worker stopped": _worker_stopped,
    "sync killed": _sync_killed,
    "sync stopped": _sync_stopped,
    "supervisor killed": _supervisor_killed,
    "supervisor stopped": _supervisor_stopped,
    "disk full": _disk_full,
}
INDEXER_KILLED: Final = "indexer killed"
"""Beside this one no refusal is excused: no partner may notice."""
AT_ONCE: Final = frozenset({"worker killed", "sync killed", INDEXER_KILLED})
"""These are over as soon as they have happened."""
KINDS: Final = {**OF_THE_STORE, **OF_THE_HOST, INDEXER_KILLED: _indexer_killed}
