"""Sync, where a worker could not load what it has laid down."""

from pathlib import Path

import pytest

from screening.api.cache import AnswersFrom
from screening.generations.fetch import generation_directory
from screening.generations.mapped import file_versions, mapped_paths
from screening.store import keys
from screening.vocabulary.errors import StoreUnavailable
from tests.api.sync_host import ACME, BETA, FIRST, SECOND, Host


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


def damaged_in_place(path: Path) -> bytes:
    """Write other bytes in a file, as a disk that fails does; return what it held."""
    content = path.read_bytes()
    with path.open("r+b") as file:
        file.write(bytes(byte ^ 0xFF for byte in content))
    return content


def test_what_lies_here_is_verified_again_in_turn_and_fetched_where_it_is_damaged(
    host: Host,
) -> None:
    published = host.put_head(ACME, FIRST, 7)
    host.put_partner(ACME, 7)
    host.sync.beat()
    path = generation_directory(host.cache.directory, published.head) / "filter"
    content = damaged_in_place(path)
    host.clocks.pass_by(59)
    host.sync.beat()
    assert host.told.alarms == []
    host.clocks.pass_by(2)
    version = host.cache.documents_version()
    host.sync.beat()
    assert host.told.alarms == [("cache_untrusted", ACME)]
    assert path.read_bytes() == content
    assert host.cache.documents_version() != version


def test_one_after_the_other_is_verified_again_and_no_two_in_one_beat(host: Host) -> None:
    host.release(FIRST, 7, ACME, BETA)
    host.sync.beat()
    paths = [
        generation_directory(host.cache.directory, head) / "table" for head in host.heads().values()
    ]
    for path in paths:
        damaged_in_place(path)
    host.clocks.pass_by(61)
    host.sync.beat()
    assert host.told.alarms == [("cache_untrusted", ACME)]
    host.sync.beat()
    assert host.told.alarms == [("cache_untrusted", ACME), ("cache_untrusted", BETA)]


def test_what_took_long_to_verify_is_followed_by_a_longer_pause(host: Host) -> None:
    host.release(FIRST, 7, ACME, BETA)
    host.sync.beat()
    host.start(boottime_passes_s=1.0)
    host.clocks.pass_by(61)
    host.sync.beat()
    damaged_in_place(generation_directory(host.cache.directory, host.heads()[BETA]) / "table")
    beats = 0
    while not host.told.alarms:
        host.sync.beat()
        beats += 1
    assert beats > 5  # at some seconds a beat, and fifty times as long as it took


def test_without_redis_a_damaged_file_is_told_of_and_workers_are_made_to_look(host: Host) -> None:
    published = host.put_head(ACME, FIRST, 7)
    host.put_partner(ACME, 7)
    host.sync.beat()
    folder = generation_directory(host.cache.directory, published.head)
    damaged_in_place(folder / "filter")
    before = file_versions(mapped_paths(folder))
    host.clocks.pass_by(61)
    host.store.shutdown(nosave=True)
    with pytest.raises(StoreUnavailable):
        host.sync.beat()
    assert host.told.alarms == [("cache_untrusted", ACME)]
    assert file_versions(mapped_paths(folder)) != before
