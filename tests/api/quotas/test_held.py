"""A partner that has used up its matches is held on all hosts, until a person lifts that."""

import contextlib
import errno
import shutil
from pathlib import Path

import pytest

from screening.api.quotas.allowance import Allowance
from screening.api.quotas.budgets import given_to
from screening.api.quotas.deployment import DeploymentLeases
from screening.api.quotas.host import HostBudgets
from screening.api.quotas.leasing import Means
from screening.store import keys
from screening.vocabulary.errors import QuotaExceeded, Unavailable
from tests.api.quotas.spending import DAY_S, Hosts, Worker, client_of, partner, selectors
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
        worker.beat()  # else its lease counts beside what its host knows of it by now
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
        worker.write_down()
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


def test_a_hold_that_the_disk_does_not_take_is_in_force_and_written_once_it_does(
    hosts: Hosts, tmp_path: Path
) -> None:
    worker, folder = hosts.worker(), tmp_path / "one" / "allowance"
    worker.ask(partner(matches=10), selectors(1))
    shutil.rmtree(folder)
    with pytest.raises(Unavailable) as refused:
        worker.allowance.hold(partner(matches=10))
    assert refused.value.reason == "audit"
    with pytest.raises(Unavailable):
        worker.ask(partner(matches=10), selectors(1))
    folder.mkdir(mode=0o700)
    worker.beat()
    assert (folder / "acme.held-0").exists()
    hosts.steady.now += LEASE_OVER_S
    assert is_held(worker)
    assert is_held(hosts.worker("two"))  # which knows it from Redis


def test_a_hold_that_the_disk_does_not_take_is_known_to_the_process(tmp_path: Path) -> None:
    host = HostBudgets(tmp_path)
    matches = given_to(partner()).matched
    (tmp_path / "allowance").rmdir()
    with pytest.raises(Unavailable):
        host.hold("acme", matches)
    host.write_holds()
    assert host.is_held("acme", matches)
    (tmp_path / "allowance").mkdir(mode=0o700)
    host.write_holds()
    assert HostBudgets(tmp_path).is_held("acme", matches)


def test_a_host_tells_redis_of_its_holds_though_nobody_asks_it(
    hosts: Hosts, valkey: Valkey
) -> None:
    one = hosts.worker("one")
    held_and_forgotten(hosts, valkey)
    one.beat()
    assert is_held(hosts.worker("two"))
    with valkey.client() as client:
        client.set(keys.hold("acme", 0), "1", px=1)
    hosts.steady.now += 2
    one.beat()
    assert is_held(hosts.worker("three"))


def test_what_redis_forgets_of_earlier_days_is_told_to_it_again_by_each_host(
    hosts: Hosts, valkey: Valkey
) -> None:
    acme, today = partner(daily=10**6), hosts.wall.now
    hosts.wall.now -= DAY_S
    for host in ("one", "two"):
        worker = hosts.worker(host)
        for _ in range(3):
            worker.ask(acme, selectors(15), matches=15)
        worker.write_down()
    hosts.wall.now = today
    for _ in range(2):
        workers = [hosts.worker(host) for host in ("one", "two", "one")]
        for worker in workers:
            worker.ask(acme, selectors(1))
        left = [worker.remaining(acme)[1] for worker in workers]
        assert left == [pytest.approx(955, abs=2)] + 2 * [pytest.approx(910, abs=2)]
        with valkey.client() as client:
            client.flushall()


class FullDisk(HostBudgets):
    """A host whose disk takes no file more, while those that are there can be written."""

    def _write_hold(self, path: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))


def test_a_hold_that_is_found_by_a_lease_is_in_force_before_the_disk_is_asked_to_take_it(
    hosts: Hosts, valkey: Valkey, tmp_path: Path
) -> None:
    (tmp_path / "one").mkdir(mode=0o700)
    host = FullDisk(tmp_path / "one", hosts.wall, hosts.steady, lambda: "boot")
    leases = DeploymentLeases(hosts.keep(client_of(valkey.socket)), "one/1")
    means = Means(host, leases, hosts.noted, hosts.expected, hosts.wall, hosts.steady)
    worker, acme = Worker(hosts, Allowance(means)), partner(daily=10**6)
    worker.ask(acme, selectors(16))  # of leases that would cover many more
    with valkey.client() as client:
        client.set(keys.hold("acme", 0), "1")
    hosts.steady.now += 6
    worker.ask(acme, selectors(1))  # which begins a renewal, and does not wait for it
    worker.beat()
    with pytest.raises((QuotaExceeded, Unavailable)):
        worker.ask(acme, selectors(1), matches=1)
