"""No alert waits for the look at all partners, and no partner for a sibling that stands still."""

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from screening.api.loaded import LoadedList
from screening.api.watching.baseline import NOTHING, Counts
from screening.api.watching.everywhere import Everywhere
from screening.api.watching.suspicions import Noticed
from screening.api.watching.usage import History, HostUsage
from screening.registry.reader import Caller
from screening.registry.record import PartnerRecord
from screening.vocabulary.suspected import Suspected
from tests.api.quotas.spending import partner
from tests.api.watching.watched import KEY, Watched

NAMES = ["acme", "bolt", "crow"]


class Busy:
    """A deployment: while it is asked, another canary matches."""

    def __init__(self, watched: Watched) -> None:
        self.waiting: list[int] = []
        self._watched = watched

    async def tell(
        self,
        partner: PartnerRecord,
        day: int,
        counts: Counts,
        *,
        throttled_since: int | None,
        suspected: Mapping[Suspected, Noticed],
    ) -> Everywhere:
        self.waiting.append(len(self._watched.outbox.waiting()))
        self._watched.answer(partner.partner * 4)
        return Everywhere(counts, is_throttled=False)


@contextmanager
def lock_held(home: Path) -> Iterator[None]:
    """Hold the lock, as a sibling does that was stopped with it."""
    with (home / "usage" / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture
def watched(tmp_path: Path, marked: LoadedList) -> Watched:
    """A watch that has counted an answer to each of three partners."""
    watched = Watched(tmp_path / "home", marked, "alert")
    for name in NAMES:
        caller = Caller(partner(since=7, name=name), KEY, ())
        watched.watch.answered(caller, marked, "a" * 26, selectors=16, matches={})
    return watched


def counted(watched: Watched) -> list[Counts]:
    usage = HostUsage(watched.home)
    histories = [usage.add(partner(since=7, name=name), NOTHING, NOTHING) for name in NAMES]
    return [history.here[usage.today()] for history in histories]


def test_a_canary_that_matches_while_all_partners_are_looked_at_is_told_before_the_next_of_them(
    watched: Watched,
) -> None:
    watched.watch._deployment = busy = Busy(watched)
    watched.beat()
    assert busy.waiting == [0, 1, 2]


def test_a_sibling_that_is_stopped_with_the_lock_is_waited_for_once_a_look(
    watched: Watched,
) -> None:
    with lock_held(watched.home):
        watched.beat()
    assert watched.noted.alarms == {("usage_unwritable", "acme")}
    watched.watch._count_at = float("-inf")  # as two seconds later
    watched.beat()
    assert counted(watched) == 3 * [Counts(1, 16, 0)]


def test_a_worker_that_ends_waits_once_and_tells_of_its_canaries_first(watched: Watched) -> None:
    watched.answer("b" * 26)
    told = []

    class Locked(HostUsage):
        def add(self, partner: PartnerRecord, counts: Counts, everywhere: Counts) -> History:
            told.append(watched.told()["canary.matched"])
            return super().add(partner, counts, everywhere)

    watched.watch._usage = Locked(watched.home)
    with lock_held(watched.home):
        watched.watch.end()
    assert told == [1]
    assert {name for what, name in watched.noted.alarms if what == "usage_unwritable"} == {*NAMES}
