"""What lies in Redis under the names of marks and counts, whoever put it there."""

import asyncio
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest
import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from screening.api.loaded import LoadedList
from screening.api.watching.baseline import Counts
from screening.api.watching.everywhere import DeploymentUsage, Everywhere
from screening.api.watching.suspicions import Noticed, Suspicions
from screening.api.watching.usage import HostUsage
from screening.registry.reader import Caller
from screening.store import keys
from screening.vocabulary.suspected import Suspected
from screening.vocabulary.unix_time import DAY_S
from tests.api.quotas.spending import Clock, client_of, partner
from tests.api.watching.watched import CANARY, KEY
from tests.api.watching_nothing import watch_of
from tests.harness.valkey import Valkey

ACME: Final = partner(since=7)
TODAY: Final = 20_500
USAGE: Final = keys.usage("acme", 7, TODAY)
ANSWERED: Final = keys.answered("acme", 7, TODAY)
THROTTLE: Final = keys.throttle("acme", 7)
SUSPECTED: Final = keys.suspected("acme", 7, "canary_matched")
COUNTS: Final = Counts(1, 16, 2)
NOTICED_AT: Final = int(time.time())
NOTICED: Final[Mapping[Suspected, Noticed]] = {
    "canary_matched": Noticed(NOTICED_AT - 5, NOTICED_AT)
}


class Host:
    """One host, which tells of acme, and what Redis has of it then."""

    def __init__(self, valkey: Valkey) -> None:
        self.store = valkey.client()
        self._runner = asyncio.Runner()
        self._client = client_of(valkey.socket)
        self._usage = DeploymentUsage(self._client, "one")

    def tell(self, suspected: Mapping[Suspected, Noticed] = NOTICED) -> Everywhere:
        telling = self._usage.tell(
            ACME, TODAY, COUNTS, throttled_since=int(time.time()), suspected=suspected
        )
        return self._runner.run(telling)

    def close(self) -> None:
        self._runner.run(self._client.aclose())
        self._runner.close()
        self.store.close()


@pytest.fixture
def host(valkey: Valkey) -> Iterator[Host]:
    host = Host(valkey)
    yield host
    host.close()


@pytest.mark.parametrize("name", [THROTTLE, SUSPECTED])
def test_an_empty_mark_gets_the_moment_that_is_told_and_an_end(host: Host, name: str) -> None:
    host.store.set(name, "")
    host.tell()
    said = host.store.get(name)
    assert isinstance(said, bytes)
    assert said.isdigit()
    assert 29 * DAY_S < host.store.ttl(name) <= 30 * DAY_S


@pytest.mark.parametrize("name", [THROTTLE, SUSPECTED])
def test_a_mark_that_says_something_else_stays_one(host: Host, name: str) -> None:
    host.store.set(name, "soon")
    assert host.tell().is_throttled
    assert host.store.get(name) == b"soon"
    assert 29 * DAY_S < host.store.ttl(name) <= 30 * DAY_S


@pytest.mark.parametrize("name", [THROTTLE, SUSPECTED])
def test_a_mark_of_another_type_stays_one_and_keeps_nothing_else_from_being_told(
    host: Host, name: str
) -> None:
    host.store.rpush(name, "x")
    assert host.tell() == (COUNTS, True)
    assert host.store.type(name) == b"list"
    assert host.store.ttl(name) > 29 * DAY_S
    assert host.store.exists(THROTTLE, SUSPECTED, ANSWERED) == 3


def test_a_suspicion_is_since_it_was_noticed_first_and_lasts_from_when_it_was_last(
    host: Host,
) -> None:
    clock = Clock(time.time() - 20 * DAY_S)
    suspicions = Suspicions(clock)
    suspicions.note(ACME, "canary_matched")
    first = int(clock.now)
    clock.now += 19 * DAY_S
    suspicions.note(ACME, "canary_matched")
    host.tell(suspicions.of(ACME))
    assert host.store.get(SUSPECTED) == b"%d" % first
    assert 28 * DAY_S < host.store.ttl(SUSPECTED) <= 29 * DAY_S
    later = int(time.time())
    host.tell({"canary_matched": Noticed(later, later)})  # whoever has noticed it after that
    assert host.store.get(SUSPECTED) == b"%d" % first
    assert host.store.ttl(SUSPECTED) > 29 * DAY_S
    host.tell(suspicions.of(ACME))  # which shortens no life
    assert host.store.ttl(SUSPECTED) > 29 * DAY_S
    host.store.set(SUSPECTED, later)  # as the other has told it after Redis had forgotten it
    host.tell(suspicions.of(ACME))
    assert host.store.get(SUSPECTED) == b"%d" % first


@pytest.mark.parametrize("put", ["string", "list"])
def test_counts_of_another_type_give_way_and_no_mark_is_lost(host: Host, put: str) -> None:
    if put == "string":
        host.store.set(USAGE, "x")
    else:
        host.store.rpush(USAGE, "x")
    assert host.tell() == (COUNTS, True)
    assert host.store.hgetall(USAGE) == {b"one": b"1:16:2"}
    assert host.store.exists(THROTTLE, SUSPECTED) == 2
    assert host.store.get(ANSWERED) == b"1:16:2"


@pytest.mark.parametrize("of", ["many fields", "a long one"])
def test_more_counts_than_hosts_ever_leave_are_added_up_by_nobody(host: Host, of: str) -> None:
    if of == "many fields":
        host.store.hset(USAGE, mapping={f"{number:032}": "1:1:1" for number in range(60_000)})
    else:
        host.store.hset(USAGE, mapping={"a": "1:1:1", "b": "1:1:1" + "0" * (4 << 20)})
    assert host.tell() == (COUNTS, True)
    assert host.store.hgetall(USAGE) == {b"one": b"1:16:2"}
    host.store.hset(USAGE, "two", "2:3:1")
    assert host.tell().counts == (3, 19, 3)


def test_counts_past_every_number_count_as_very_many(host: Host) -> None:
    host.store.hset(USAGE, mapping={"two": "9" * 400 + ":1:1", "three": f"1:{2**62}:1"})
    assert host.tell().counts == (10**15, 10**15, 4)
    assert host.store.get(ANSWERED) == b"1000000000000000:1000000000000000:4"


def test_a_throttle_is_since_the_host_knows_of_it_though_redis_has_forgotten_it(
    tmp_path: Path, marked: LoadedList, valkey: Valkey
) -> None:
    (home := tmp_path / "one").mkdir(mode=0o700)
    usage = HostUsage(home)
    usage.throttle(ACME)
    (mark,) = (home / "usage").glob("acme.throttled-7")
    os.utime(mark, (NOTICED_AT - DAY_S, NOTICED_AT - DAY_S))  # as made a day before

    async def told() -> None:
        async with client_of(valkey.socket) as client:
            watch = watch_of(home, deployment=DeploymentUsage(client, "one"))
            watch.answered(Caller(ACME, KEY, ()), marked, "a" * 26, selectors=1, matches={})
            await watch.beat()

    asyncio.run(told())
    with valkey.client() as store:
        assert store.get(THROTTLE) == b"%d" % (NOTICED_AT - DAY_S)


def test_one_partner_of_whom_redis_will_not_hear_keeps_no_other_from_being_told(
    tmp_path: Path, marked: LoadedList, valkey: Valkey
) -> None:
    async def asked() -> None:
        (home := tmp_path / "one").mkdir(mode=0o700)
        client = redis.asyncio.Redis(
            unix_socket_path=str(valkey.socket),
            username="narrow",
            password="x",
            retry=Retry(NoBackoff(), 0),
        )
        watch = watch_of(home, deployment=DeploymentUsage(client, "one"))
        for name in ("acme", "bolt"):
            caller = Caller(partner(since=7, name=name), KEY, ())
            watch.answered(caller, marked, "a" * 26, selectors=1, matches={0: CANARY})
        await watch.beat()
        await client.aclose()

    with valkey.client() as store:
        store.acl_setuser(
            "narrow", enabled=True, passwords=["+x"], keys=["run:*:bolt:*"], categories=["+@all"]
        )
        asyncio.run(asked())
        assert store.get(keys.suspected("acme", 7, "canary_matched")) is None
        assert store.get(keys.suspected("bolt", 7, "canary_matched")) is not None
