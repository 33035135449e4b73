"""What sync tells of its looks: from which of them on all is laid down."""

import pytest
import redis

from screening.api.cache import NEVER, Cache, Documents
from screening.store import keys
from screening.vocabulary.errors import StoreUnavailable
from tests.api.sync_host import ACME, FIRST, SECOND, Host, Watched
from tests.harness.valkey import Valkey


def laid_down(host: Host) -> float:
    return host.cache.read_confirmed().laid_down


def beat_without_redis(host: Host) -> None:
    with (
        redis.Redis(unix_socket_path="/nowhere") as host.sync._store,
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
    assert set(seen) == {NEVER, first}


def test_a_look_is_not_told_of_while_a_generation_that_it_found_is_fetched(
    host: Host, valkey: Valkey
) -> None:
    host.release(FIRST, 7)
    host.sync.beat()
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
    assert set(seen) == {NEVER}
    assert laid_down(host) == began_at


def test_without_redis_nothing_can_be_laid_down_once_it_has_failed_twice(host: Host) -> None:
    host.release(FIRST, 7)
    host.sync.beat()
    found_at = laid_down(host)
    for _ in range(2):
        host.clocks.pass_by(1)
        failed_at = host.clocks.boot
        beat_without_redis(host)
        assert laid_down(host) == found_at  # its connection may not have outlived a suspension
        host.clocks.pass_by(1)
        beat_without_redis(host)
        assert laid_down(host) == failed_at
        host.clocks.pass_by(1)
        host.sync._store = host.store
        host.sync.beat()
        assert laid_down(host) == (found_at := host.clocks.boot)


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
        failed_at = host.clocks.boot
        for told in (NEVER, failed_at):
            with pytest.raises(StoreUnavailable):
                host.sync.beat()
            assert laid_down(host) == told
            host.clocks.pass_by(1)


def test_what_cannot_be_believed_keeps_no_look_from_being_told_of(host: Host) -> None:
    host.release(FIRST, 7)
    host.sync.beat()
    host.release(SECOND, 8)
    host.spoil(keys.table(ACME, SECOND))
    host.clocks.pass_by(1)
    host.sync.beat()
    assert ("generation_untrusted", ACME) in host.told.alarms
    assert laid_down(host) == host.clocks.boot
