"""What sync tells of its looks: from which of them on all is laid down."""

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from screening.api.cache import NEVER, Cache, Documents, LastFound, boot_id
from screening.store import keys
from screening.vocabulary.errors import StoreUnavailable
from tests.api.sync_host import ACME, FIRST, SECOND, Host, Watched
from tests.harness.valkey import Valkey


def laid_down(host: Host) -> float:
    return host.cache.read_confirmed().laid_down


def asked(host: Host) -> float:
    return host.cache.read_confirmed().asked


def beat_without_redis(host: Host) -> None:
    with (
        redis.Redis(unix_socket_path="/nowhere", retry=Retry(NoBackoff(), 0)) as host.sync._store,
        pytest.raises(StoreUnavailable),
    ):
        host.sync.beat()


def test_a_look_is_told_of_once_all_is_laid_down_that_it_found(host: Host) -> None:
    seen: list[float] = []

    class Watching(Cache):
        """Tells what the workers were told before they could have seen the documents."""

        def write_documents(self, documents: Documents) -> None:
            seen.append(self.read_confirmed().laid_down)
            super().write_documents(documents)

    host.cache = Watching(host.cache.directory.parent)
    host.release(FIRST, 7)
    host.start()
    first = host.clocks.boot
    host.sync.beat()
    assert laid_down(host) == first
    host.clocks.pass_by(1)
    host.release(SECOND, 8)
    host.sync.beat()
    assert laid_down(host) == host.clocks.boot
    assert set(seen) == {0.0, first}


def test_a_look_is_not_told_of_while_a_generation_that_it_found_is_fetched(
    host: Host, valkey: Valkey
) -> None:
    host.release(FIRST, 7)
    host.sync.beat()
    found_at = host.clocks.boot
    host.clocks.pass_by(1)
    host.release(SECOND, 8)
    seen: list[float] = []

    def look(_: str) -> None:
        host.clocks.pass_by(5)  # so long that sync looks again before the next one
        seen.append(laid_down(host))

    with Watched(valkey, look) as host.store:
        host.start()
        began_at = host.clocks.boot
        host.sync.beat()
    assert len(seen) > 1
    assert set(seen) == {found_at}
    assert laid_down(host) == began_at


def test_what_lies_here_is_all_that_can_be_had_once_redis_has_been_away_for_some_seconds(
    host: Host,
) -> None:
    host.release(FIRST, 7)
    host.sync.beat()
    found_at = laid_down(host)
    for _ in range(2):
        host.clocks.pass_by(1)
        failed_at = host.clocks.boot
        for _ in range(10):
            beat_without_redis(host)
            assert laid_down(host) == found_at  # a suspended host has no network for a while
            assert asked(host) == found_at
            host.clocks.pass_by(0.5)
        for _ in range(10):
            beat_without_redis(host)
            assert laid_down(host) == failed_at
            assert asked(host) == host.clocks.boot
            host.clocks.pass_by(0.5)
            failed_at += 0.5
        host.sync._store = host.store
        host.sync.beat()
        assert laid_down(host) == asked(host) == (found_at := host.clocks.boot)


def test_a_fetch_that_breaks_off_is_as_a_redis_that_does_not_answer(
    host: Host, valkey: Valkey
) -> None:
    host.release(FIRST, 7)
    host.sync.beat()
    host.release(SECOND, 8)

    def lose_redis(_: str) -> None:
        raise redis.ConnectionError

    with Watched(valkey, lose_redis) as host.store:
        host.start()
        found_at = host.clocks.boot
        host.clocks.pass_by(1)
        failed_at = host.clocks.boot
        for told in (found_at, failed_at):
            with pytest.raises(StoreUnavailable):
                host.sync.beat()
            assert laid_down(host) == told
            host.clocks.pass_by(5)


def test_what_cannot_be_believed_keeps_no_look_from_being_told_of(host: Host) -> None:
    host.release(FIRST, 7)
    host.sync.beat()
    host.release(SECOND, 8)
    host.spoil(keys.table(ACME, SECOND))
    host.clocks.pass_by(1)
    host.sync.beat()
    assert ("generation_untrusted", ACME) in host.told.alarms
    assert laid_down(host) == host.clocks.boot


def test_a_pause_among_failures_is_none_of_the_time_that_redis_was_away(host: Host) -> None:
    host.release(FIRST, 7)
    host.sync.beat()
    beat_without_redis(host)
    host.clocks.pass_by(3_600)
    resumed_at = host.clocks.boot
    for _ in range(10):
        beat_without_redis(host)
        assert laid_down(host) < resumed_at
        host.clocks.pass_by(0.5)
    beat_without_redis(host)
    assert laid_down(host) == resumed_at


@pytest.mark.parametrize(
    ("said", "is_kept"),
    [
        (LastFound({}, boot_id(), 900.0, 905.0), True),
        (LastFound({}, boot_id(), 1_000.5, 1_000.5), False),
        (LastFound({}, "another boot", 900.0, 905.0), False),
    ],
    ids=["sync before this one", "ahead of the clock", "another boot"],
)
def test_sync_that_starts_goes_on_telling_what_was_told_in_this_boot(
    host: Host, said: LastFound, *, is_kept: bool
) -> None:
    host.release(FIRST, 7)
    host.sync.beat()
    host.cache.write_confirmed(said)
    host.start()._looks.write()
    assert laid_down(host) == (said.laid_down if is_kept else NEVER)
    assert asked(host) == (said.asked if is_kept else NEVER)


def test_of_an_empty_cache_nothing_is_of_before_this_boot(host: Host) -> None:
    host.start()._looks.write()
    assert laid_down(host) == 0.0
    assert asked(host) == host.clocks.boot
