"""A hold in Redis, whoever put there what lies under its name, as leases and hosts tell of it."""

import os
import time
from pathlib import Path

import pytest
import redis

from screening.api.quotas.budgets import MATCHES_WINDOW_DAYS
from screening.store import keys
from tests.api.quotas.spending import DAY_S, Hosts, Worker, partner, selectors
from tests.api.quotas.test_held import is_held
from tests.harness.valkey import Valkey

HOLD = keys.hold("acme", 0)


def tell(worker: Worker, by: str) -> None:
    """Have Redis told that acme is held: by a lease, or by a beat of its host."""
    if by == "lease":
        assert is_held(worker)
    else:
        worker.beat()


def lives_for_the_window(client: redis.Redis) -> bool:
    most = MATCHES_WINDOW_DAYS * DAY_S
    return most - 60 < client.ttl(HOLD) <= most


@pytest.fixture
def worker(hosts: Hosts, tmp_path: Path) -> Worker:
    """A worker of a host that knows acme to be held, of which Redis knows nothing."""
    worker = hosts.worker("one")
    worker.allowance.hold(partner())
    assert (tmp_path / "one" / "allowance" / "acme.held-0").exists()
    return worker


@pytest.mark.parametrize("by", ["lease", "beat"])
def test_an_empty_hold_gets_a_moment_and_an_end(worker: Worker, valkey: Valkey, by: str) -> None:
    with valkey.client() as client:
        client.set(HOLD, "")
        tell(worker, by)
        said = client.get(HOLD)
        assert isinstance(said, bytes)
        assert abs(int(said) - time.time()) < 60
        assert lives_for_the_window(client)


@pytest.mark.parametrize("by", ["lease", "beat"])
@pytest.mark.parametrize("put", ["1764500000", "soon", None])
def test_what_else_lies_there_stays_and_holds_for_as_long(
    worker: Worker, valkey: Valkey, by: str, put: str | None
) -> None:
    with valkey.client() as client:
        if put is None:
            client.rpush(HOLD, "x")
        else:
            client.set(HOLD, put)
        before = client.dump(HOLD)
        tell(worker, by)
        assert client.dump(HOLD) == before
        assert lives_for_the_window(client)


def test_a_hold_is_since_a_host_knows_of_it_though_redis_has_forgotten_it(
    worker: Worker, valkey: Valkey, tmp_path: Path
) -> None:
    before = int(time.time()) - DAY_S
    os.utime(tmp_path / "one" / "allowance" / "acme.held-0", (before, before))
    assert is_held(worker)  # by a lease, which knows no moment
    worker.beat()
    with valkey.client() as client:
        assert client.get(HOLD) == b"%d" % before


def test_an_empty_hold_holds_whoever_asks(hosts: Hosts, valkey: Valkey) -> None:
    with valkey.client() as client:
        client.set(HOLD, "")
        assert is_held(hosts.worker("two"))
        worker = hosts.worker("two")
        worker.beat()  # by which the host that has learned of it says since when
        assert client.get(HOLD) != b""
        worker.ask(partner(since=7), selectors(1))  # a person has lifted it
