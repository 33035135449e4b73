"""A Redis that lies, or holds what others have put there, grants nobody more, and stops nobody."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from screening.api.quotas.allowance import Allowance
from screening.api.quotas.budgets import Expected
from screening.api.quotas.deployment import DeploymentLeases
from screening.api.quotas.host import HostBudgets
from screening.api.quotas.leasing import Means
from screening.store import keys
from screening.vocabulary.errors import QuotaExceeded
from tests.api.quotas.spending import DAY_S, Hosts, Noted, client_of, partner, selectors
from tests.harness.processes import eventually
from tests.harness.valkey import Valkey

HUGE = 2**62


async def _serve(reply: bytes, to: asyncio.StreamReader, answers: asyncio.StreamWriter) -> None:
    """Answer each command in turn; every script with `reply`."""
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        while line := await to.readline():
            words = []
            for _ in range(int(line[1:])):
                length = int((await to.readline())[1:])
                words.append((await to.readexactly(length + 2))[:-2])
            answers.write(reply if words[0].upper() == b"EVAL" else b"+OK\r\n")
            await answers.drain()
    answers.close()


def with_a_liar(
    folder: Path, numbers: list[int], ask: Callable[[Allowance], Awaitable[None]]
) -> Noted:
    """Let `ask` happen where whatever answers scripts says `numbers`; return the alarms."""
    reply = b"*%d\r\n" % len(numbers) + b"".join(b":%d\r\n" % one for one in numbers)
    noted = Noted()

    async def whole() -> None:
        socket = folder / "liar.sock"
        server = await asyncio.start_unix_server(lambda *two: _serve(reply, *two), str(socket))
        client = client_of(socket)
        host, leases = HostBudgets(folder), DeploymentLeases(client, "one/1")
        try:
            await ask(Allowance(Means(host, leases, noted, Expected(HUGE, HUGE))))
        finally:
            await client.aclose()
            server.close()

    asyncio.run(whole())
    return noted


def test_a_grant_of_nothing_without_a_reason_is_a_redis_that_is_away(tmp_path: Path) -> None:
    async def ask(allowance: Allowance) -> None:
        async with asyncio.timeout(30):
            await allowance.spend(partner(), 1)

    noted = with_a_liar(tmp_path, [0, 0, 1_000, 0, 0, 10, 0, 0, 0], ask)
    assert ("quota_away", "acme") in noted.alarms


@pytest.mark.parametrize("at_a_time", [1, 10])
def test_a_grant_of_more_than_was_asked_lets_no_more_match_than_the_host_counts(
    tmp_path: Path, at_a_time: int
) -> None:
    told = 0

    async def ask(allowance: Allowance) -> None:
        nonlocal told
        acme = partner(daily=10**6, per_second=10**5, matches=50)
        for _ in range(300):
            macs = selectors(at_a_time)
            await allowance.spend(acme, at_a_time)
            await allowance.claim(acme, macs)
            told += at_a_time

    with pytest.raises(QuotaExceeded) as refused:
        with_a_liar(tmp_path, [0, HUGE, HUGE, 0, 0, HUGE, 0, 0, 0], ask)
    assert refused.value.policy == "matches"
    assert told <= 50 + 10 + 2  # of whom two may share a register


@pytest.mark.parametrize("put", ["9" * 400, "1e300", "-1e300", "nan", "inf", "x", str(HUGE)])
@pytest.mark.parametrize("budget", ["seen", "matched"])
def test_what_others_have_put_beside_what_is_used_by_all_leaves_nobody_without_redis(
    hosts: Hosts, valkey: Valkey, put: str, budget: str
) -> None:
    day = int(hosts.wall() // DAY_S)
    with valkey.client() as client:
        client.hset(keys.used(budget, day), "bolt", put)
    hosts.worker().ask(partner(), selectors(500))
    assert ("quota_away", "acme") not in hosts.noted.alarms


def hash_of(what: str, hosts: Hosts) -> str:
    """Return where what is used of today's selectors stands, or is leased."""
    day = int(hosts.wall() // DAY_S)
    return keys.used("seen", day) if what == "used" else keys.leases("acme", "seen-0", day)


@pytest.mark.parametrize("what", ["used", "leases"])
def test_what_is_no_hash_leaves_nobody_without_redis(
    hosts: Hosts, valkey: Valkey, what: str
) -> None:
    name = hash_of(what, hosts)
    with valkey.client() as client:
        client.set(name, "x")
        worker = hosts.worker()
        worker.ask(partner(), selectors(500))
        hosts.steady.now += 20
        eventually(lambda: client.type(name) != b"string", what="the end of what was there")
        worker.ask(partner(), selectors(1))
        assert client.hgetall(name)
    assert not hosts.noted.alarms


@pytest.mark.parametrize("what", ["used", "leases"])
def test_more_than_hosts_ever_leave_in_a_hash_is_read_by_no_lease(
    hosts: Hosts, valkey: Valkey, what: str
) -> None:
    name = hash_of(what, hosts)
    with valkey.client() as client:
        client.hset(name, mapping={f"{number:032}": "0" for number in range(60_000)})
        hosts.worker().ask(partner(), selectors(500))
        assert client.hlen(name) == 1
    assert not hosts.noted.alarms


def test_a_lease_that_ends_later_than_any_of_ours_keeps_nobody_from_asking(
    hosts: Hosts, valkey: Valkey
) -> None:
    acme = partner()
    hosts.worker().ask(acme, selectors(1))
    with valkey.client() as redis:
        for leases in redis.keys("run:leases:*"):
            redis.hset(leases, "x", f"{10**15}:{10**15}")
        hosts.worker("two").ask(acme, selectors(2))
        assert not [one for one in redis.keys("run:leases:*") if redis.hexists(one, "x")]


def test_of_what_others_have_put_in_place_of_a_rate_no_more_is_read_than_tells_it(
    hosts: Hosts, valkey: Valkey
) -> None:
    with valkey.client() as client:
        client.set(keys.rate("acme"), "x" * (1 << 20))
        hosts.worker().ask(partner(), selectors(500))
        assert "cmdstat_get" not in client.info("commandstats")  # which reads all that is there
    assert not hosts.noted.alarms


@pytest.mark.parametrize("put", ["x", "HYLL", "list", "full", "count"])
@pytest.mark.parametrize("of", ["matched-0", "matched-0-earlier", "yesterday", "seen-0"])
def test_a_sketch_that_none_of_us_has_written_leaves_nobody_without_redis(
    hosts: Hosts, valkey: Valkey, put: str, of: str
) -> None:
    day = int(hosts.wall() // DAY_S)
    name = keys.sketch("acme", of, day)
    if of == "yesterday":
        name = keys.sketch("acme", "matched-0", day - 1)
    with valkey.client() as client:
        if put == "list":
            client.rpush(name, "x")
        elif put == "full":
            client.set(name, b"HYLL" + bytes(12) + b"\xff" * (3 * 2**14 // 4))
        elif put == "count":  # a sparse one without any registers, which says that it counts 5
            client.set(name, b"HYLL\x01" + bytes(3) + (5).to_bytes(8, "little"))
        else:
            client.set(name, put)
    with suppress(QuotaExceeded):  # who writes to Redis may restrict
        hosts.worker().ask(partner(), selectors(500))
    assert ("quota_away", "acme") not in hosts.noted.alarms
