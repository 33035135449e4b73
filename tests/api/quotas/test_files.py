"""What a host keeps of what partners ask: private, durable, bounded, and refused where damaged."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from screening.api.quotas.budgets import given_to
from screening.api.quotas.host import HostBudgets
from screening.api.quotas.sketch import Sketch, estimate
from screening.vocabulary.errors import Unavailable
from tests.api.quotas.spending import DAY_S, Hosts, partner, selectors
from tests.harness.small_disk import SmallDisk, can_mount


def of_the_day(folder: Path, budget: str = "seen-0") -> Path:
    (file,) = (folder / "one" / "allowance").glob(f"acme.{budget}.2*")
    return file


def test_what_is_kept_of_a_partner_is_read_by_nobody_else(cut_off: Hosts, tmp_path: Path) -> None:
    before = os.umask(0)
    worker = cut_off.worker()
    worker.ask(partner(), selectors(3), matches=1)
    worker.write_down()
    os.umask(before)
    modes = {file.stat().st_mode & 0o777 for file in (tmp_path / "one" / "allowance").iterdir()}
    assert modes == {0o600}


def test_the_first_sketch_of_a_day_is_durable_and_those_after_it_cost_no_write_to_disk(
    cut_off: Hosts, tmp_path: Path, durable_steps: list[str]
) -> None:
    worker = cut_off.worker()
    for _ in range(2):
        worker.ask(partner(), selectors(3))
        worker.write_down()
    day = of_the_day(tmp_path).suffix
    steps = [step for step in durable_steps if step.endswith(day)]
    # Of the sketch, and of what passed without Redis of either budget.
    assert steps.count(f"fdatasync {day}") == 3
    assert steps.count(f"pwrite {day}") >= 3


@pytest.mark.parametrize("content", [b"x", b"\x01" * 16_383, b"\x34" * 16_384, b"\x01" * 16_385])
def test_a_sketch_that_is_none_grants_nothing(
    cut_off: Hosts, tmp_path: Path, content: bytes
) -> None:
    worker = cut_off.worker()
    worker.ask(partner(), selectors(1))
    worker.write_down()
    of_the_day(tmp_path).write_bytes(content)
    with pytest.raises(Unavailable) as refused:
        cut_off.worker().spend(partner(), 1)
    assert refused.value.reason == "audit"


@pytest.mark.parametrize("content", [b"-0000000000000001000", b"x", b"1", b"0" * 21])
@pytest.mark.parametrize("of", ["away-seen.2*", "rate-*"])
def test_a_number_that_is_none_grants_nothing(
    cut_off: Hosts, tmp_path: Path, content: bytes, of: str
) -> None:
    cut_off.worker().spend(partner(), 1)
    (file,) = (tmp_path / "one" / "allowance").glob(f"acme.{of}")
    file.write_bytes(content)
    with pytest.raises(Unavailable) as refused:
        cut_off.worker().spend(partner(), 1)
    assert refused.value.reason == "audit"


def test_a_file_that_cannot_be_opened_is_named_with_the_reason_and_grants_nothing(
    cut_off: Hosts, tmp_path: Path
) -> None:
    worker = cut_off.worker()
    worker.ask(partner(), selectors(1))
    worker.write_down()
    file = of_the_day(tmp_path)
    file.unlink()
    file.mkdir()
    with pytest.raises(Unavailable) as refused:
        cut_off.worker().spend(partner(), 1)
    assert refused.value.reason == "audit"
    assert str(refused.value) == f"the allowance {file} cannot be opened: Is a directory"


def test_files_of_days_long_past_are_removed(cut_off: Hosts, tmp_path: Path) -> None:
    worker = cut_off.worker()
    for _ in range(40):
        worker.ask(partner(), selectors(1), matches=1)
        worker.write_down()
        cut_off.wall.now += DAY_S
        cut_off.steady.now += DAY_S
    folder = tmp_path / "one" / "allowance"
    kept = {name: len(list(folder.glob(f"acme.{name}.2*"))) for name in ("seen-0", "matched-0")}
    assert kept == {"seen-0": 8, "matched-0": 32}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    if not can_mount():
        pytest.skip("this machine permits no mount namespace")
    small = SmallDisk(tmp_path / "disk", 1024)
    yield small
    small.close()


def test_a_disk_with_room_for_a_part_of_a_sketch_damages_none(disk: SmallDisk) -> None:
    host, matches, sketch = HostBudgets(disk.seen), given_to(partner()).matched, Sketch()
    host.settle("acme", matches, 20_000, sketch)  # of nothing: the name is there
    sketch.add(selectors(60))
    (disk.seen / "page").write_bytes(bytes(4_096))
    disk.fill()
    (disk.seen / "page").unlink()
    file = disk.seen / "allowance" / "acme.matched-0.2024-10-04"
    for _ in range(2):
        with pytest.raises(Unavailable) as refused:
            host.settle("acme", matches, 20_000, sketch)
        assert (refused.value.reason, file.stat().st_size) == ("audit", 0)
    disk.free()
    host.settle("acme", matches, 20_000, sketch)
    assert file.read_bytes() == bytes(sketch.registers)
    assert estimate(file.read_bytes()) == pytest.approx(60, abs=2)


def test_a_sketch_of_zeros_as_a_killed_worker_leaves_it_counts_nothing(
    cut_off: Hosts, tmp_path: Path
) -> None:
    cut_off.worker()
    day = "2024-10-04"
    (tmp_path / "one" / "allowance" / f"acme.seen-0.{day}").write_bytes(bytes(16_384))
    assert cut_off.worker().remaining(partner()) == (1_000, 1_000)
    assert of_the_day(tmp_path).suffix == f".{day}"


@pytest.mark.parametrize("budget", ["seen-0", "matched-0"])
def test_a_damaged_file_of_one_day_stops_no_worker_on_the_next(
    cut_off: Hosts, tmp_path: Path, budget: str
) -> None:
    worker = cut_off.worker()
    worker.ask(partner(), selectors(5), matches=5)
    worker.write_down()
    file = of_the_day(tmp_path, budget)
    whole = file.read_bytes()
    worker.ask(partner(), selectors(5), matches=0)
    file.write_bytes(b"x")
    cut_off.wall.now += DAY_S
    if budget == "matched-0":  # what matched on it counts on this day, too
        with pytest.raises(Unavailable):
            worker.ask(partner(), selectors(1))
        file.unlink()
    worker.ask(partner(), selectors(1))
    if budget == "seen-0":  # put back by a person: what was asked then is not lost
        file.write_bytes(whole)
        worker.beat()
        cut_off.wall.now -= DAY_S
        assert cut_off.worker().remaining(partner())[0] == pytest.approx(990, abs=2)


def test_the_damaged_file_of_one_partner_keeps_no_other_from_being_written_down(
    cut_off: Hosts, tmp_path: Path
) -> None:
    worker, others = cut_off.worker(), [partner(name=name) for name in ("acme", "bolt", "crow")]
    for one in others:
        worker.ask(one, selectors(5))
    (tmp_path / "one" / "allowance" / "acme.seen-0.2024-10-04").write_bytes(b"x")
    worker.write_down()
    after = cut_off.worker()
    assert [after.remaining(one)[0] for one in others[1:]] == [995, 995]


def test_a_day_that_cannot_be_closed_is_kept_once_however_often_its_partner_asks(
    cut_off: Hosts, tmp_path: Path
) -> None:
    worker, acme = cut_off.worker(), partner(daily=10**6)
    worker.ask(acme, selectors(5), matches=5)
    worker.write_down()
    of_the_day(tmp_path, "matched-0").write_bytes(b"x")
    cut_off.wall.now += DAY_S
    for _ in range(50):
        with pytest.raises(Unavailable):
            worker.ask(acme, selectors(1))
    assert len(worker.allowance._settlement._over) == 1


@pytest.mark.parametrize("ends", [False, True])
def test_a_day_that_could_not_be_closed_is_settled_once_and_forgotten(
    cut_off: Hosts, tmp_path: Path, ends: bool
) -> None:
    worker = cut_off.worker()
    worker.ask(partner(), selectors(5))
    (tmp_path / "one" / "allowance").rename(tmp_path / "aside")
    cut_off.wall.now += DAY_S
    with pytest.raises(Unavailable):
        worker.spend(partner(), 1)
    (tmp_path / "aside").rename(tmp_path / "one" / "allowance")
    assert worker.allowance._settlement._over
    worker.write_down() if ends else worker.beat()
    assert not worker.allowance._settlement._over
    cut_off.wall.now -= DAY_S
    assert cut_off.worker().remaining(partner())[0] == pytest.approx(995, abs=1)
