"""The daily cap: shared by workers, given back for what was not answered, bounded."""

import fcntl
import os
from pathlib import Path

import pytest

from screening.api.allowance import Allowance
from screening.vocabulary.errors import QuotaExceeded, Unavailable
from tests.api.spending import DAY_S, Clock, partner


def of_the_day(home: Path) -> Path:
    (file,) = (home / "allowance").glob("acme.2*")
    return file


def test_the_daily_cap_holds_over_all_workers_and_tells_when_the_day_ends(tmp_path: Path) -> None:
    clock = Clock()
    one, two = Allowance(tmp_path, clock, clock), Allowance(tmp_path, clock, clock)
    acme = partner(daily=1_000)
    for _ in range(50):
        one.spend(acme, 10)
        two.spend(acme, 10)
    with pytest.raises(QuotaExceeded) as refused:
        one.spend(acme, 10)
    assert refused.value.retry_after_s == DAY_S // 2
    clock.now += DAY_S // 2
    one.spend(acme, 10)


def test_a_worker_that_died_has_spent_what_it_leased(tmp_path: Path) -> None:
    clock = Clock()
    acme = partner(daily=1_000)
    Allowance(tmp_path, clock, clock).spend(acme, 600)
    with pytest.raises(QuotaExceeded):
        Allowance(tmp_path, clock, clock).spend(acme, 600)


def test_what_was_not_answered_is_given_back(tmp_path: Path) -> None:
    clock = Clock()
    allowance = Allowance(tmp_path, clock, clock)
    acme = partner(daily=1_000, per_second=1_000)
    for _ in range(20):
        day = allowance.spend(acme, 1_000)
        allowance.give_back(acme, 1_000, day=day)
    assert allowance.remaining(acme) == 1_000
    allowance.spend(acme, 1_000)


def test_what_is_given_back_after_midnight_does_not_raise_the_cap_of_the_new_day(
    tmp_path: Path,
) -> None:
    clock = Clock()
    allowance = Allowance(tmp_path, clock, clock)
    acme = partner(daily=1_000)
    day = allowance.spend(acme, 600)
    clock.now += DAY_S
    allowance.spend(acme, 1)
    allowance.give_back(acme, 600, day=day)
    assert allowance.remaining(acme) == 999


def test_what_is_given_back_when_its_day_is_over_is_none_of_the_next(tmp_path: Path) -> None:
    clock = Clock()
    allowance = Allowance(tmp_path, clock, clock)
    day = allowance.spend(partner(), 1_000)
    clock.now += DAY_S
    allowance.give_back(partner(), 1_000, day=day)
    assert allowance.remaining(partner()) == 1_000
    allowance.spend(partner(), 1_000)
    with pytest.raises(QuotaExceeded):
        allowance.spend(partner(), 1)


def test_what_was_leased_of_a_day_is_none_of_the_next(tmp_path: Path) -> None:
    clock = Clock()
    allowance = Allowance(tmp_path, clock, clock)
    acme = partner(daily=5_000)
    allowance.spend(acme, 1)  # of a lease of five
    clock.now += DAY_S
    assert allowance.remaining(acme) == 5_000


def test_what_a_worker_holds_unspent_is_below_a_percent_of_the_cap(tmp_path: Path) -> None:
    clock = Clock()
    one, two = Allowance(tmp_path, clock, clock), Allowance(tmp_path, clock, clock)
    acme = partner(daily=100_000)
    one.spend(acme, 1)
    assert two.remaining(acme) >= 99_000
    two.spend(acme, 99_000)


def test_the_last_lease_of_a_day_is_no_larger_than_what_is_left(tmp_path: Path) -> None:
    clock = Clock()
    one, two = Allowance(tmp_path, clock, clock), Allowance(tmp_path, clock, clock)
    acme = partner(daily=5_000)  # of which a lease is five
    one.spend(acme, 4_998)
    for _ in range(2):
        two.spend(acme, 1)
    with pytest.raises(QuotaExceeded):
        two.spend(acme, 1)
    assert (one.remaining(acme), two.remaining(acme)) == (0, 0)


def test_what_is_leased_already_counts_where_little_is_left(tmp_path: Path) -> None:
    clock = Clock()
    one, two = Allowance(tmp_path, clock, clock), Allowance(tmp_path, clock, clock)
    acme = partner(daily=5_000)
    one.spend(acme, 2)  # of a lease of five
    two.spend(acme, 4_993)
    one.spend(acme, 5)


def test_a_cap_that_was_lowered_leaves_nothing_and_no_debt(tmp_path: Path) -> None:
    clock = Clock()
    allowance = Allowance(tmp_path, clock, clock)
    allowance.spend(partner(daily=1_000), 1_000)
    assert allowance.remaining(partner(daily=10)) == 0


def test_a_question_that_comes_too_soon_costs_nothing_of_the_day(tmp_path: Path) -> None:
    clock = Clock()
    allowance = Allowance(tmp_path, clock, clock)
    acme = partner(daily=1_000, per_second=10)
    allowance.spend(acme, 100)
    with pytest.raises(QuotaExceeded):
        allowance.spend(acme, 100)
    assert allowance.remaining(acme) == 900


def test_what_is_kept_of_a_partner_is_read_by_nobody_else(tmp_path: Path) -> None:
    clock = Clock()
    before = os.umask(0)
    Allowance(tmp_path, clock, clock).spend(partner(), 1)
    os.umask(before)
    modes = {file.stat().st_mode & 0o777 for file in (tmp_path / "allowance").iterdir()}
    assert modes == {0o600}


def test_the_first_number_of_a_day_is_durable_and_those_after_it_cost_no_write_to_disk(
    tmp_path: Path, durable_steps: list[str]
) -> None:
    clock = Clock()
    allowance = Allowance(tmp_path, clock, clock)
    for _ in range(2):
        allowance.spend(partner(), 10)
    file = of_the_day(tmp_path)
    day = file.suffix
    steps = [step for step in durable_steps if step.endswith(day)]
    assert steps == [f"pwrite {day}", f"fdatasync {day}", f"pwrite {day}"]
    assert sum(step.startswith("fdatasync") for step in durable_steps) == 1


def test_a_sibling_that_is_stopped_with_the_lock_stops_nobody(tmp_path: Path) -> None:
    clock = Clock()
    allowance = Allowance(tmp_path, clock, clock)
    allowance.spend(partner(), 1)
    file = of_the_day(tmp_path)
    with file.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        open_before = len(list(Path("/proc/self/fd").iterdir()))
        with pytest.raises(Unavailable) as refused:
            allowance.remaining(partner())
        assert len(list(Path("/proc/self/fd").iterdir())) == open_before
    assert refused.value.reason == "overloaded"
    assert allowance.remaining(partner()) == 999


def test_a_clock_that_goes_back_grants_no_second_cap(tmp_path: Path) -> None:
    clock = Clock()
    allowance = Allowance(tmp_path, clock, clock)
    allowance.spend(partner(daily=1_000), 1_000)
    clock.now += DAY_S
    allowance.spend(partner(daily=1_000), 1)
    clock.now -= DAY_S
    with pytest.raises(QuotaExceeded):
        allowance.spend(partner(daily=1_000), 1)


@pytest.mark.parametrize("content", [b"-0000000000000001000", b"x", b"1", b"0" * 21])
@pytest.mark.parametrize("of", ["2*", "rate-*"])
def test_a_number_that_is_none_grants_nothing(tmp_path: Path, content: bytes, of: str) -> None:
    clock = Clock()
    Allowance(tmp_path, clock, clock).spend(partner(), 1)
    (file,) = (tmp_path / "allowance").glob(f"acme.{of}")
    file.write_bytes(content)
    with pytest.raises(Unavailable) as refused:
        Allowance(tmp_path, clock, clock).spend(partner(), 1)
    assert refused.value.reason == "audit"


def test_a_file_that_cannot_be_opened_is_named_with_the_reason_and_grants_nothing(
    tmp_path: Path,
) -> None:
    clock = Clock()
    Allowance(tmp_path, clock, clock).spend(partner(), 1)
    file = of_the_day(tmp_path)
    file.unlink()
    file.mkdir()
    with pytest.raises(Unavailable) as refused:
        Allowance(tmp_path, clock, clock).spend(partner(), 1)
    assert refused.value.reason == "audit"
    assert str(refused.value) == f"the allowance {file} cannot be opened: Is a directory"


def test_files_of_days_long_past_are_removed(tmp_path: Path) -> None:
    clock = Clock()
    allowance = Allowance(tmp_path, clock, clock)
    for _ in range(10):
        allowance.spend(partner(), 1)
        clock.now += DAY_S
    names = sorted(file.name for file in (tmp_path / "allowance").glob("acme.2*"))
    assert (len(names), names[-1]) == (8, "acme.2024-10-13")


def test_what_was_leased_under_other_limits_does_not_outlast_them(tmp_path: Path) -> None:
    clock = Clock()
    allowance = Allowance(tmp_path, clock, clock)
    allowance.spend(partner(daily=1_000_000, per_second=100_000), 7)  # of leases of a thousand
    lowered = partner(daily=40, per_second=10)
    assert allowance.spend(lowered, 33)
    with pytest.raises(QuotaExceeded, match="daily cap"):
        allowance.spend(lowered, 1)
    with pytest.raises(QuotaExceeded, match="daily cap"):
        Allowance(tmp_path, clock, clock).spend(lowered, 1)
    raised = partner(daily=50, per_second=10)
    with pytest.raises(QuotaExceeded, match="a second"):
        allowance.spend(raised, 10)


def test_what_was_spent_under_other_limits_is_not_given_back_under_these(tmp_path: Path) -> None:
    clock = Clock()
    allowance = Allowance(tmp_path, clock, clock)
    former, lowered = partner(daily=1_000), partner(daily=50)
    day = allowance.spend(former, 40)
    allowance.spend(lowered, 5)
    allowance.give_back(former, 40, day=day)
    with pytest.raises(QuotaExceeded):
        allowance.spend(lowered, 6)
