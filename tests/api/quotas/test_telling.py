"""Other hosts hear what a worker was asked before its leases end, and its beat stays short."""

import pytest

from screening.registry.record import PartnerRecord
from tests.api.quotas.spending import DAY_S, Clock, Hosts, partner, selectors
from tests.harness.valkey import Valkey

MATCHES_LEFT = pytest.approx(990, abs=1)


class Passing(Clock):
    """A clock by which 4 ms have passed whenever it is looked at."""

    def __call__(self) -> float:
        self.now += 0.004
        return self.now


def partners(count: int, name: str) -> list[PartnerRecord]:
    return [partner(name=f"{name}{number}", daily=10**6) for number in range(count)]


def left_elsewhere(hosts: Hosts, some: list[PartnerRecord]) -> list[tuple[int, int]]:
    """Return what another host believes to be left of their selectors and matches."""
    other = hosts.worker("two")
    for one in some:
        other.ask(one, selectors(1))
    return [other.remaining(one) for one in some]


def scripts(valkey: Valkey) -> int:
    with valkey.client() as client:
        return int(client.info("commandstats").get("cmdstat_eval", {}).get("calls", 0))


def test_matches_of_many_are_told_at_the_next_beat_before_what_else_was_asked(
    hosts: Hosts,
) -> None:
    worker, others, found = hosts.worker(), partners(60, "asks"), partners(5, "finds")
    for one in others:
        worker.ask(one, selectors(1))
    for one in found:
        worker.ask(one, selectors(10), matches=10)
    worker.beat()
    assert [matches for _, matches in left_elsewhere(hosts, found)] == [MATCHES_LEFT] * 5


def test_what_partners_asked_who_ask_no_more_is_told_before_their_leases_end(
    hosts: Hosts,
) -> None:
    worker, all_of_them = hosts.worker(), partners(60, "asks")
    for one in all_of_them:
        worker.ask(one, selectors(1_500))
    hosts.steady.now += 6
    worker.beat()
    left = [asked for asked, _ in left_elsewhere(hosts, all_of_them)]
    assert left == [pytest.approx(10**6 - 1_500, rel=0.0001)] * 60


def test_a_beat_tells_of_no_more_than_a_short_time_allows_and_the_next_ones_of_the_rest(
    hosts: Hosts, valkey: Valkey
) -> None:
    hosts.steady = Passing()
    worker, found = hosts.worker(), partners(12, "finds")
    for one in found:
        worker.ask(one, selectors(10), matches=10)
    before = scripts(valkey)
    worker.beat()
    assert 1 <= scripts(valkey) - before <= 6  # one of which tells of holds
    for _ in found:
        worker.beat()
    assert [matches for _, matches in left_elsewhere(hosts, found)] == [MATCHES_LEFT] * 12


@pytest.mark.parametrize("daily", [10**6, 10**5])
def test_matches_are_told_though_limits_change_before_the_next_beat(
    hosts: Hosts, daily: int
) -> None:
    worker, after = hosts.worker(), partner(daily=daily)
    worker.ask(partner(daily=10**6), selectors(10), matches=10)
    worker.remaining(after)  # as `/v1/parameters` asks, which spends nothing
    worker.beat()
    ((_, matches),) = left_elsewhere(hosts, [after])
    assert matches == MATCHES_LEFT


def test_matches_of_the_last_beat_of_a_day_are_told_on_the_next(hosts: Hosts) -> None:
    worker, acme = hosts.worker(), partner(daily=10**6)
    hosts.wall.now -= DAY_S
    worker.ask(acme, selectors(10), matches=10)
    hosts.wall.now += DAY_S
    hosts.steady.now += 2  # Redis, whose clock is another, is asked again
    worker.beat({"acme": acme})
    ((_, matches),) = left_elsewhere(hosts, [acme])
    assert matches == MATCHES_LEFT


def test_who_asks_a_worker_no_more_is_told_of_under_the_limits_that_were_raised_since(
    hosts: Hosts,
) -> None:
    old, new = partner(daily=10**6, matches=100), partner(daily=10**6, matches=5_000)
    idle, busy = hosts.worker("one"), hosts.worker("two")
    for _ in range(6):
        busy.ask(old, selectors(16), matches=16)
    busy.beat({"acme": old})
    idle.ask(old, selectors(5))
    busy.ask(new, selectors(10), matches=10)  # more than the old limits give
    busy.beat({"acme": new})
    for _ in range(3):
        idle.beat({"acme": new})
        hosts.steady.now += 6
    busy.ask(new, selectors(1))
    assert busy.remaining(new)[1] == pytest.approx(4_894, abs=2)
