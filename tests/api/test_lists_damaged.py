"""Files of lists that are damaged, touched or replaced while a worker has them mapped."""

import asyncio
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from screening.api.cache import AnswersFrom
from screening.generations.mapped import Change, touch_mapped
from tests.api.worker_lists import (
    WorkerLists,
    folder_of,
    held,
    load,
    refreshed,
    run,
    write_again,
)
from tests.harness.damage import written_over


@pytest.mark.parametrize("name", ["filter", "table", "records"])
@pytest.mark.parametrize("is_cut_off", [False, True], ids=["other bytes", "cut off"])
def test_what_is_damaged_under_our_feet_is_answered_from_no_more_until_it_is_whole(
    cached: WorkerLists, name: str, *, is_cut_off: bool
) -> None:
    async def scenario() -> None:
        await load(cached)
        key_id, path = cached.key_id, folder_of(cached) / name
        content = path.read_bytes()
        if is_cut_off:
            os.truncate(path, 0)
        else:
            written_over(path)
        await cached.lists.refresh()
        assert cached.lists.loaded.lists == {}
        assert cached.lists.loaded.answers_from == AnswersFrom(0, {}, [key_id])
        assert cached.alarms.seen.count("generation_untrusted") == 1
        await refreshed(cached)
        assert cached.lists.loaded.answers_from == AnswersFrom(0, {}, [key_id])
        path.write_bytes(content)
        cached.moments.steady += 10
        await cached.lists.refresh()
        assert list(cached.lists.loaded.lists) == [key_id]
        assert cached.lists.loaded.is_whole
        assert cached.lists.loaded.answers_from.release > 0

    run(scenario())


def test_what_is_written_over_and_whose_time_is_set_back_is_found_too(cached: WorkerLists) -> None:
    async def scenario() -> None:
        await load(cached)
        path = folder_of(cached) / "filter"
        status = path.stat()
        written_over(path)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        await refreshed(cached)
        assert cached.lists.loaded.lists == {}

    run(scenario())


@pytest.mark.parametrize("deed", [touch_mapped, shutil.rmtree], ids=["touched", "removed"])
def test_what_was_touched_or_removed_and_is_whole_is_answered_from_as_before(
    cached: WorkerLists, deed: Callable[[Path], None]
) -> None:
    async def scenario() -> None:
        await load(cached)
        before, seen = cached.lists.loaded, list(cached.alarms.seen)
        deed(folder_of(cached))
        await refreshed(cached)
        assert cached.lists.loaded is before
        assert held(cached).generation.files.change() is Change.NONE
        assert cached.alarms.seen == seen

    run(scenario())


def test_beside_files_that_are_false_what_is_mapped_stays_and_is_not_read_at_each_look(
    cached: WorkerLists,
) -> None:
    async def scenario() -> None:
        await load(cached)
        before, folder = held(cached).generation, folder_of(cached)
        shutil.copytree(folder.rename(folder.with_name("aside")), folder)
        content = written_over(folder / "filter")
        for _ in range(2):
            await refreshed(cached)
            assert held(cached).generation is before
        assert cached.alarms.seen.count("generation_untrusted") == 1
        cached.moments.steady += 10
        await cached.lists.refresh()
        assert cached.alarms.seen.count("generation_untrusted") == 2
        assert cached.lists.loaded.answers_from.refused == [cached.key_id]
        (folder / "filter").write_bytes(content)
        await refreshed(cached)
        assert held(cached).generation is not before
        assert cached.lists.loaded.is_whole

    run(scenario())


def test_where_what_is_mapped_was_damaged_an_older_head_is_adopted_as_little(
    cached: WorkerLists,
) -> None:
    async def scenario() -> None:
        await load(cached)
        head, path = held(cached).head, folder_of(cached) / "filter"
        content = written_over(path)
        await cached.lists.refresh()
        assert cached.lists.loaded.lists == {}
        path.write_bytes(content)
        write_again(cached, msgspec.structs.replace(head, sequence=head.sequence - 1))
        await cached.lists.refresh()
        assert cached.alarms.seen[-1] == "head_rolled_back"
        assert cached.lists.loaded.lists == {}
        write_again(cached, head)
        await cached.lists.refresh()
        assert held(cached).head == head

    run(scenario())


@pytest.mark.parametrize("are_gone", [False, True], ids=["damaged", "gone"])
def test_what_was_damaged_is_told_as_refused_though_the_documents_are_damaged_or_gone(
    cached: WorkerLists, *, are_gone: bool
) -> None:
    async def scenario() -> None:
        await load(cached)
        path, documents = folder_of(cached) / "filter", cached.cache.directory / "documents"
        content, signed = written_over(path), documents.read_bytes()
        if are_gone:
            documents.unlink()
        else:
            documents.write_bytes(b"x")
        await refreshed(cached)
        assert cached.lists.loaded.lists == {}
        assert cached.lists.loaded.answers_from.release == 0
        assert not cached.lists.loaded.is_whole
        path.write_bytes(content)
        documents.write_bytes(signed)
        cached.moments.steady += 10
        await cached.lists.refresh()
        assert list(cached.lists.loaded.lists) == [cached.key_id]

    run(scenario())


def test_what_is_read_of_a_list_that_was_touched_holds_up_no_release(cached: WorkerLists) -> None:
    async def scenario() -> None:
        await load(cached)
        head, began, over = held(cached).head, threading.Event(), threading.Event()

        def are_whole() -> bool:
            began.set()
            return over.wait(30)

        held(cached).generation.files.are_whole = are_whole  # type: ignore[method-assign]  # slow
        touch_mapped(folder_of(cached))
        try:
            await cached.lists.refresh()
            await asyncio.to_thread(began.wait, 30)
            newer = msgspec.structs.replace(head, sequence=head.sequence + 1)
            write_again(cached, newer)
            await cached.lists.refresh()
            assert held(cached).head == newer
        finally:
            over.set()

    run(scenario())
