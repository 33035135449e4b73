"""What a host cannot look at is no "no": it is said, and stops no beat and no other partner."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from screening.api.quotas.budgets import given_to
from screening.vocabulary.errors import Unavailable
from tests.api.quotas.spending import DAY_S, Hosts, partner, selectors

ACME = partner(daily=10**6)


@contextmanager
def unreadable(path: Path) -> Iterator[Path]:
    """Have the system refuse to say whether `path` is there, whoever asks it."""
    path.symlink_to("a" * 300)  # longer than a name may be
    with pytest.raises(OSError, match="File name too long"):
        path.stat()
    yield path
    path.unlink()


@pytest.mark.parametrize("name", ["acme.held-0", "acme.matched-0.2024-10-03"])
def test_a_file_that_nobody_can_look_at_is_named_and_grants_nothing(
    cut_off: Hosts, tmp_path: Path, name: str
) -> None:
    worker = cut_off.worker()
    with unreadable(tmp_path / "one" / "allowance" / name) as path:
        for _ in range(2):
            with pytest.raises(Unavailable) as refused:
                worker.spend(ACME, 1)
            assert refused.value.reason == "audit"
            assert str(refused.value) == f"the allowance {path} cannot be read: File name too long"
        worker.spend(partner(name="bolt"), 1)
    worker.spend(ACME, 1)


def test_a_hold_that_nobody_can_look_at_is_in_force_all_the_same(
    cut_off: Hosts, tmp_path: Path
) -> None:
    worker, matches = cut_off.worker(), given_to(ACME).matched
    with unreadable(tmp_path / "one" / "allowance" / "acme.held-0"):
        with pytest.raises(Unavailable):
            worker.allowance.hold(ACME)
        assert worker.allowance._host.is_held("acme", matches)


def test_matches_are_told_once_a_host_can_say_again_whether_the_partner_is_held(
    hosts: Hosts, tmp_path: Path
) -> None:
    worker, other = hosts.worker(), hosts.worker("two")
    worker.beat()  # which tells of holds, as none does for the next two seconds
    worker.ask(ACME, selectors(10), matches=10)
    with unreadable(tmp_path / "one" / "allowance" / "acme.held-0"):
        worker.beat({"acme": ACME})
    worker.beat({"acme": ACME})
    other.ask(ACME, selectors(1))
    assert other.remaining(ACME)[1] == pytest.approx(990, abs=1)


def test_a_beat_goes_on_though_what_matched_on_an_earlier_day_cannot_be_read(
    hosts: Hosts, tmp_path: Path
) -> None:
    worker, bolt = hosts.worker(), partner(name="bolt")
    hosts.wall.now -= DAY_S
    for one in (ACME, bolt):
        worker.ask(one, selectors(10), matches=10)
    hosts.wall.now += DAY_S
    hosts.steady.now += 2  # Redis, whose clock is another, is asked again
    (sketch,) = (tmp_path / "one" / "allowance").glob("acme.matched-0.2*")
    sketch.rename(tmp_path / "aside")
    with unreadable(sketch):
        worker.beat({"acme": ACME, "bolt": bolt})
    (tmp_path / "aside").rename(sketch)
    other = hosts.worker("two")
    other.ask(bolt, selectors(1))
    assert other.remaining(bolt)[1] == pytest.approx(990, abs=1)
    worker.beat({"acme": ACME, "bolt": bolt})
    other.ask(ACME, selectors(1))
    assert other.remaining(ACME)[1] == pytest.approx(990, abs=1)
