"""What a host remembers of how much partners ask: counts, shared by its workers."""

import time
from pathlib import Path

import pytest

from screening.api.watching.baseline import Counts
from screening.api.watching.usage import HostUsage
from screening.registry.record import PartnerRecord
from screening.vocabulary.unix_time import DAY_S
from tests.api.quotas.spending import partner

DAY = 20_000


class Clock:
    day = DAY

    def __call__(self) -> float:
        return self.day * DAY_S + 100.0


@pytest.fixture
def record() -> PartnerRecord:
    return partner()


def test_workers_of_a_host_count_together_and_those_that_come_later_know_it(
    tmp_path: Path, record: PartnerRecord
) -> None:
    clock = Clock()
    one, other = HostUsage(tmp_path, clock), HostUsage(tmp_path, clock)
    one.add(record, Counts(1, 16, 2), Counts())
    other.add(record, Counts(2, 10, 0), Counts())
    history = HostUsage(tmp_path, clock).add(record, Counts(0, 0, 0), Counts(9, 99, 3))
    assert history.here == {DAY: Counts(3, 26, 2)}
    assert history.everywhere == {DAY: Counts(9, 99, 3)}
    clock.day += 1
    assert one.add(record, Counts(1, 1, 1), Counts()).here[DAY] == Counts(3, 26, 2)
    clock.day += 31
    assert set(one.add(record, Counts(1, 1, 1), Counts()).here) == {clock.day}


def test_a_day_begins_anew_once_a_person_has_lifted_and_its_baseline_stays(
    tmp_path: Path, record: PartnerRecord
) -> None:
    clock = Clock()
    usage = HostUsage(tmp_path, clock)
    usage.add(record, Counts(1, 100, 0), Counts())
    clock.day += 1
    usage.add(record, Counts(1, 100, 100), Counts())
    lifted = partner(since=5)
    history = usage.add(lifted, Counts(1, 2, 0), Counts())
    assert history.here == {DAY: Counts(1, 100, 0), DAY + 1: Counts(1, 2, 0)}


def test_a_throttle_is_of_what_was_counted_since_and_outlasts_a_restart(
    tmp_path: Path, record: PartnerRecord
) -> None:
    HostUsage(tmp_path).throttle(record)
    HostUsage(tmp_path).throttle(record)
    since = HostUsage(tmp_path).throttled_since(record)
    assert since is not None
    assert abs(since - time.time()) < 60
    assert HostUsage(tmp_path).throttled_since(partner(since=5)) is None


def test_a_file_that_is_none_is_no_baseline_and_stops_nobody(
    tmp_path: Path, record: PartnerRecord
) -> None:
    usage = HostUsage(tmp_path, Clock())
    usage.add(record, Counts(1, 16, 2), Counts())
    (path,) = (tmp_path / "usage").glob("*.json")
    path.write_bytes(b"no counts")
    assert usage.add(record, Counts(1, 1, 0), Counts()).here == {DAY: Counts(1, 1, 0)}
    assert path.stat().st_mode & 0o777 == 0o600


def test_of_what_a_person_has_lifted_no_mark_is_kept_and_of_others_each_is(tmp_path: Path) -> None:
    usage = HostUsage(tmp_path)
    for name, since in (("acme", 4), ("acme", 5), ("acme", 6), ("acme-2", 4)):
        usage.throttle(partner(name=name, since=since))
    usage.add(partner(since=5), Counts(1, 1, 0), Counts())
    marks = sorted(path.name for path in (tmp_path / "usage").glob("*.throttled-*"))
    assert marks == ["acme-2.throttled-4", "acme.throttled-5", "acme.throttled-6"]
