"""What is done about a partner is what its newest record says, though it asked before that."""

import asyncio
from pathlib import Path

import msgspec

from screening.api.loaded import LoadedList
from screening.registry.reader import Caller
from screening.vocabulary.selector import IndexDigest
from tests.api.watching.watched import KEY, Watched

SEARCH = {row: IndexDigest(bytes([row] * 16)) for row in range(1, 17)}


def hold_from_now_on(watched: Watched) -> None:
    watched.partner = msgspec.structs.replace(watched.partner, on_suspicion="hold")


def test_a_canary_is_reacted_to_as_the_newest_record_says(
    tmp_path: Path, marked: LoadedList
) -> None:
    watched = Watched(tmp_path / "home", marked, "alert")
    watched.answer("a" * 26)
    hold_from_now_on(watched)
    watched.answer("b" * 26)
    watched.beat()
    assert watched.marks() == ["acme.held-7"]


def test_counts_that_the_disk_refuses_are_told_of_and_put_back_under_the_newest_record(
    tmp_path: Path, marked: LoadedList
) -> None:
    watched = Watched(tmp_path / "home", marked, "alert")
    watch, usage = watched.watch, watched.home / "usage"

    def search() -> None:
        caller = Caller(watched.partner, KEY, ())
        watch.answered(caller, marked, "a" * 26, selectors=16, matches=SEARCH)

    async def refused() -> None:
        beat = asyncio.create_task(watch.beat())
        await asyncio.sleep(0)  # it has begun to count what came before
        hold_from_now_on(watched)
        search()
        await beat

    search()
    usage.rename(watched.home / "aside")
    asyncio.run(refused())
    assert ("usage_unwritable", "acme") in watched.noted.alarms
    (watched.home / "aside").rename(usage)
    watch._count_at = float("-inf")  # as two seconds later
    watched.beat()
    assert watched.marks() == ["acme.held-7"]
