"""Budgets of different selectors: shared by workers and hosts, given back, bounded, remembered."""

from contextlib import suppress

import pytest

from screening.store import keys
from screening.vocabulary.errors import QuotaExceeded, Unavailable
from tests.api.quotas.spending import DAY_S, Hosts, Worker, partner, selectors
from tests.harness.valkey import Valkey


def ask_until_refused(workers: list[Worker], daily: int, at_a_time: int) -> int:
    """Ask about ever new selectors; return how many were answered before all workers refuse."""
    acme, asked = partner(daily=daily), 0
    refusing: set[int] = set()
    while len(refusing) < len(workers):
        for number, worker in enumerate(workers):
            with suppress(QuotaExceeded):
                worker.ask(acme, selectors(at_a_time))
                asked += at_a_time
                continue
            refusing.add(number)
    return asked


def test_the_budget_holds_over_all_workers_of_all_hosts_within_their_leases(hosts: Hosts) -> None:
    workers = [hosts.worker(host) for host in ("one", "two", "one", "two")]
    asked = ask_until_refused(workers, daily=10_000, at_a_time=10)
    lease = 16
    error = 5 * 0.0081 * 10_000  # five times the standard error of a sketch
    assert 10_000 - len(workers) * lease - error <= asked <= 10_000 + len(workers) * lease + error


def test_a_refusal_tells_when_the_day_ends(cut_off: Hosts) -> None:
    with pytest.raises(QuotaExceeded) as refused:
        cut_off.worker().spend(partner(daily=10), 11)
    assert (refused.value.policy, refused.value.retry_after_s) == ("day", DAY_S // 2)
    assert ("day_used_up", "acme") in cut_off.noted.alarms


def test_who_is_refused_for_what_others_have_leased_is_told_when_that_is_over(
    hosts: Hosts,
) -> None:
    hosts.worker().spend(partner(daily=100), 90)
    with pytest.raises(QuotaExceeded) as refused:
        hosts.worker().spend(partner(daily=100), 90)
    assert refused.value.retry_after_s == 10


def test_a_question_that_is_refused_keeps_nothing_from_others(hosts: Hosts) -> None:
    large, small, acme = hosts.worker(), hosts.worker("two"), partner(daily=1_000)
    with pytest.raises(QuotaExceeded):
        large.ask(acme, selectors(1_001))
    large.ask(acme, selectors(1))  # tells what it has in hand
    for _ in range(20):
        small.ask(acme, selectors(16))


def test_a_selector_that_is_asked_again_costs_nothing_on_any_host(hosts: Hosts) -> None:
    acme, same = partner(daily=200), selectors(30)
    for host in ("one", "two", "one", "two"):
        worker = hosts.worker(host)
        for _ in range(10):
            worker.ask(acme, same)
            hosts.steady.now += 20  # what was leased is over
    assert hosts.worker().remaining(acme)[0] == pytest.approx(170, abs=2)


def test_check_and_bulk_have_one_budget(hosts: Hosts) -> None:
    acme, worker = partner(daily=1_000), hosts.worker()
    worker.ask(acme, selectors(900))
    worker.ask(acme, selectors(16))
    with pytest.raises(QuotaExceeded):
        worker.ask(acme, selectors(900))


def test_what_redis_forgets_is_told_to_it_again(hosts: Hosts, valkey: Valkey) -> None:
    acme = partner(daily=100)
    worker = hosts.worker()
    worker.ask(acme, selectors(80))
    with valkey.client() as client:
        client.flushall()
    hosts.steady.now += 20
    worker.ask(acme, selectors(4))
    with pytest.raises(QuotaExceeded):
        hosts.worker("two").ask(acme, selectors(50))


@pytest.mark.parametrize("put", ["list", "text", "short"])
def test_what_others_have_put_into_redis_grants_no_more_than_a_host_may_by_itself(
    hosts: Hosts, valkey: Valkey, put: str
) -> None:
    acme, worker = partner(daily=100), hosts.worker()
    worker.ask(acme, selectors(60))
    today = int(hosts.wall() // DAY_S)
    with valkey.client() as client:
        name = keys.sketch("acme", "seen-0", today)
        client.delete(name)
        if put == "list":
            client.rpush(name, "x")
        else:
            client.set(name, "x" * 20_000 if put == "text" else "HYLL")
    hosts.steady.now += 20
    with suppress(QuotaExceeded, Unavailable):
        for _ in range(100):
            worker.ask(acme, selectors(1))
    assert worker.remaining(acme)[0] >= 0
    with pytest.raises((QuotaExceeded, Unavailable)):
        for _ in range(100):
            worker.ask(acme, selectors(1))


def test_what_a_killed_worker_had_leased_is_free_again_when_the_lease_is_over(
    hosts: Hosts, valkey: Valkey
) -> None:
    acme = partner(daily=100)
    hosts.worker().spend(acme, 90)  # and is killed: none of it was answered
    with pytest.raises(QuotaExceeded):
        hosts.worker().spend(acme, 90)
    hosts.steady.now += 20
    today = int(hosts.wall() // DAY_S)
    with valkey.client() as client:  # as if the time of the lease had passed by Redis's clock
        client.hset(keys.leases("acme", "seen-0", today), "one/1", "90:1")
    hosts.worker().spend(acme, 90)


def test_what_was_not_answered_is_given_back(hosts: Hosts) -> None:
    worker, acme = hosts.worker(), partner(daily=1_000, per_second=1_000_000)
    for _ in range(20):
        day = worker.spend(acme, 1_000)
        worker.allowance.give_back(acme, 1_000, day=day)
    assert worker.remaining(acme) == (1_000, 1_000)
    worker.spend(acme, 1_000)


def test_what_is_given_back_when_its_day_is_over_is_none_of_the_next(cut_off: Hosts) -> None:
    worker, acme = cut_off.worker(), partner(daily=1_000)
    day = worker.spend(acme, 100)
    cut_off.wall.now += DAY_S
    worker.spend(acme, 1)
    worker.allowance.give_back(acme, 100, day=day)
    with pytest.raises(Unavailable):  # a tenth of the budget is what passes without Redis
        worker.spend(acme, 100)


def test_a_new_day_has_a_budget_of_its_own_and_a_clock_that_goes_back_finds_what_was_asked(
    cut_off: Hosts,
) -> None:
    worker, acme = cut_off.worker(), partner(daily=1_000)
    worker.ask(acme, selectors(60))
    cut_off.wall.now += DAY_S
    assert worker.remaining(acme)[0] == 1_000
    cut_off.wall.now -= DAY_S
    assert worker.remaining(acme)[0] == pytest.approx(940, abs=2)  # two may share a register


def test_what_was_asked_is_remembered_by_workers_that_start_later(cut_off: Hosts) -> None:
    worker, acme = cut_off.worker(), partner(daily=1_000)
    worker.ask(acme, selectors(60))
    assert cut_off.worker().remaining(acme)[0] == 1_000
    worker.write_down()
    assert cut_off.worker().remaining(acme)[0] == pytest.approx(940, abs=2)


def test_what_was_leased_under_other_limits_does_not_outlast_them(hosts: Hosts) -> None:
    worker = hosts.worker()
    worker.ask(partner(daily=1_000_000), selectors(7))  # of a lease of a thousand
    with pytest.raises(QuotaExceeded):
        worker.ask(partner(daily=40), selectors(34))
    hosts.steady.now += 2
    worker.ask(partner(daily=40), selectors(30))


def test_what_was_spent_under_other_limits_is_not_given_back_under_these(hosts: Hosts) -> None:
    worker, former, lowered = hosts.worker(), partner(daily=1_000), partner(daily=50)
    day = worker.spend(former, 40)
    worker.ask(lowered, selectors(45))
    worker.allowance.give_back(former, 40, day=day)
    with pytest.raises(QuotaExceeded):
        worker.ask(lowered, selectors(20))


def test_a_flood_of_questions_past_the_budget_asks_redis_once_a_second(
    hosts: Hosts, valkey: Valkey
) -> None:
    worker, acme = hosts.worker(), partner(daily=10)
    with valkey.client() as client:

        def scripts() -> int:
            return int(client.info("commandstats").get("cmdstat_eval", {}).get("calls", 0))

        for _ in range(500):
            with pytest.raises(QuotaExceeded):
                worker.spend(acme, 11)
        assert scripts() == 1
        hosts.steady.now += 1
        with pytest.raises(QuotaExceeded):
            worker.spend(acme, 11)
        assert scripts() == 2
        worker.spend(acme, 10)  # which is not refused for a larger one's sake


def test_what_all_partners_ask_together_is_an_alarm(hosts: Hosts) -> None:
    hosts.expected = type(hosts.expected)(selectors_a_day=50, matches_in_30_days=5)
    worker, acme = hosts.worker(), partner(daily=1_000)
    worker.ask(acme, selectors(40), matches=5)
    hosts.steady.now += 20
    worker.ask(acme, selectors(1))
    assert not hosts.noted.alarms
    worker.ask(acme, selectors(40), matches=1)
    hosts.steady.now += 20
    worker.ask(acme, selectors(1))
    assert hosts.noted.alarms == {
        ("deployment_budget", "selectors"),
        ("deployment_budget", "matches"),
    }
