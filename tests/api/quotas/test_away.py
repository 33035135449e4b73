"""While Redis cannot be asked a host lets pass a part of what was given, and never all of it."""

import time

import pytest

from screening.vocabulary.errors import QuotaExceeded, Unavailable
from tests.api.quotas.spending import DAY_S, Hosts, partner, selectors
from tests.harness.valkey import Valkey


def test_a_tenth_of_the_budget_passes_and_then_what_is_not_known_is_said_as_unknown(
    cut_off: Hosts,
) -> None:
    acme = partner(daily=1_000)
    asked = 0
    with pytest.raises(Unavailable) as refused:
        while True:
            cut_off.worker().ask(acme, selectors(5))
            asked += 5
    assert (asked, refused.value.reason) == (100, "store")
    assert ("quota_away", "acme") in cut_off.noted.alarms


def test_a_match_that_is_told_again_costs_nothing_and_new_ones_a_tenth_of_their_budget(
    cut_off: Hosts,
) -> None:
    worker, acme, same = cut_off.worker(), partner(daily=10**9, matches=200), selectors(1)
    for _ in range(100):
        worker.ask(acme, same, matches=1)
    told = 1
    with pytest.raises(Unavailable) as refused:
        while True:
            worker.ask(acme, selectors(1), matches=1)
            told += 1
    assert (told, refused.value.reason) == (20, "store")


def test_half_of_the_rate_passes(cut_off: Hosts) -> None:
    worker, acme = cut_off.worker(), partner(daily=10**9, per_second=1_000)
    passed = 0
    for _ in range(1_000):  # ten seconds
        try:
            worker.spend(acme, 100)
            passed += 100
        except QuotaExceeded:
            pass
        cut_off.steady.now += 0.01
    assert 4_900 <= passed <= 5_000 + 500 + 100


def test_a_frozen_redis_is_not_waited_for_by_every_request(hosts: Hosts, valkey: Valkey) -> None:
    worker, acme = hosts.worker(), partner(daily=10_000)
    worker.ask(acme, selectors(1))
    hosts.steady.now += 20
    valkey.freeze()
    try:
        begun = time.monotonic()
        for _ in range(200):
            worker.ask(acme, selectors(1))
        assert time.monotonic() - begun < 30  # two hundred times its time-out is more
    finally:
        valkey.thaw()


def test_a_redis_that_is_back_is_asked_within_two_seconds(hosts: Hosts, valkey: Valkey) -> None:
    worker, acme = hosts.worker(), partner(daily=1_000)
    valkey.kill()
    worker.ask(acme, selectors(50))
    valkey.start()
    hosts.steady.now += 2
    worker.ask(acme, selectors(1))
    worker.ask(acme, selectors(400))  # more than passes without it
    assert hosts.worker("two").remaining(acme)[0] == 1_000
    with pytest.raises(QuotaExceeded):
        hosts.worker("two").ask(acme, selectors(700))


def test_what_was_asked_yesterday_takes_redis_from_nobody_today(
    hosts: Hosts, valkey: Valkey
) -> None:
    worker, bolt, acme = hosts.worker(), partner(name="bolt"), partner(matches=1_000)
    hosts.wall.now -= DAY_S
    valkey.kill()  # so that nobody is told of what is asked now
    worker.ask(bolt, selectors(1))
    valkey.start()
    hosts.wall.now += DAY_S
    hosts.steady.now += DAY_S
    hosts.noted.alarms.clear()
    for _ in range(3):
        hosts.steady.now += 2
        worker.beat()
    assert ("clock_differs", "bolt") not in hosts.noted.alarms
    for _ in range(9):  # twice what may pass without Redis
        worker.ask(acme, selectors(20))


def test_a_host_whose_clock_is_in_another_day_has_a_part_as_without_redis(hosts: Hosts) -> None:
    worker, acme = hosts.worker(), partner(daily=1_000)
    worker.ask(acme, selectors(900))
    hosts.wall.now += 2 * DAY_S
    worker.ask(acme, selectors(90))
    with pytest.raises(Unavailable):
        worker.ask(acme, selectors(90))
    assert ("clock_differs", "acme") in hosts.noted.alarms
