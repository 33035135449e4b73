"""Hits are confirmed exactly, together, and in bounded time; what is not known is never a "no"."""

import asyncio
import time
from pathlib import Path

import pytest
import redis
import uvloop

from screening.generations.buckets import bucket_of
from screening.generations.reader import PATIENCE_S, load_generation
from screening.store import keys
from tests.generations.conftest import NOW_MINUTE, Published, build, invented_digests
from tests.generations.laid_down import confirmed, confirming_client, laid_down
from tests.harness.fault_proxy import FaultProxy
from tests.harness.turns import turns_during
from tests.harness.valkey import Valkey

EXCHANGE_S = 30
DIGESTS_AT_A_STRETCH = 200
"""Some tenths of a millisecond, as `tests/api/test_large_questions.py` has it."""


class Down:
    """A Redis that is not there; `asked` has the number of buckets of each attempt."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def pipeline(self, *, transaction: bool) -> "Down":
        assert not transaction
        self.asked.append(0)
        return self

    def getrange(self, _: str, __: int, ___: int) -> None:
        self.asked[-1] += 1

    async def execute(self, *, raise_on_error: bool) -> None:
        raise redis.ConnectionError


@pytest.mark.parametrize(
    "tampering", ["removed", "emptied", "altered", "swapped", "cut", "longer", "retyped"]
)
def test_a_bucket_that_is_not_the_published_one_is_never_a_no(
    store: redis.Redis,
    shared_valkey: Valkey,
    tmp_path: Path,
    thousands: Published,
    tampering: str,
) -> None:
    folder = laid_down(store, thousands, tmp_path, local=False)
    names = [keys.bucket(thousands.head.key_id, thousands.head.generation, n) for n in range(16)]
    contents = {name: store.get(name) for name in names}
    for number, name in enumerate(names):
        content = contents[name]
        assert isinstance(content, bytes)
        if tampering == "removed":
            store.delete(name)
        elif tampering == "retyped":
            store.delete(name)
            store.rpush(name, content)
        else:
            other = contents[names[number - 1]]
            assert isinstance(other, bytes)
            altered = {
                "emptied": b"",
                "altered": content[:-1] + bytes([content[-1] ^ 1]),
                "swapped": other,
                "cut": content[:-19],
                "longer": content + bytes(1 << 20),
            }[tampering]
            store.set(name, altered)
    probes = thousands.digests[::25] + invented_digests(50, label="not listed")
    sent_before = shared_valkey.bytes_sent()
    answers = confirmed(folder, thousands, shared_valkey.url, probes)
    assert set(answers) == {None}
    assert shared_valkey.bytes_sent() - sent_before < 1 << 20


def test_of_digests_that_are_asked_together_only_those_of_an_altered_bucket_are_not_known(
    store: redis.Redis, shared_valkey: Valkey, tmp_path: Path, thousands: Published
) -> None:
    folder = laid_down(store, thousands, tmp_path, local=False)
    altered = keys.bucket(thousands.head.key_id, thousands.head.generation, 5)
    store.set(altered, b"x")
    listed = set(thousands.digests)
    probes = sorted(listed | set(invented_digests(5_000, label="not listed")))
    answers = confirmed(folder, thousands, shared_valkey.url, probes)
    expected = [None if bucket_of(one, 4) == 5 else one in listed for one in probes]
    assert answers == expected


def test_the_digests_of_one_request_wait_for_redis_together_and_late_replies_are_nobodys(
    valkey: Valkey, tmp_path: Path, thousands: Published
) -> None:
    with valkey.client() as store:
        folder = laid_down(store, thousands, tmp_path, local=False)

    async def ask() -> None:
        # Each exchange might take far longer than all of them together may.
        client = confirming_client(valkey.url, timeout_ms=1_000 * EXCHANGE_S)
        generation = load_generation(folder, thousands.head, client)
        try:
            assert len(await generation.confirm(thousands.digests, NOW_MINUTE)) == 5_000
            valkey.freeze()
            started = time.monotonic()
            assert await generation.confirm(thousands.digests[:2_500], NOW_MINUTE) == {}
            assert PATIENCE_S <= time.monotonic() - started < EXCHANGE_S
            valkey.thaw()
            others = thousands.digests[2_500:]
            for one in others[::250]:
                assert await generation.confirm([one], NOW_MINUTE) == {one: True}
        finally:
            await client.aclose()

    asyncio.run(ask())


def test_a_redis_that_is_down_is_never_a_no_and_is_asked_again(
    valkey: Valkey, tmp_path: Path, thousands: Published
) -> None:
    with valkey.client() as store:
        folder = laid_down(store, thousands, tmp_path, local=False)
    probe = thousands.digests[:1]
    valkey.freeze()
    assert confirmed(folder, thousands, valkey.url, probe) == [None]
    valkey.thaw()
    assert confirmed(folder, thousands, valkey.url, probe) == [True]
    valkey.kill()
    assert confirmed(folder, thousands, valkey.url, probe) == [None]
    valkey.start()
    assert confirmed(folder, thousands, valkey.url, probe) == [True]


def test_a_connection_that_is_taken_and_reset_at_once_is_never_a_no_nor_a_failure(
    store: redis.Redis, shared_valkey: Valkey, tmp_path: Path, thousands: Published
) -> None:
    folder = laid_down(store, thousands, tmp_path, local=False)
    probe = thousands.digests[:1]

    async def ask(url: str, times: int) -> set[bool | None]:
        client = confirming_client(url)
        generation = load_generation(folder, thousands.head, client)
        try:
            found: set[bool | None] = set()
            for _ in range(times):
                asked = [generation.confirm(probe, NOW_MINUTE) for _ in range(8)]
                found |= {one.get(probe[0]) for one in await asyncio.gather(*asked)}
            return found
        finally:
            await client.aclose()

    # So does what stands before a Redis that is down. Workers run on uvloop, which refuses to write
    # where asyncio's own loop does not.
    with FaultProxy(str(tmp_path / "nobody.sock")) as proxy:
        assert uvloop.run(ask(proxy.url, 200)) == {None}
    with FaultProxy(str(shared_valkey.socket)) as proxy:
        assert uvloop.run(ask(proxy.url, 1)) == {True}


def test_a_question_that_is_broken_off_leaves_the_answers_of_others_in_order(
    store: redis.Redis, shared_valkey: Valkey, tmp_path: Path, thousands: Published
) -> None:
    folder = laid_down(store, thousands, tmp_path, local=False)

    async def ask() -> None:
        client = confirming_client(shared_valkey.url)
        generation = load_generation(folder, thousands.head, client)
        try:
            for round_ in range(100):
                digests = thousands.digests[round_ * 37 :: 1_000]
                others = thousands.digests[-1 - round_ * 41 :: -1_000]
                broken = asyncio.create_task(generation.confirm(digests, NOW_MINUTE))
                kept = asyncio.create_task(generation.confirm(others, NOW_MINUTE))
                for _ in range(round_ % 7):
                    await asyncio.sleep(0)
                broken.cancel()
                assert await kept == dict.fromkeys(others, True)
                await asyncio.gather(broken, return_exceptions=True)
        finally:
            await client.aclose()

    asyncio.run(ask())


def test_a_question_that_is_broken_off_costs_no_connection(
    tmp_path: Path, thousands: Published
) -> None:
    valkey = Valkey(tmp_path / "valkey")
    with valkey.client() as client:
        folder = laid_down(client, thousands, tmp_path, local=False)

    async def ask() -> None:
        client = confirming_client(valkey.url)
        generation = load_generation(folder, thousands.head, client)
        try:
            for _ in range(20):
                await generation.confirm(thousands.digests[:1], NOW_MINUTE)
                valkey.freeze()
                broken = asyncio.create_task(generation.confirm(thousands.digests[:1], NOW_MINUTE))
                for _ in range(50):  # it is sent meanwhile
                    await asyncio.sleep(0)
                broken.cancel()
                await asyncio.gather(broken, return_exceptions=True)
                valkey.thaw()
        finally:
            await client.aclose()

    before = valkey.connections_made()
    asyncio.run(ask())
    assert valkey.connections_made() - before < 10
    valkey.kill()


def test_a_redis_that_fails_is_not_asked_for_the_rest_of_a_request(
    store: redis.Redis, tmp_path: Path
) -> None:
    published = build(invented_digests(30_000))
    folder = laid_down(store, published, tmp_path, local=False)
    down = Down()
    generation = load_generation(folder, published.head, down)  # type: ignore[arg-type]  # as asked
    assert asyncio.run(generation.confirm(published.digests, NOW_MINUTE)) == {}
    assert down.asked == [64]


def test_of_an_empty_bucket_redis_is_not_asked(store: redis.Redis, tmp_path: Path) -> None:
    published = build([])
    down = Down()
    folder = laid_down(store, published, tmp_path, local=False)
    generation = load_generation(folder, published.head, down)  # type: ignore[arg-type]  # as asked
    (digest,) = invented_digests(1)
    assert asyncio.run(generation.confirm([digest], NOW_MINUTE)) == {digest: False}
    assert down.asked == []


@pytest.mark.parametrize("local", [True, False])
def test_others_have_their_turn_while_many_digests_are_looked_up(
    store: redis.Redis, tmp_path: Path, thousands: Published, local: bool
) -> None:
    folder = laid_down(store, thousands, tmp_path, local=local)
    # One that says at once that it is down: a Redis that is waited for lets others in anyway.
    generation = load_generation(folder, thousands.head, Down())  # type: ignore[arg-type]  # as asked
    _, turns = asyncio.run(turns_during(generation.confirm(thousands.digests, NOW_MINUTE)))
    assert turns >= 5_000 // DIGESTS_AT_A_STRETCH
