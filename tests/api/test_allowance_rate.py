"""The rate at which a partner may ask: one for all workers, whatever ends or starts anew."""

from contextlib import suppress
from pathlib import Path

import pytest

from screening.api.allowance import Allowance
from screening.vocabulary.errors import QuotaExceeded
from tests.api.spending import DAY_S, Clock, partner


def test_the_rate_lets_a_burst_pass_and_then_asks_to_wait(tmp_path: Path) -> None:
    clock = Clock()
    allowance = Allowance(tmp_path, clock, clock)
    acme = partner(daily=10**9, per_second=100)
    for _ in range(3):
        allowance.spend(acme, 50)
    with pytest.raises(QuotaExceeded) as refused:
        allowance.spend(acme, 1)
    assert refused.value.retry_after_s == 1
    clock.now += 1
    allowance.spend(acme, 1)


def test_the_rate_holds_over_all_workers(tmp_path: Path) -> None:
    clock = Clock()
    workers = [Allowance(tmp_path, clock, clock) for _ in range(4)]
    acme = partner(daily=10**9, per_second=1_000)
    passed = 0
    for _ in range(1_000):  # ten seconds, in which forty times the rate is wanted
        for worker in workers:
            with suppress(QuotaExceeded):
                worker.spend(acme, 100)
                passed += 100
        clock.now += 0.01
    lease = 20  # of a fiftieth of a second, which each worker may hold
    assert 10_000 <= passed <= 10_000 + 1_000 + 100 + len(workers) * lease


def test_a_worker_that_starts_anew_forgives_no_debt_of_the_rate(tmp_path: Path) -> None:
    clock = Clock()
    acme = partner(daily=10**9, per_second=1)
    Allowance(tmp_path, clock, clock).spend(acme, 100)
    with pytest.raises(QuotaExceeded) as refused:
        Allowance(tmp_path, clock, clock).spend(acme, 1)
    assert refused.value.retry_after_s == 100


def test_a_clock_that_began_anew_with_the_machine_holds_nobody_up(tmp_path: Path) -> None:
    clock = Clock()
    acme = partner(daily=10**9, per_second=1)
    Allowance(tmp_path, clock, clock, lambda: "one").spend(acme, 1_000)
    clock.now = 5.0
    Allowance(tmp_path, clock, clock, lambda: "two").spend(acme, 1)
    assert [file.name for file in (tmp_path / "allowance").glob("*.rate-*")] == ["acme.rate-two"]


def test_a_folder_named_as_of_an_earlier_boot_keeps_nobody_from_counting(tmp_path: Path) -> None:
    Allowance(tmp_path)
    (tmp_path / "allowance" / "acme.rate-one").mkdir()
    Allowance(tmp_path, boot=lambda: "two").spend(partner(), 1)


def test_a_new_day_forgives_no_debt_of_the_rate(tmp_path: Path) -> None:
    wall, monotonic = Clock(), Clock()
    allowance = Allowance(tmp_path, wall, monotonic)
    acme = partner(daily=100_000, per_second=1)
    day = allowance.spend(acme, 1_000)
    wall.now += DAY_S
    with pytest.raises(QuotaExceeded):
        allowance.spend(acme, 1)
    allowance.give_back(acme, 1_000, day=day)
    allowance.spend(acme, 1)
