"""Other hosts hear what a worker was asked before its leases end, and its beat stays short."""

import asyncio

import msgspec
import pytest

from screening.registry.record import PartnerRecord
from tests.api.quotas.spending import DAY_S, Clock, Hosts, Worker, partner, selectors
from tests.harness.valkey import Valkey

MATCHES_LEFT = pytest.approx(990, abs=1)


class Passing(Clock):
    """A clock by which 4 ms have passed whenever it is looked at."""

    def __call__(self) -> float:
        self.now += 0.004
        return self.now


def partners(count: int, name: str) -> list[PartnerRecord]:
    return [partner(name=f"{name}{number}", daily=10**6) for number in range(count)]


def left_elsewhere(hosts: Hosts, some: list[PartnerRecord]) -> list[tuple[int, int]]:
    """Return what another host believes to be left of their selectors and matches."""
    other = hosts.worker("two")
    for one in some:
        other.ask(one, selectors(1))
    return [other.remaining(one) for one in some]


def scripts(valkey: Valkey) -> int:
    with valkey.client() as client:
        return int(client.info("commandstats").get("cmdstat_eval", {}).get("calls", 0))


def test_matches_of_many_are_told_at_the_next_beat_before_what_else_was_asked(
    hosts: Hosts,
) -> None:
    worker, others, found = hosts.worker(), partners(60, "asks"), partners(5, "finds")
    for one in others:
        worker.ask(one, selectors(1))
    for one in found:
        worker.ask(one, selectors(10), matches=10)
    worker.beat()
    assert [matches for _, matches in left_elsewhere(hosts, found)] == [MATCHES_LEFT] * 5


def test_what_partners_asked_who_ask_no_more_is_told_before_their_leases_end(
    hosts: Hosts,
) -> None:
    worker, all_of_them = hosts.worker(), partners(60, "asks")
    for one in all_of_them:
        worker.ask(one, selectors(1_500))
    hosts.steady.now += 6
    worker.beat()
    left = [asked for asked, _ in left_elsewhere(hosts, all_of_them)]
    assert left == [pytest.approx(10**6 - 1_500, rel=0.0001)] * 60


def test_a_beat_tells_of_no_more_than_a_short_time_allows_and_the_next_ones_of_the_rest(
    hosts: Hosts, valkey: Valkey
) -> None:
    hosts.steady = Passing()
    worker, found = hosts.worker(), partners(12, "finds")
    for one in found:
        worker.ask(one, selectors(10), matches=10)
    before = scripts(valkey)
    worker.beat()
    assert 1 <= scripts(valkey) - before <= 6  # one of which tells of holds
    for _ in found:
        worker.beat()
    assert [matches for _, matches in left_elsewhere(hosts, found)] == [MATCHES_LEFT] * 12


@pytest.mark.parametrize("daily", [10**6, 10**5])
def test_matches_are_told_though_limits_change_before_the_next_beat(
    hosts: Hosts, daily: int
) -> None:
    worker, after = hosts.worker(), partner(daily=daily)
    worker.ask(partner(daily=10**6), selectors(10), matches=10)
    worker.remaining(after)  # as `/v1/parameters` asks, which spends nothing
    worker.beat()
    ((_, matches),) = left_elsewhere(hosts, [after])
    assert matches == MATCHES_LEFT


def test_matches_are_told_first_though_the_limits_of_all_change_before_the_next_beat(
    hosts: Hosts,
) -> None:
    hosts.steady = Passing()
    worker, acme, others = hosts.worker(), partner(daily=10**6), partners(12, "asks")
    for one in others:
        worker.ask(one, selectors(1))
    worker.ask(acme, selectors(10), matches=10)
    for one in (*others, acme):
        worker.remaining(msgspec.structs.replace(one, daily_selectors=10**5))
    worker.beat()
    ((_, matches),) = left_elsewhere(hosts, [acme])
    assert matches == MATCHES_LEFT


def test_matches_of_the_last_beat_of_a_day_are_told_on_the_next(hosts: Hosts) -> None:
    worker, acme = hosts.worker(), partner(daily=10**6)
    hosts.wall.now -= DAY_S
    worker.ask(acme, selectors(10), matches=10)
    hosts.wall.now += DAY_S
    hosts.steady.now += 2  # Redis, whose clock is another, is asked again
    worker.beat({"acme": acme})
    ((_, matches),) = left_elsewhere(hosts, [acme])
    assert matches == MATCHES_LEFT


def test_who_asks_a_worker_no_more_is_told_of_under_the_limits_that_were_raised_since(
    hosts: Hosts,
) -> None:
    old, new = partner(daily=10**6, matches=100), partner(daily=10**6, matches=5_000)
    idle, busy = hosts.worker("one"), hosts.worker("two")
    for _ in range(6):
        busy.ask(old, selectors(16), matches=16)
    busy.beat({"acme": old})
    idle.ask(old, selectors(5))
    busy.ask(new, selectors(10), matches=10)  # more than the old limits give
    busy.beat({"acme": new})
    for _ in range(3):
        idle.beat({"acme": new})
        hosts.steady.now += 6
    busy.ask(new, selectors(1))
    assert busy.remaining(new)[1] == pytest.approx(4_894, abs=2)


async def begin_to_tell(worker: Worker, record: PartnerRecord) -> "asyncio.Future[None]":
    """Let pass a beat; return what waits for Redis, which has been asked."""
    await worker.allowance.tell({record.partner: record})
    for _ in ("the telling begins", "the lease is asked for"):
        await asyncio.sleep(0)
    account = worker.allowance._accounts[record.partner]
    assert account.renewal is not None
    assert not account.is_untold
    return account.renewal


@pytest.mark.parametrize("changes", ["nothing", "limits", "the day"])
def test_matches_are_told_again_where_redis_fails_meanwhile_whatever_changes(
    hosts: Hosts, valkey: Valkey, changes: str
) -> None:
    worker, before = hosts.worker(), partner(daily=10**6)
    after = partner(daily=10**5) if changes == "limits" else before
    hosts.wall.now -= DAY_S if changes == "the day" else 0
    worker.ask(before, selectors(10), matches=10)
    hosts.steady.now += 2  # Redis, whose clock may be another, is asked again

    async def broken_off() -> None:
        valkey.freeze()
        telling = await begin_to_tell(worker, before)
        hosts.wall.now += DAY_S if changes == "the day" else 0
        await worker.allowance.remaining(after)  # as `/v1/parameters` asks, which spends nothing
        valkey.kill()
        await asyncio.wait([telling])

    hosts.run(broken_off())
    valkey.start()
    hosts.steady.now += 2
    worker.beat({"acme": after})
    ((_, matches),) = left_elsewhere(hosts, [after])
    assert matches == MATCHES_LEFT


def test_matches_that_are_found_while_redis_is_told_of_others_are_told_next(
    hosts: Hosts, valkey: Valkey
) -> None:
    worker, acme = hosts.worker(), partner(daily=10**6)
    worker.ask(acme, selectors(10), matches=5)  # of ten that it has leased
    hosts.steady.now += 2

    async def found_meanwhile() -> None:
        valkey.freeze()
        telling = await begin_to_tell(worker, acme)
        await worker.allowance.claim(acme, selectors(5))
        valkey.thaw()
        await asyncio.wait([telling])

    hosts.run(found_meanwhile())
    worker.beat({"acme": acme})
    ((_, matches),) = left_elsewhere(hosts, [acme])
    assert matches == pytest.approx(990, abs=1)
