"""What a worker has answered is known to its host though it is killed in the next moment."""

import shutil
from pathlib import Path

import pytest

from screening.vocabulary.errors import QuotaExceeded, Unavailable
from tests.api.quotas.spending import Hosts, partner, selectors


def told_by_workers_that_are_killed(hosts: Hosts) -> int:
    acme, told = partner(daily=10**6, matches=50), 0
    for _ in range(20):
        try:
            hosts.worker().ask(acme, selectors(15), matches=15)  # and is killed
        except QuotaExceeded as refused:
            assert refused.policy == "matches"
            return told
        told += 15
    return told


def test_killed_workers_tell_no_more_matches_than_others(hosts: Hosts) -> None:
    assert told_by_workers_that_are_killed(hosts) <= 50 + 15


def test_killed_workers_tell_no_more_matches_than_others_without_redis(cut_off: Hosts) -> None:
    assert told_by_workers_that_are_killed(cut_off) <= 50 + 15


def test_an_answer_without_a_new_match_touches_no_file_and_one_with_it_waits_for_its_file(
    hosts: Hosts, tmp_path: Path
) -> None:
    worker, acme, same = hosts.worker(), partner(daily=10**6, matches=10**4), selectors(5)
    worker.ask(acme, same, matches=5)
    folder = tmp_path / "one" / "allowance"
    folder.rename(tmp_path / "away")
    worker.ask(acme, same, matches=5)
    worker.ask(acme, selectors(100))
    with pytest.raises(Unavailable) as refused:
        worker.ask(acme, (new := selectors(1)), matches=1)
    assert refused.value.reason == "audit"
    (tmp_path / "away").rename(folder)
    worker.ask(acme, new, matches=1)
    assert hosts.worker().remaining(acme)[1] == 10**4 - 6


def test_a_beat_lets_the_host_know_what_all_partners_have_asked(hosts: Hosts) -> None:
    all_of_them = [partner(name=name) for name in ("acme", "bolt", "crow")]
    worker = hosts.worker()
    for one in all_of_them:
        worker.ask(one, selectors(10))
    worker.beat()
    after = hosts.worker()
    assert [after.remaining(one)[0] for one in all_of_them] == [pytest.approx(990, abs=2)] * 3


def test_beats_let_other_hosts_know_what_all_partners_have_asked(hosts: Hosts) -> None:
    all_of_them = [partner(name=name) for name in ("acme", "bolt", "crow")]
    worker, other = hosts.worker(), hosts.worker("two")
    for one in all_of_them:
        worker.ask(one, selectors(10))
    for _ in all_of_them:
        worker.beat()
        hosts.steady.now += 0.2
    for one in all_of_them:
        other.ask(one, selectors(1))
        assert other.allowance.headers(one)[1][1].startswith(b'"day";r=000000000990')


def test_what_the_disk_does_not_take_now_is_settled_once_it_does(
    hosts: Hosts, tmp_path: Path
) -> None:
    worker, acme = hosts.worker(), partner()
    worker.ask(acme, selectors(10))
    folder = tmp_path / "one" / "allowance"
    shutil.rmtree(folder)
    worker.beat()
    folder.mkdir(mode=0o700)
    worker.beat()
    assert hosts.worker().remaining(acme)[0] == pytest.approx(990, abs=2)
