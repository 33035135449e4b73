"""Sync, where a worker could not load what it has laid down."""

import threading

import msgspec
import pytest

from screening.api.cache import AnswersFrom
from screening.api.verified import Turns
from screening.generations.fetch import generation_directory
from screening.generations.manifest import Head
from screening.generations.mapped import file_versions
from screening.store import keys
from screening.vocabulary.errors import StoreUnavailable, Untrusted
from tests.api.sync_host import ACME, BETA, FIRST, SECOND, Host
from tests.harness.damage import written_over
from tests.harness.processes import eventually


def test_what_a_worker_could_not_load_is_fetched_again_and_the_workers_are_told(
    host: Host,
) -> None:
    published = host.put_head(ACME, FIRST, 7)
    host.put_partner(ACME, 7)
    host.sync.beat()
    path = generation_directory(host.cache.directory, published.head) / "filter"
    content = path.read_bytes()
    path.write_bytes(b"")
    host.sync.beat()
    assert path.read_bytes() == b""  # nobody has missed it

    version = host.cache.documents_version()
    host.cache.write_loaded(AnswersFrom(0, {}, [ACME]))
    host.sync.beat()
    assert path.read_bytes() == content
    assert host.told.alarms == [("cache_untrusted", ACME)]
    assert host.cache.documents_version() != version


def test_what_is_damaged_and_cannot_be_fetched_opens_no_door_to_an_older_head(host: Host) -> None:
    older = host.put_head(ACME, FIRST, 7)
    host.put_partner(ACME, 7)
    document = host.store.hget(keys.HEADS, ACME)
    host.sync.beat()
    newer = host.put_head(ACME, SECOND, 8)
    host.put_partner(ACME, 8)
    host.sync.beat()
    (generation_directory(host.cache.directory, newer.head) / "table").unlink()
    host.cache.write_loaded(AnswersFrom(0, {}, [ACME]))
    assert isinstance(document, bytes)
    host.store.hset(keys.HEADS, ACME, document)
    host.sync.beat()
    assert host.sequences() == {ACME: 8}
    assert ("head_rolled_back", ACME) in host.told.alarms
    assert generation_directory(host.cache.directory, older.head).exists()


def test_what_is_damaged_and_cannot_be_fetched_is_remembered_whatever_others_release(
    host: Host,
) -> None:
    host.release(FIRST, 7)
    host.sync.beat()
    damaged = host.heads()[ACME]
    (generation_directory(host.cache.directory, damaged) / "table").unlink()
    host.cache.write_loaded(AnswersFrom(0, {}, [ACME]))
    host.store.hdel(keys.HEADS, ACME)
    host.release(FIRST, 8, BETA)  # so that the documents are written anew
    host.sync.beat()
    assert host.sequences() == {ACME: 7, BETA: 8}


@pytest.mark.slow
def test_what_is_whole_although_a_worker_could_not_load_it_is_not_read_at_each_beat(
    host: Host,
) -> None:
    published = host.put_head(ACME, FIRST, 7)
    host.put_partner(ACME, 7)
    host.sync.beat()
    host.cache.write_loaded(AnswersFrom(0, {}, [ACME]))
    host.sync.beat()
    assert host.told.alarms == []
    (generation_directory(host.cache.directory, published.head) / "filter").unlink()
    host.clocks.pass_by(9)
    host.sync.beat()
    assert host.told.alarms == []
    host.clocks.pass_by(2)
    host.sync.beat()
    assert host.told.alarms == [("cache_untrusted", ACME)]


def test_a_list_that_could_not_be_fetched_is_tried_again_after_a_while_and_not_at_each_beat(
    host: Host,
) -> None:
    published = host.put_head(ACME, FIRST, 7)
    host.put_partner(ACME, 7)
    name = keys.table(ACME, FIRST)
    content = host.store.get(name)
    assert isinstance(content, bytes)
    host.store.set(name, b"")
    for _ in range(3):
        host.sync.beat()
        host.clocks.pass_by(3)
    assert host.told.alarms == [("generation_untrusted", ACME)]
    host.store.set(name, content)
    host.clocks.pass_by(2)
    host.sync.beat()
    assert host.sequences() == {ACME: 7}
    assert generation_directory(host.cache.directory, published.head).exists()


def test_a_head_that_nobody_signed_is_judged_again_after_a_while_and_not_at_each_beat(
    host: Host,
) -> None:
    host.put_head(ACME, FIRST, 7)
    host.put_partner(ACME, 7)
    document = host.store.hget(keys.HEADS, ACME)
    assert isinstance(document, bytes)
    host.store.hset(keys.HEADS, ACME, document[:-1] + bytes([document[-1] ^ 1]))
    for _ in range(3):
        host.sync.beat()
        host.clocks.pass_by(3)
    assert host.told.alarms == [("generation_untrusted", ACME)]
    host.clocks.pass_by(2)
    host.sync.beat()
    assert host.told.alarms == [("generation_untrusted", ACME)] * 2


@pytest.mark.slow
def test_a_folder_that_takes_no_list_is_tried_again_after_a_while_and_not_at_each_beat(
    host: Host,
) -> None:
    host.put_head(ACME, FIRST, 7)
    host.put_partner(ACME, 7)
    folder = host.cache.directory / "generations" / ACME
    folder.mkdir(parents=True)
    folder.chmod(0o755)  # which others can enter: nothing is laid down in it
    for _ in range(3):
        host.sync.beat()
        host.clocks.pass_by(3)
    assert host.told.alarms == [("cache_unwritable", ACME)]
    folder.chmod(0o700)
    host.clocks.pass_by(2)
    host.sync.beat()
    assert host.sequences() == {ACME: 7}


def test_a_list_that_redis_has_lost_is_told_and_kept(host: Host) -> None:
    host.put_head(ACME, FIRST, 7)
    host.put_partner(ACME, 7)
    host.sync.beat()
    host.store.hdel(keys.HEADS, ACME)
    host.sync.beat()
    assert host.told.alarms == [("head_missing", ACME)]
    assert host.sequences() == {ACME: 7}


def test_the_head_of_what_is_damaged_stays_though_others_are_laid_down(host: Host) -> None:
    published = host.put_head(ACME, FIRST, 7)
    host.put_partner(ACME, 7)
    host.sync.beat()
    (generation_directory(host.cache.directory, published.head) / "table").unlink()
    host.store.delete(keys.table(ACME, FIRST))
    host.cache.write_loaded(AnswersFrom(0, {}, [ACME]))
    host.release(SECOND, 8, BETA)
    host.sync.beat()
    assert host.sequences() == {ACME: 7, BETA: 8}


def test_of_a_key_that_no_record_names_any_more_nothing_is_confirmed(host: Host) -> None:
    host.release(FIRST, 7)
    host.sync.beat()
    host.put_partner(ACME, 8, key_ids=["acme-2027a"])
    host.sync.beat()
    assert host.sequences().keys() == host.confirmed().keys() == {BETA}


def beat_until(host: Host, *alarms: tuple[str, str]) -> None:
    """Beat until just these alarms were raised: all is verified beside the beats."""

    def is_so() -> bool:
        host.sync.beat()
        return host.told.alarms == list(alarms)

    eventually(is_so, what="alarms")


def test_what_lies_here_is_verified_again_in_turn_and_fetched_where_it_is_damaged(
    host: Host,
) -> None:
    published = host.put_head(ACME, FIRST, 7)
    host.put_partner(ACME, 7)
    host.sync.beat()
    path = generation_directory(host.cache.directory, published.head) / "filter"
    content, version = written_over(path), host.cache.documents_version()
    host.clocks.pass_by(61)
    beat_until(host, ("cache_untrusted", ACME))
    assert path.read_bytes() == content
    assert host.cache.documents_version() != version


@pytest.mark.slow
def test_nothing_is_verified_again_within_a_minute(host: Host) -> None:
    published = host.put_head(ACME, FIRST, 7)
    host.put_partner(ACME, 7)
    host.sync.beat()
    written_over(generation_directory(host.cache.directory, published.head) / "filter")
    seen: list[Head] = []
    turns = Turns(seen.append, lambda: host.clocks.boot)
    held = {ACME: (b"", published.head)}
    host.clocks.pass_by(59)
    assert turns.find_damaged(held) is None
    assert seen == []
    host.clocks.pass_by(1)
    assert turns.find_damaged(held) is None
    eventually(lambda: seen == [published.head], what="a turn")


def test_all_have_their_turn_one_after_the_other_and_a_long_pause_after_what_took_long(
    host: Host,
) -> None:
    host.release(FIRST, 7)
    host.sync.beat()
    held = {key_id: (b"", head) for key_id, head in host.heads().items()}
    turned: list[str] = []

    def verify(head: Head) -> None:
        turned.append(head.key_id)
        host.clocks.pass_by(0.1)

    turns = Turns(verify, lambda: host.clocks.boot)
    host.clocks.pass_by(60)
    turns.find_damaged(held)
    eventually(lambda: not is_verifying(), what="the end of a turn")
    for passed_s, so_far in ((0.0, [ACME]), (4.9, [ACME]), (0.2, [ACME, BETA])):
        host.clocks.pass_by(passed_s)
        turns.find_damaged(held)
        eventually(lambda: not is_verifying(), what="the end of a turn")
        assert turned == so_far


def is_verifying() -> bool:
    return "verify" in {one.name for one in threading.enumerate()}


def test_what_came_while_another_was_verified_is_not_taken_for_damaged(host: Host) -> None:
    published = host.put_head(ACME, FIRST, 7)

    def verify(_: Head) -> None:
        raise Untrusted("it was replaced")

    turns = Turns(verify, lambda: host.clocks.boot)
    host.clocks.pass_by(61)
    turns.find_damaged({ACME: (b"older", published.head)})
    newer = {ACME: (b"newer", msgspec.structs.replace(published.head, generation=SECOND))}

    def is_over() -> bool:
        assert turns.find_damaged(newer) is None
        return not is_verifying()

    eventually(is_over, what="the end of the turn")
    assert turns.find_damaged(newer) is None


def test_without_redis_a_damaged_file_is_told_of_and_workers_are_made_to_look(host: Host) -> None:
    published = host.put_head(ACME, FIRST, 7)
    host.put_partner(ACME, 7)
    host.sync.beat()
    folder = generation_directory(host.cache.directory, published.head)
    written_over(folder / "filter")
    before = file_versions(folder)
    host.clocks.pass_by(61)
    host.store.shutdown(nosave=True)

    def is_told() -> bool:
        with pytest.raises(StoreUnavailable):
            host.sync.beat()
        return host.told.alarms == [("cache_untrusted", ACME)]

    eventually(is_told, what="an alarm")
    assert file_versions(folder) != before
    (was, *_), (now, *_) = before, file_versions(folder)
    assert was is not None
    assert now is not None
    assert was[:3] == now[:3]  # when it was written in stays to be seen
