"""When a worker loads its lists anew, and what it keeps of those it has."""

import os
import shutil
from pathlib import Path

import msgspec
import pytest

from screening.api.cache import LastFound, boot_id
from screening.api.loaded import LoadedList
from screening.generations.fetch import generation_directory
from screening.generations.manifest import Head, sign_head
from screening.generations.mapped import touch_mapped
from screening.registry.record import sign_record
from tests.api.worker_lists import KEY_ID, WorkerLists, load, run


def held(cached: WorkerLists) -> LoadedList:
    return cached.lists.loaded.lists[cached.key_id]


def folder_of(cached: WorkerLists) -> Path:
    return generation_directory(cached.cache.directory, held(cached).head)


def write_again(cached: WorkerLists, head: Head | None = None) -> None:
    """Lay the documents down once more, perhaps with another head."""
    documents = cached.cache.read_documents()
    if head is not None:
        documents.heads[cached.key_id] = sign_head(head, cached.signer)
    cached.cache.write_documents(documents)


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
        await cached.lists.refresh()
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


def test_a_newer_head_whose_list_could_not_be_loaded_is_taken_up_once_it_can(
    cached: WorkerLists,
) -> None:
    async def scenario() -> None:
        await load(cached)
        before = held(cached)
        folder = folder_of(cached)
        shutil.copytree(folder.rename(folder.with_name("aside")), folder)
        content = (folder / "filter").read_bytes()
        (folder / "filter").write_bytes(b"")
        newer = msgspec.structs.replace(before.head, sequence=before.head.sequence + 1)
        write_again(cached, newer)
        await cached.lists.refresh()
        assert held(cached).head == before.head
        (folder / "filter").write_bytes(content)
        cached.moments.steady += 10
        await cached.lists.refresh()
        assert held(cached).head == newer

    run(scenario())


def written_over(path: Path) -> bytes:
    """Write other bytes in a file, under the feet of who has it mapped; return what it held."""
    content = path.read_bytes()
    with path.open("r+b") as file:
        file.write(bytes(byte ^ 0xFF for byte in content))
    return content


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
        assert cached.lists.loaded.answers_from.refused == [key_id]
        assert cached.alarms.seen.count("generation_untrusted") == 1
        path.write_bytes(content)
        cached.moments.steady += 10
        await cached.lists.refresh()
        assert list(cached.lists.loaded.lists) == [key_id]
        assert cached.lists.loaded.is_whole

    run(scenario())


def test_files_that_were_touched_and_are_whole_are_mapped_anew_and_raise_no_alarm(
    cached: WorkerLists,
) -> None:
    async def scenario() -> None:
        await load(cached)
        before, seen = held(cached), list(cached.alarms.seen)
        touch_mapped(folder_of(cached))
        await cached.lists.refresh()
        assert held(cached).generation is not before.generation
        assert held(cached).state == before.state
        assert cached.alarms.seen == seen
        before = held(cached)
        await cached.lists.refresh()
        assert held(cached) is before

    run(scenario())


def test_beside_files_that_are_false_what_is_mapped_stays_and_is_not_hashed_at_each_look(
    cached: WorkerLists,
) -> None:
    async def scenario() -> None:
        await load(cached)
        before, folder = held(cached).generation, folder_of(cached)
        shutil.copytree(folder.rename(folder.with_name("aside")), folder)
        content = written_over(folder / "filter")
        for _ in range(3):
            await cached.lists.refresh()
            assert held(cached).generation is before
        assert cached.alarms.seen.count("generation_untrusted") == 1
        cached.moments.steady += 10
        await cached.lists.refresh()
        assert cached.alarms.seen.count("generation_untrusted") == 2
        assert cached.lists.loaded.answers_from.refused == [cached.key_id]
        (folder / "filter").write_bytes(content)
        await cached.lists.refresh()
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


def test_what_was_damaged_is_answered_from_no_more_though_the_documents_are_damaged_too(
    cached: WorkerLists,
) -> None:
    async def scenario() -> None:
        await load(cached)
        written_over(folder_of(cached) / "filter")
        (cached.cache.directory / "documents").write_bytes(b"x")
        await cached.lists.refresh()
        assert cached.alarms.seen[-1] == "cache_untrusted"
        assert cached.lists.loaded.lists == {}

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
