"""A partner that has used up its matches is held on all hosts, until a person lifts that."""

import contextlib
from pathlib import Path

import pytest

from screening.store import keys
from screening.vocabulary.errors import QuotaExceeded, Unavailable
from tests.api.quotas.spending import DAY_S, Hosts, Worker, partner, selectors
from tests.harness.valkey import Valkey

LEASE_OVER_S = 20


def is_held(worker: Worker, *, matches: int = 10, since: int = 0) -> bool:
    try:
        worker.ask(partner(matches=matches, since=since), selectors(1))
    except QuotaExceeded as refused:
        assert refused.policy == "matches"
        return True
    return False


def held_and_forgotten(hosts: Hosts, valkey: Valkey) -> None:
    """Hold a partner by one host, and have Redis forget everything."""
    one = hosts.worker("one")
    find_all(one)
    assert is_held(one)
    with valkey.client() as client:
        client.flushall()


def find_all(worker: Worker, *, matches: int = 10) -> None:
    found = matches + 2  # of whom two may share a register, and count as one
    worker.ask(partner(matches=matches), selectors(found), matches=found)


def test_a_check_that_crosses_the_budget_is_answered_and_then_nothing_on_any_host(
    hosts: Hosts,
) -> None:
    one, two = hosts.worker("one"), hosts.worker("two")
    assert not is_held(two)
    find_all(one)
    assert is_held(one)
    hosts.steady.now += LEASE_OVER_S
    assert is_held(two)
    assert is_held(hosts.worker("three"))
    assert ("partner_held", "acme") in hosts.noted.alarms


def test_more_matches_than_are_left_are_told_nobody_and_hold_nobody(hosts: Hosts) -> None:
    worker, acme = hosts.worker(), partner(daily=10**6, matches=100)
    worker.ask(acme, selectors(60), matches=60)
    with pytest.raises(QuotaExceeded) as refused:
        worker.ask(acme, selectors(1_000), matches=60)
    assert refused.value.policy == "matches"
    assert ("matches_kept_back", "acme") in hosts.noted.alarms
    assert worker.remaining(acme)[1] == pytest.approx(40, abs=2)
    worker.ask(acme, selectors(1_000), matches=30)
    assert worker.remaining(acme)[1] == pytest.approx(10, abs=2)


def test_large_answers_of_many_workers_together_do_not_pass_the_budget(hosts: Hosts) -> None:
    workers = [hosts.worker(host) for host in ("one", "one", "two", "two")]
    told = 0
    for worker in 3 * workers:
        with contextlib.suppress(QuotaExceeded):
            worker.ask(partner(matches=200), selectors(90), matches=90)
            told += 90
    assert told == 180


def test_matches_that_were_told_before_are_told_again_whatever_is_left(hosts: Hosts) -> None:
    worker, same = hosts.worker(), selectors(90)
    for _ in range(20):
        worker.ask(partner(matches=100), same, matches=90)
        hosts.steady.now += LEASE_OVER_S
    assert worker.remaining(partner(matches=100))[1] == pytest.approx(10, abs=2)


def test_without_redis_a_large_answer_is_not_known_past_what_a_host_may_tell(
    cut_off: Hosts,
) -> None:
    worker, acme = cut_off.worker(), partner(daily=10**6, matches=1_000)
    worker.ask(acme, selectors(90), matches=90)
    with pytest.raises(Unavailable):
        worker.ask(acme, selectors(90), matches=90)


def test_the_same_match_counts_once_in_thirty_days(hosts: Hosts) -> None:
    worker, same = hosts.worker(), selectors(3)
    for _ in range(50):
        worker.ask(partner(matches=10), same, matches=3)
        hosts.steady.now += LEASE_OVER_S
    assert worker.remaining(partner(matches=10))[1] == 7


def test_a_hold_outlasts_the_thirty_days_and_a_redis_that_forgets_it(
    hosts: Hosts, valkey: Valkey
) -> None:
    held_and_forgotten(hosts, valkey)
    hosts.steady.now += LEASE_OVER_S
    assert is_held(hosts.worker("one"))
    assert is_held(hosts.worker("two"))  # which knows it from the other
    hosts.wall.now += 40 * DAY_S
    assert is_held(hosts.worker("one"))


def test_the_lease_that_finds_the_budget_used_up_lays_the_hold_down_in_redis(
    hosts: Hosts, valkey: Valkey
) -> None:
    one = hosts.worker("one")
    find_all(one)
    assert is_held(one)  # by one lease; the host is gone after it
    with valkey.client() as client:
        day = int(hosts.wall.now // DAY_S)
        assert client.delete(keys.sketch("acme", "matched-0", day))  # as thirty days remove it
    assert is_held(hosts.worker("two"))


def test_a_person_lifts_it_by_counting_anew(hosts: Hosts) -> None:
    one, two = hosts.worker("one"), hosts.worker("two")
    find_all(one)
    assert is_held(one)
    assert not is_held(one, since=1_700_000_000)
    assert not is_held(two, since=1_700_000_000)
    assert is_held(one)  # and an older record brings the hold back


def test_matches_of_earlier_days_count_and_those_before_thirty_days_do_not(cut_off: Hosts) -> None:
    acme = partner(daily=10**6, matches=1_000)
    worker = cut_off.worker()
    for _ in range(31):
        worker.ask(acme, selectors(2), matches=2)
        worker.allowance.write_down()
        cut_off.wall.now += DAY_S
        cut_off.steady.now += DAY_S
    # Two of the sixty may share a register.
    assert cut_off.worker().remaining(acme)[1] == pytest.approx(1_000 - 29 * 2, abs=2)


def test_a_small_budget_keeps_no_worker_from_answering_before_it_is_used_up(hosts: Hosts) -> None:
    workers = [hosts.worker(host) for host in ("one", "one", "two", "two")]
    assert [is_held(worker, matches=1) for worker in workers] == [False] * 4
    find_all(workers[0], matches=1)
    hosts.steady.now += LEASE_OVER_S
    assert [is_held(worker, matches=1) for worker in workers] == [True] * 4


def test_without_redis_a_host_holds_by_what_it_knows(cut_off: Hosts, tmp_path: Path) -> None:
    worker = cut_off.worker()
    find_all(worker)
    cut_off.steady.now += LEASE_OVER_S
    assert is_held(worker)
    assert (tmp_path / "one" / "allowance" / "acme.held-0").exists()
    assert is_held(cut_off.worker())


def test_a_host_tells_redis_again_of_a_hold_whose_matches_nobody_counts_any_more(
    hosts: Hosts, valkey: Valkey, tmp_path: Path
) -> None:
    held_and_forgotten(hosts, valkey)
    for sketch in (tmp_path / "one" / "allowance").glob("acme.matched-*"):
        sketch.unlink()  # as thirty days remove it
    assert is_held(hosts.worker("one"))
    assert is_held(hosts.worker("two"))
