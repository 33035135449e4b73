"""What was counted before a person has lifted something restricts nobody after it."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from screening.api.loaded import LoadedList
from screening.api.watching.baseline import NOTHING, Counts
from screening.api.watching.usage import HostUsage
from screening.registry.reader import Caller
from screening.vocabulary.selector import IndexDigest
from tests.api.watching.watched import KEY, Watched

SEARCH = {row: IndexDigest(bytes([row] * 16)) for row in range(1, 17)}


def answer(watched: Watched, one: LoadedList, matches: dict[int, IndexDigest]) -> None:
    caller = Caller(watched.partner, KEY, ())
    watched.watch.answered(caller, one, "a" * 26, selectors=16, matches=matches)


@pytest.mark.parametrize("meets", ["a beat", "a full disk", "the end"])
def test_a_search_before_a_lift_holds_nobody_for_an_honest_question_after_it(
    tmp_path: Path, marked: LoadedList, meets: str
) -> None:
    watched = Watched(tmp_path / "home", marked, "hold")
    usage = watched.home / "usage"
    for _ in range(10):
        answer(watched, marked, SEARCH)
    if meets == "a full disk":
        usage.rename(watched.home / "aside")
        watched.beat()
        (watched.home / "aside").rename(usage)
        watched.watch._count_at = float("-inf")  # as two seconds later
    watched.partner = msgspec.structs.replace(watched.partner, matches_counted_from=8)
    answer(watched, marked, {})
    watched.watch.end() if meets == "the end" else watched.beat()
    asyncio.run(watched.allowance.spend(watched.partner, 1))
    counted = HostUsage(watched.home)
    here = counted.add(watched.partner, NOTHING, NOTHING).here[counted.today()]
    assert here == Counts(1, 16, 0)
    if meets != "the end":  # of what was found before it a person hears all the same
        assert watched.told() == {"partner.held": 1, "partner.hit_rate": 1}


def test_a_deviation_that_comes_again_after_a_lift_is_told_again(
    tmp_path: Path, marked: LoadedList
) -> None:
    watched = Watched(tmp_path / "home", marked, "alert")
    for moment in (7, 8, 8):
        watched.partner = msgspec.structs.replace(watched.partner, matches_counted_from=moment)
        for _ in range(10):
            answer(watched, marked, SEARCH)
        watched.watch._count_at = float("-inf")  # as two seconds later
        watched.beat()
    assert watched.told() == {"partner.hit_rate": 2}
