"""Sync, where a worker could not load what it has laid down."""

from screening.api.cache import AnswersFrom
from screening.generations.fetch import generation_directory
from screening.store import keys
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
