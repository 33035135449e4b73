"""Sync, beat by beat: what is false, withheld or broken concerns nobody but whom it belongs to."""

import pytest
import redis

from screening.api.cache import Documents, LastFound, boot_id
from screening.generations.fetch import generation_directory
from screening.generations.overlay import encode_overlay
from screening.generations.reader import overlay_name
from screening.generations.records import NOT_LISTED, pack_record
from screening.private_files import remove_whatever, replace_private
from screening.registry.record import open_record
from screening.store import keys
from screening.vocabulary.errors import StoreUnavailable
from tests.api.sync_host import ACME, BETA, FIRST, SECOND, SIGNER, Host, Watched
from tests.generations.conftest import build, invented_digests
from tests.harness.valkey import Valkey


def test_a_head_is_confirmed_by_both_clocks_when_redis_was_asked(host: Host) -> None:
    host.release(FIRST, 7)
    host.sync.beat()
    confirmed = host.cache.read_confirmed()
    assert confirmed.boot_id == boot_id()
    assert confirmed.heads[ACME] == (7, host.clocks.wall, host.clocks.boot)
    host.clocks.wall -= 5_000  # someone sets the clock
    host.clocks.boot += 3
    host.sync.beat()
    assert host.confirmed()[ACME] == (7, host.clocks.wall, host.clocks.boot)


def test_times_of_an_earlier_boot_are_counted_anew(host: Host) -> None:
    host.release(FIRST, 7)
    host.sync.beat()
    host.cache.write_confirmed(
        LastFound({ACME: (7, host.clocks.wall - 20, 999_999.0)}, "another boot")
    )
    host.start()
    host.spoil(keys.HEADS)
    host.sync.beat()
    assert host.confirmed() == {ACME: (7, host.clocks.wall - 20, host.clocks.boot - 20)}


def test_times_of_this_boot_are_kept_when_sync_starts_again(host: Host) -> None:
    host.release(FIRST, 7)
    host.sync.beat()
    before = host.confirmed()
    host.clocks.boot += 100
    host.clocks.wall -= 5_000
    host.start()
    host.spoil(keys.HEADS)
    host.sync.beat()
    assert host.confirmed() == before


def test_a_suspension_and_confirmations_do_not_wait_for_generations(
    host: Host, valkey: Valkey
) -> None:
    host.release(FIRST, 7)
    host.sync.beat()
    host.put_head(ACME, SECOND, 8)
    host.put_partner(ACME, 8)
    host.put_partner(BETA, 8, state="suspended")
    host.clocks.pass_by(1)
    seen: list[tuple[set[str], str]] = []

    def lose_redis(_: str) -> None:
        document = host.cache.read_documents().partners["beta"]
        record = open_record(document, "beta", SIGNER.verifier())
        seen.append((host.confirmed_now(), record.state))
        raise redis.ConnectionError

    with Watched(valkey, lose_redis) as host.store:
        host.start()
        with pytest.raises(StoreUnavailable):
            host.sync.beat()
    assert seen == [({BETA}, "suspended")]


def test_what_arrives_while_a_release_is_fetched_is_taken_before_the_next_generation(
    host: Host, valkey: Valkey
) -> None:
    host.release(FIRST, 7)
    host.sync.beat()
    host.release(SECOND, 8)
    states: list[str] = []

    def look(name: str) -> None:
        if name == keys.manifest(ACME, SECOND):
            host.put_partner(BETA, 9, state="suspended")
            host.clocks.pass_by(5)
        if name == keys.manifest(BETA, SECOND):
            document = host.cache.read_documents().partners["beta"]
            states.append(open_record(document, "beta", SIGNER.verifier()).state)
            assert host.sequences() == {ACME: 8, BETA: 7}

    with Watched(valkey, look) as store:
        host.store = store
        host.start()
        host.sync.beat()
    assert states == ["suspended"]
    assert host.sequences() == {ACME: 8, BETA: 8}


def test_a_fetch_that_breaks_off_again_and_again_does_not_keep_others_from_theirs(
    host: Host, valkey: Valkey
) -> None:
    host.release(FIRST, 7)

    def break_off(name: str) -> None:
        if ACME in name:
            raise redis.TimeoutError

    with Watched(valkey, break_off) as store:
        host.store = store
        host.start()
        for _ in range(2):
            host.clocks.pass_by(1)
            with pytest.raises(StoreUnavailable):
                host.sync.beat()
    assert host.sequences() == {BETA: 7}
    assert host.confirmed_now() == {BETA}


def test_sync_that_cannot_read_its_cache_writes_nothing_before_redis_tells_it_something(
    host: Host,
) -> None:
    host.release(FIRST, 7)
    host.sync.beat()
    documents = host.cache.directory / "documents"
    replace_private(documents, b"\xff" * 9)
    names = [keys.HEADS, keys.PARTNERS]
    kept = {name: host.store.hgetall(name) for name in names}
    host.store.delete(*names)
    folder = generation_directory(host.cache.directory, build([], key_id=ACME).head)
    host.start()
    host.sync.beat()
    assert documents.read_bytes() == b"\xff" * 9
    assert (folder / "filter").exists()

    for name, found in kept.items():
        host.store.hset(name, mapping=found)  # type: ignore[arg-type]  # its hints know no bytes
    host.sync.beat()
    assert host.sequences() == {ACME: 7, BETA: 7}


def test_a_generation_that_failed_is_put_off_whatever_others_adopt(host: Host) -> None:
    host.release(FIRST, 7)
    host.spoil(keys.table(ACME, FIRST))
    host.sync.beat()
    assert host.told.alarms == [("generation_untrusted", ACME)]
    host.release(SECOND, 8, BETA)
    host.clocks.pass_by(1)
    host.sync.beat()
    assert host.sequences() == {BETA: 8}
    host.clocks.pass_by(1)
    host.sync.beat()
    assert host.told.alarms == [("generation_untrusted", ACME)]

    host.put_head(ACME, SECOND, 8)
    host.put_partner(ACME, 8)
    host.sync.beat()
    assert host.sequences() == {ACME: 8, BETA: 8}


@pytest.mark.parametrize("lost", ["the folder of the generation", "the overlay"])
def test_what_somebody_has_removed_from_the_cache_is_fetched_again(host: Host, lost: str) -> None:
    changes = encode_overlay([pack_record(invented_digests(1)[0], NOT_LISTED)])
    is_overlaid = lost == "the overlay"
    host.release(FIRST, 7)
    if is_overlaid:
        host.put_overlay(ACME, changes)
    host.sync.beat()
    head = host.heads()[ACME]
    folder = generation_directory(host.cache.directory, head)
    path = folder / overlay_name(head.overlay) if is_overlaid else folder
    remove_whatever(path)
    host.sync.beat()
    assert path.exists()
    assert (folder / "filter").exists()


def test_a_cache_without_documents_is_empty(host: Host) -> None:
    host.sync.beat()
    assert host.cache.read_documents() == Documents({}, {})


@pytest.mark.parametrize("again", [6, 7])
def test_another_document_of_the_same_or_an_older_number_changes_nothing(
    host: Host, again: int
) -> None:
    host.release(FIRST, 7)
    host.sync.beat()
    before = host.cache.read_documents()
    host.put_head(ACME, SECOND, again)
    host.put_partner(ACME, again, state="suspended")
    host.sync.beat()
    assert host.cache.read_documents() == before
    assert ("partner_rolled_back", "acme") in host.told.alarms
    assert ("head_rolled_back", ACME) in host.told.alarms


def test_the_cache_keeps_three_generations_of_a_key(host: Host) -> None:
    names = [f"{number:08d}-9f86d081" for number in range(1, 6)]
    for sequence, name in enumerate(names, start=7):
        host.release(name, sequence, ACME)
        host.sync.beat()
    kept = {one.name for one in (host.cache.directory / "generations" / ACME).iterdir()}
    assert kept == set(names[-3:])
