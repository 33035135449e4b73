"""What a worker answers from, over what may happen to the cache and to the clocks."""

import asyncio
import contextlib
import os

import msgspec
import pytest

from screening.api.cache import AnswersFrom, Documents, LastFound, boot_id
from screening.api.check import Screening
from screening.generations.manifest import sign_head
from screening.private_files import replace_private
from screening.registry.reader import Caller
from screening.registry.record import sign_record
from screening.vocabulary.errors import LedgerUnavailable, UnknownKeyId
from screening.vocabulary.question import Question
from screening.vocabulary.selector import Token
from tests.api.quotas.spending import allowance_without_redis
from tests.api.watching_nothing import watch_of
from tests.api.worker_lists import KEY_ID, WorkerLists, load, run
from tests.harness.descriptors import descriptors_left


def test_a_confirmation_of_another_head_confirms_nothing(cached: WorkerLists) -> None:
    async def scenario() -> None:
        await load(cached)
        cached.moments.steady += 1_000
        one = cached.lists.loaded.lists[cached.key_id]
        times = (one.head.sequence + 1, cached.moments.wall, cached.moments.steady)
        cached.cache.write_confirmed(LastFound({cached.key_id: times}, boot_id()))
        await cached.lists.refresh()
        assert cached.lists.sync_age_s(one) == 1_000

    run(scenario())


@pytest.mark.parametrize(
    ("key", "alarm"), [("pepper.key", "pepper_differs"), ("api-keys.key", "server_key_differs")]
)
def test_with_another_deployments_key_nothing_is_loaded_rather_than_refused_or_not_found(
    cached: WorkerLists, key: str, alarm: str
) -> None:
    replace_private(cached.secrets / key, bytes(32))
    cached.start()

    async def scenario() -> None:
        await cached.lists.refresh()
        loaded = cached.lists.loaded
        assert not (loaded.lists if key == "pepper.key" else loaded.partners)
        assert loaded.answers_from.release == 0
        assert alarm in cached.alarms.seen

    run(scenario())


@pytest.mark.parametrize("kind", ["head", "partner"])
def test_an_older_document_changes_nothing(cached: WorkerLists, kind: str) -> None:
    async def scenario() -> None:
        await load(cached)
        before = cached.lists.loaded
        documents = cached.cache.read_documents()
        signer = cached.signer
        if kind == "head":
            head = before.lists[cached.key_id].head
            older = msgspec.structs.replace(head, sequence=head.sequence - 1, seq=0)
            documents.heads[cached.key_id] = sign_head(older, signer)
        else:
            record = before.partners[KEY_ID]
            replaced = msgspec.structs.replace(
                record, sequence=record.sequence - 1, daily_selectors=10**9
            )
            documents.partners[KEY_ID] = sign_record(replaced, signer)
        cached.cache.write_documents(documents)
        await cached.lists.refresh()
        after = cached.lists.loaded
        assert after.lists[cached.key_id].head == before.lists[cached.key_id].head
        assert after.partners == before.partners
        assert f"{kind}_rolled_back" in cached.alarms.seen

    run(scenario())


def test_keys_of_one_mode_never_read_a_list_of_the_other(cached: WorkerLists) -> None:
    async def scenario() -> None:
        await load(cached)
        loaded = cached.lists.loaded
        record = loaded.partners[KEY_ID]
        of_tests = msgspec.structs.replace(record, mode="test")
        loaded.list_for(Caller(record, record.api_keys[0]), cached.key_id)
        with pytest.raises(UnknownKeyId):
            loaded.list_for(Caller(of_tests, record.api_keys[0]), cached.key_id)

    run(scenario())


def test_a_question_whose_record_fails_costs_nothing(cached: WorkerLists) -> None:
    class Failing:
        async def record(self, *_: object) -> None:
            raise LedgerUnavailable("no space")

        record_certain = record

    async def scenario() -> None:
        await load(cached)
        loaded = cached.lists.loaded
        record = loaded.partners[KEY_ID]
        allowance = allowance_without_redis(cached.folder)
        watch = watch_of(cached.folder)
        screening = Screening(cached.lists, allowance, Failing(), watch)  # type: ignore[arg-type]  # as asked
        key_check = loaded.lists[cached.key_id].generation.manifest.key_check
        question = Question(cached.key_id, key_check, ["phone"], [Token(bytes(32))])
        before = await allowance.remaining(record)
        with pytest.raises(LedgerUnavailable):
            await screening.answer(Caller(record, record.api_keys[0]), loaded, question)
        assert await allowance.remaining(record) == before

    run(scenario())


def test_a_new_head_is_as_fresh_as_the_one_before_it_until_sync_has_confirmed_it_too(
    cached: WorkerLists,
) -> None:
    async def scenario() -> None:
        await load(cached)
        before = cached.lists.loaded.lists[cached.key_id]
        cached.moments.steady += 5
        documents = cached.cache.read_documents()
        newer = msgspec.structs.replace(before.head, sequence=before.head.sequence + 1)
        documents.heads[cached.key_id] = sign_head(newer, cached.signer)
        cached.cache.write_documents(documents)  # what is confirmed still names the one before
        await cached.lists.refresh()
        after = cached.lists.loaded.lists[cached.key_id]
        assert after.head == newer
        assert cached.lists.sync_age_s(after) == 5
        assert after.state.as_of == before.state.as_of

    run(scenario())


def test_documents_that_name_nobody_drop_nobody(cached: WorkerLists) -> None:
    async def scenario() -> None:
        await load(cached)
        key_id = cached.key_id
        cached.cache.write_documents(Documents({}, {}))
        await cached.lists.refresh()
        assert key_id in cached.lists.loaded.lists
        assert cached.lists.loaded.partners

    run(scenario())


def test_a_token_key_that_its_partners_record_names_no_more_holds_no_release_up(
    cached: WorkerLists,
) -> None:
    async def scenario() -> None:
        await load(cached)
        record = cached.lists.loaded.partners[KEY_ID]
        without = msgspec.structs.replace(record, key_ids=[], sequence=record.sequence + 1)
        cached.cache.write_documents(Documents({}, {KEY_ID: sign_record(without, cached.signer)}))
        await cached.lists.refresh()
        assert cached.lists.loaded.lists == {}
        assert cached.lists.loaded.answers_from == AnswersFrom(without.sequence, {})

    run(scenario())


def test_documents_that_could_not_be_read_are_read_again_though_nobody_writes_them(
    cached: WorkerLists,
) -> None:
    path = cached.cache.directory / "documents"
    content, written_ns = path.read_bytes(), path.stat().st_mtime_ns

    async def scenario() -> None:
        path.write_bytes(b"\xff" * 9)  # as a disk reads them for a moment
        os.utime(path, ns=(written_ns, written_ns))
        await cached.lists.refresh()
        assert cached.alarms.seen == ["cache_untrusted"]
        path.write_bytes(content)
        os.utime(path, ns=(written_ns, written_ns))
        cached.moments.steady += 10
        await cached.lists.refresh()
        assert cached.lists.loaded.lists

    run(scenario())


def test_a_worker_says_which_list_it_could_not_load_until_it_can(cached: WorkerLists) -> None:
    folder = cached.cache.directory / "generations" / cached.key_id
    (path,) = folder.glob("*/filter")
    content = path.read_bytes()
    path.write_bytes(b"")
    asyncio.run(cached.lists.refresh())
    assert cached.lists.loaded.answers_from.refused == [cached.key_id]
    path.write_bytes(content)
    cached.moments.steady += 6
    asyncio.run(cached.lists.refresh())
    assert cached.lists.loaded.answers_from.refused == []


def test_a_load_that_failed_for_a_passing_reason_is_tried_again(cached: WorkerLists) -> None:
    async def scenario() -> None:
        with descriptors_left(1), contextlib.suppress(OSError):
            await cached.lists.refresh()  # the worker's beat catches it, and looks again
        assert not cached.lists.loaded.lists
        cached.moments.steady += 10
        await cached.lists.refresh()
        assert cached.lists.loaded.lists

    run(scenario())
