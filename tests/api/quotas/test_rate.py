"""The rate at which a partner may ask: one for all workers of a host, and all hosts."""

import time
from contextlib import suppress
from pathlib import Path

import pytest

from screening.registry.record import PartnerRecord
from screening.store import keys
from screening.vocabulary.errors import QuotaExceeded
from tests.api.quotas.spending import DAY_S, Hosts, partner
from tests.harness.processes import eventually
from tests.harness.valkey import Valkey

MUCH = 10**9


def test_the_rate_lets_a_burst_pass_and_then_asks_to_wait(hosts: Hosts) -> None:
    worker, acme = hosts.worker(), partner(daily=MUCH, per_second=10)
    for _ in range(3):
        worker.spend(acme, 5)
    with pytest.raises(QuotaExceeded) as refused:
        worker.spend(acme, 1)
    assert (refused.value.policy, refused.value.retry_after_s) == ("second", 1)


def test_a_full_bulk_request_passes_whatever_the_rate(hosts: Hosts) -> None:
    acme = partner(daily=MUCH, per_second=100)
    hosts.worker().spend(acme, 10_000)
    for worker in (hosts.worker(), hosts.worker("two")):
        with pytest.raises(QuotaExceeded) as refused:
            worker.spend(acme, 1)
        assert 95 <= refused.value.retry_after_s <= 100


def test_the_rate_holds_over_all_workers_of_all_hosts(hosts: Hosts) -> None:
    acme = partner(daily=MUCH, per_second=1_000)
    workers = [hosts.worker(host) for host in ("one", "two", "one", "two")]
    passed, begun = 0, time.monotonic()
    while time.monotonic() - begun < 1:
        for worker in workers:
            with suppress(QuotaExceeded):
                worker.spend(acme, 100)
                passed += 100
        hosts.steady.now += 0.5  # what a host counts by itself is in nobody's way
    took = time.monotonic() - begun
    lease = 100  # which each worker may hold
    assert 1_000 <= passed <= 1_000 * took + 1_000 + len(workers) * lease


def test_what_is_owed_is_leased_with_the_next_question_and_a_second_or_a_burst_at_most(
    hosts: Hosts,
) -> None:
    worker, acme = hosts.worker(), partner(daily=MUCH, per_second=100, burst=10)
    worker.spend(acme, 1)
    worker.allowance.owe(acme, 10_000)
    worker.spend(acme, 1)
    for one in (hosts.worker(), hosts.worker("two")):
        with pytest.raises(QuotaExceeded) as refused:
            one.spend(acme, 1)
        assert refused.value.retry_after_s == 1


def test_what_is_owed_is_leased_from_a_host_by_itself_as_well(cut_off: Hosts) -> None:
    worker, acme = cut_off.worker(), partner(daily=MUCH, per_second=100, burst=10)
    worker.spend(acme, 1)
    worker.allowance.owe(acme, 10_000)
    worker.spend(acme, 1)
    with pytest.raises(QuotaExceeded) as refused:
        cut_off.worker().spend(acme, 1)
    assert refused.value.retry_after_s == 2  # of half the rate


def test_who_asks_too_fast_is_refused_any_question_and_no_longer_than_that_holds(
    hosts: Hosts,
) -> None:
    worker, acme = hosts.worker(), partner(daily=MUCH, per_second=10)
    worker.allowance.refuse_again(acme)
    worker.spend(acme, 15)
    with pytest.raises(QuotaExceeded):
        worker.spend(acme, 5)
    with pytest.raises(QuotaExceeded) as refused:
        worker.allowance.refuse_again(acme)
    assert (refused.value.policy, refused.value.retry_after_s) == ("second", 1)
    hosts.steady.now += 0.6
    worker.allowance.refuse_again(acme)


def test_who_asks_for_more_than_is_left_of_a_day_may_ask_for_less(hosts: Hosts) -> None:
    worker, acme = hosts.worker(), partner(daily=100)
    with pytest.raises(QuotaExceeded):
        worker.spend(acme, 101)
    worker.allowance.refuse_again(acme)
    worker.spend(acme, 50)


def test_a_host_holds_the_rate_by_itself_where_redis_forgets_it(
    hosts: Hosts, valkey: Valkey
) -> None:
    acme, worker = partner(daily=MUCH, per_second=100), hosts.worker()
    with valkey.client() as client:
        worker.spend(acme, 100)
        client.flushall()
        worker.spend(acme, 100)
        client.flushall()
        with pytest.raises(QuotaExceeded):
            worker.spend(acme, 100)


def test_a_clock_of_redis_that_went_back_shuts_nobody_out_for_longer_than_is_ever_owed(
    hosts: Hosts, valkey: Valkey
) -> None:
    acme, worker = partner(daily=MUCH, per_second=10_000), hosts.worker()
    with valkey.client() as client:  # what the clock had written before it went back by a week
        client.set(keys.rate("acme"), str(int((time.time() + 7 * DAY_S) * 1_000_000)))
    with pytest.raises(QuotaExceeded) as refused:
        worker.spend(acme, 1)
    assert refused.value.retry_after_s <= 3  # a burst, and the largest request
    eventually(lambda: passes(hosts, acme), within_s=10, what="an answer after what is owed")


def passes(hosts: Hosts, acme: PartnerRecord) -> bool:
    hosts.steady.now += 1  # for so long it is refused without anybody's being asked
    try:
        hosts.worker().spend(acme, 1)
    except QuotaExceeded:
        return False
    return True


@pytest.mark.parametrize("put", ["9" * 18, "9" * 400, "nan", "inf", "-1", "x", ""])
def test_what_others_have_put_in_place_of_a_rate_shuts_nobody_out(
    hosts: Hosts, valkey: Valkey, put: str
) -> None:
    acme, worker = partner(daily=MUCH, per_second=10**6), hosts.worker()
    with valkey.client() as client:
        client.set(keys.rate("acme"), put)
    with suppress(QuotaExceeded):
        worker.spend(acme, 1)
    eventually(lambda: passes(hosts, acme), within_s=10, what="an answer after what is owed")
    assert ("quota_away", "acme") not in hosts.noted.alarms
    with valkey.client() as client:
        assert client.pttl(keys.rate("acme")) > 0


def test_a_list_in_place_of_a_rate_shuts_nobody_out(hosts: Hosts, valkey: Valkey) -> None:
    acme, worker = partner(daily=MUCH, per_second=10**6), hosts.worker()
    with valkey.client() as client:
        client.rpush(keys.rate("acme"), "x")
    worker.spend(acme, 1)
    assert not hosts.noted.alarms


def test_a_clock_of_redis_that_went_ahead_gives_one_burst(hosts: Hosts, valkey: Valkey) -> None:
    acme, worker = partner(daily=MUCH, per_second=10), hosts.worker()
    with valkey.client() as client:
        client.set(keys.rate("acme"), str(int((time.time() - 7 * DAY_S) * 1_000_000)))
    worker.spend(acme, 20)
    with pytest.raises(QuotaExceeded):
        worker.spend(acme, 1)


def test_a_worker_that_starts_anew_forgives_no_debt_of_the_rate(cut_off: Hosts) -> None:
    acme = partner(daily=MUCH, per_second=2)
    cut_off.worker().spend(acme, 100)
    with pytest.raises(QuotaExceeded) as refused:
        cut_off.worker().spend(acme, 1)
    assert refused.value.retry_after_s == 100  # of half the rate, since Redis is away


def test_a_clock_that_began_anew_with_the_machine_holds_nobody_up(
    cut_off: Hosts, tmp_path: Path
) -> None:
    acme = partner(daily=MUCH, per_second=1)
    cut_off.worker(boot="one").spend(acme, 1_000)
    cut_off.steady.now = 5.0
    cut_off.worker(boot="two").spend(acme, 1)
    folder = tmp_path / "one" / "allowance"
    assert [file.name for file in folder.glob("*.rate-*")] == ["acme.rate-two"]


def test_a_folder_named_as_of_an_earlier_boot_keeps_nobody_from_counting(
    cut_off: Hosts, tmp_path: Path
) -> None:
    cut_off.worker()
    (tmp_path / "one" / "allowance" / "acme.rate-one").mkdir()
    cut_off.worker(boot="two").spend(partner(), 1)


def test_a_new_day_forgives_no_debt_of_the_rate(cut_off: Hosts) -> None:
    worker, acme = cut_off.worker(), partner(daily=100_000, per_second=1)
    day = worker.spend(acme, 1_000)
    cut_off.wall.now += DAY_S
    with pytest.raises(QuotaExceeded):
        worker.spend(acme, 1)
    worker.allowance.give_back(acme, 1_000, day=day)
    cut_off.steady.now += 1  # for so long it is refused without anybody's being asked
    worker.spend(acme, 1)
