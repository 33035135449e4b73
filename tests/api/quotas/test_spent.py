"""What leases leave in Redis for people: how much of its budgets a partner has used, and holds."""

import time

import pytest

from screening.store import keys
from screening.vocabulary.unix_time import DAY_S
from tests.api.quotas.spending import Hosts, partner, selectors
from tests.harness.valkey import Valkey


def test_different_selectors_and_matches_are_left_and_no_repetition_counts(
    hosts: Hosts, valkey: Valkey
) -> None:
    worker, acme = hosts.worker(), partner(since=7)
    asked = selectors(20)
    for _ in range(3):
        worker.ask(acme, asked, matches=2)
        worker.beat()
    with valkey.client() as client:
        name = keys.spent("acme", 7, int(hosts.wall.now // DAY_S))
        different, matched = map(int, client.get(name).split(b":"))
        assert different == pytest.approx(20, abs=2)
        assert matched == pytest.approx(2, abs=1)
        assert DAY_S < client.ttl(name) <= 2 * DAY_S


def test_a_hold_says_since_when_whoever_tells_of_it_again(hosts: Hosts, valkey: Valkey) -> None:
    worker, acme = hosts.worker(), partner(matches=1)
    before = int(time.time())
    worker.ask(acme, selectors(3), matches=3)
    worker.beat()
    with valkey.client() as client:
        name = keys.hold("acme", 0)
        assert before - 1 <= int(client.get(name)) <= time.time() + 1
        client.set(name, "1700000000", px=100_000)
        hosts.steady.now += 2
        worker.beat()
        assert client.get(name) == b"1700000000"
        assert client.ttl(name) > 29 * DAY_S  # and it lives as long as it is told
