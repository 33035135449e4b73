"""When a worker loads its lists anew, and what it keeps of those it has."""

import shutil

import msgspec
import pytest

from screening.api.cache import LastFound, boot_id
from screening.registry.record import sign_record
from tests.api.worker_lists import (
    KEY_ID,
    WorkerLists,
    folder_of,
    held,
    load,
    refreshed,
    run,
    write_again,
)


def test_what_was_loaded_whole_is_not_loaded_again_as_time_goes_by(cached: WorkerLists) -> None:
    async def scenario() -> None:
        await load(cached)
        before = cached.lists.loaded
        cached.moments.steady += 60
        await cached.lists.refresh()
        assert cached.lists.loaded is before

    run(scenario())


def test_the_same_documents_laid_down_again_change_nothing_and_raise_no_alarm(
    cached: WorkerLists,
) -> None:
    async def scenario() -> None:
        await load(cached)
        before, seen = held(cached), list(cached.alarms.seen)
        write_again(cached)
        await cached.lists.refresh()
        assert held(cached) is before
        assert cached.alarms.seen == seen

    run(scenario())


def test_a_folder_that_was_brought_anew_is_loaded(cached: WorkerLists) -> None:
    async def scenario() -> None:
        await load(cached)
        before, seen = held(cached), list(cached.alarms.seen)
        folder = folder_of(cached)
        shutil.copytree(folder.rename(folder.with_name("aside")), folder)
        write_again(cached)
        await refreshed(cached)
        assert held(cached).head == before.head
        assert held(cached).generation is not before.generation
        assert cached.alarms.seen == seen

    run(scenario())


def test_a_folder_that_is_gone_takes_nothing_from_what_is_loaded(cached: WorkerLists) -> None:
    async def scenario() -> None:
        await load(cached)
        before, seen = held(cached), list(cached.alarms.seen)
        shutil.rmtree(folder_of(cached))
        write_again(cached)
        await cached.lists.refresh()
        assert held(cached) is before
        assert cached.alarms.seen == seen
        assert cached.lists.loaded.answers_from.refused == []

    run(scenario())


def test_a_newer_head_is_taken_up_though_the_files_that_lie_there_are_false(
    cached: WorkerLists,
) -> None:
    async def scenario() -> None:
        await load(cached)
        before, folder = held(cached), folder_of(cached)
        shutil.copytree(folder.rename(folder.with_name("aside")), folder)
        content = (folder / "filter").read_bytes()
        (folder / "filter").write_bytes(b"")
        newer = msgspec.structs.replace(before.head, sequence=before.head.sequence + 1)
        write_again(cached, newer)
        await refreshed(cached)
        assert held(cached).head == newer
        assert held(cached).generation is before.generation
        assert cached.lists.loaded.answers_from.refused == [cached.key_id]
        (folder / "filter").write_bytes(content)
        await refreshed(cached)
        assert held(cached).generation is not before.generation
        assert cached.lists.loaded.is_whole

    run(scenario())


def test_documents_that_cannot_be_read_are_told_again_and_again(cached: WorkerLists) -> None:
    async def scenario() -> None:
        await load(cached)
        before = cached.lists.loaded.lists
        (cached.cache.directory / "documents").write_bytes(b"x")
        for times in (1, 2, 3):
            await cached.lists.refresh()
            assert cached.alarms.seen.count("cache_untrusted") == times
            cached.moments.steady += 10
        assert cached.lists.loaded.lists == before

    run(scenario())


def test_a_head_that_was_confirmed_before_it_was_laid_down_is_as_fresh(cached: WorkerLists) -> None:
    async def scenario() -> None:
        await load(cached)
        cached.moments.steady += 5
        newer = msgspec.structs.replace(held(cached).head, sequence=held(cached).head.sequence + 1)
        times = (newer.sequence, cached.moments.wall, cached.moments.steady)
        cached.cache.write_confirmed(LastFound({cached.key_id: times}, boot_id()))
        await cached.lists.refresh()
        assert cached.lists.sync_age_s(held(cached)) == 5
        write_again(cached, newer)
        await cached.lists.refresh()
        assert cached.lists.sync_age_s(held(cached)) == 0

    run(scenario())


@pytest.mark.parametrize("is_named", [True, False])
def test_a_list_goes_when_no_record_names_its_key_any_more(
    cached: WorkerLists, *, is_named: bool
) -> None:
    async def scenario() -> None:
        await load(cached)
        key_id = cached.key_id
        record = cached.lists.loaded.partners[KEY_ID]
        newer = msgspec.structs.replace(
            record,
            sequence=record.sequence + 1,
            key_ids=record.key_ids if is_named else ["acme-2030a"],
        )
        documents = cached.cache.read_documents()
        documents.partners[KEY_ID] = sign_record(newer, cached.signer)
        documents.heads.clear()
        cached.cache.write_documents(documents)
        await cached.lists.refresh()
        assert (key_id in cached.lists.loaded.lists) is is_named

    run(scenario())
