"""What is read of a Redis in which anyone may have written anything."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from pydantic import SecretStr
from redis.client import Pipeline

from screening.store.bounded_reads import are_there, read_hashes, read_strings
from screening.store.connection import Store, open_store
from screening.store.settings import StoreSettings
from screening.vocabulary.errors import StoreUnavailable
from tests.harness.valkey import Valkey

HUGE = bytes(16 << 20)
LIMIT = 1 << 20


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    server = Valkey(tmp_path / "valkey")
    yield server
    server.thaw()
    server.kill()


@pytest.fixture
def opened(valkey: Valkey) -> Iterator[Store]:
    settings = StoreSettings(redis_url=SecretStr(valkey.url))
    with open_store(settings, timeout_ms=200) as store:
        yield store


class Interfered(redis.Redis):
    """Something happens each time between the measure of a hash and its reading."""

    def __init__(self, opened: Store, interfere: Callable[[], None]) -> None:
        super().__init__(connection_pool=opened.client.connection_pool)
        self._interfere = interfere

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> Pipeline:
        made = super().pipeline(transaction, shard_hint)
        multi = made.multi

        def interfere() -> None:
            self._interfere()
            multi()

        made.multi = interfere  # type: ignore[method-assign]  # a test's own
        return made


def test_strings_are_read_up_to_their_limits(valkey: Valkey, opened: Store) -> None:
    with valkey.client() as client:
        client.mset({"exact": b"12345", "longer": HUGE})
        client.rpush("retyped", "x")
    before = valkey.bytes_sent()
    names = ["exact", "absent", "longer", "retyped"]
    assert read_strings(opened.client, [(name, 5) for name in names]) == [b"12345", b"", None, None]
    assert valkey.bytes_sent() - before < LIMIT


def test_what_is_empty_is_there(valkey: Valkey, opened: Store) -> None:
    with valkey.client() as client:
        client.mset({"empty": b"", "longer": HUGE})
        client.rpush("retyped", "x")
    names = ["empty", "absent", "longer", "retyped"]
    assert are_there(opened.client, names) == [True, False, True, True]


def test_a_hash_that_is_too_large_is_not_read_and_keeps_no_other_from_it(
    valkey: Valkey, opened: Store
) -> None:
    with valkey.client() as client:
        client.hset("small", mapping={"a": "b"})
        # One among many: no sample of the fields need find it.
        client.hset("large", mapping={str(number): "x" for number in range(2_000)})
        client.hset("large", "huge", HUGE)
        client.rpush("retyped", "x")
        client.set("retyped and large", HUGE)
    before = valkey.bytes_sent()
    names = ["small", "absent", "large", "retyped", "retyped and large"]
    found = read_hashes(opened.client, names, most=LIMIT)
    assert found == [{b"a": b"b"}, {}, None, None, None]
    assert valkey.bytes_sent() - before < LIMIT


@pytest.mark.slow
def test_a_hash_that_grows_while_it_is_read_is_not_read(valkey: Valkey, opened: Store) -> None:
    with valkey.client() as client:
        client.hset("hash", "a", "b")

        def grow() -> None:
            if client.hlen("hash") == 1:
                client.hset("hash", "huge", HUGE)

        before = valkey.bytes_sent()
        assert read_hashes(Interfered(opened, grow), ["hash"], most=LIMIT) == [None]
    assert valkey.bytes_sent() - before < LIMIT


def test_a_hash_that_a_publish_changes_meanwhile_is_read_as_it_is_then(
    valkey: Valkey, opened: Store
) -> None:
    changes = iter([b"1", b"2"])
    with valkey.client() as client:
        client.hset("hash", "a", b"0")

        def change() -> None:
            if (to := next(changes, None)) is not None:
                client.hset("hash", "a", to)

        found = read_hashes(Interfered(opened, change), ["hash"], most=LIMIT)
        assert found == [{b"a": b"2"}]


@pytest.mark.slow
def test_a_hash_that_is_changed_without_a_pause_is_said_to_be_so(
    valkey: Valkey, opened: Store
) -> None:
    with valkey.client() as client:

        def change() -> None:
            client.hincrby("hash", "a", 1)

        with pytest.raises(StoreUnavailable, match="did not stand still"):
            read_hashes(Interfered(opened, change), ["hash"], most=LIMIT)


@pytest.mark.slow
def test_a_redis_that_stops_amid_a_reading_costs_no_connection(
    valkey: Valkey, opened: Store
) -> None:
    for _ in range(20):  # more than the pool has
        with pytest.raises(StoreUnavailable):
            read_hashes(Interfered(opened, valkey.freeze), ["hash"], most=LIMIT)
        valkey.thaw()
    assert read_hashes(opened.client, ["hash"], most=LIMIT) == [{}]
