"""However many checks ask at once, no worker tells more past the budget of matches than one has."""

import asyncio
import itertools
from collections.abc import Iterator, Sequence

import pytest

from screening.registry.record import PartnerRecord
from screening.vocabulary.errors import QuotaExceeded, Unavailable
from screening.vocabulary.wire import CHECK_MAX_SELECTORS
from tests.api.quotas.spending import Hosts, Worker, partner, selectors
from tests.harness.valkey import Valkey

CHECKS = 60
"""Of each worker at once; all of their selectors match."""
MATCHES = 100


def counted_apart() -> Iterator[bytes]:
    """Yield HMACs that nobody has asked about, each of which raises a register of its own."""
    for register in itertools.count():
        yield bytes(16) + (register << 50 | 1 << 49).to_bytes(8) + bytes(8)


async def asked_at_once(
    workers: Sequence[Worker], acme: PartnerRecord, *, checks: int = CHECKS
) -> tuple[int, list[Exception]]:
    """Return how many matches were told, and why others were not.

    All wait for Redis to confirm what they found, between what they spend and what they claim.
    """
    confirmed, listed = asyncio.Event(), counted_apart()
    asking = 0

    async def check(worker: Worker) -> int:
        nonlocal asking
        macs = list(itertools.islice(listed, CHECK_MAX_SELECTORS))
        await worker.allowance.spend(acme, len(macs))
        asking += 1
        if asking == checks * len(workers):
            confirmed.set()
        await confirmed.wait()
        await worker.allowance.claim(acme, macs)
        return len(macs)

    each = [check(worker) for _ in range(checks) for worker in workers]
    told = await asyncio.gather(*each, return_exceptions=True)
    refused = [one for one in told if isinstance(one, Exception)]
    return sum(one for one in told if isinstance(one, int)), refused


@pytest.mark.parametrize("names", [["one"], ["one", "one", "two", "two"]])
def test_checks_that_wait_at_once_pass_the_budget_by_one_check_of_each_worker(
    hosts: Hosts, names: list[str]
) -> None:
    workers = [hosts.worker(name) for name in names]
    acme = partner(daily=10**6, matches=MATCHES)
    told, refused = hosts.run(asked_at_once(workers, acme))
    assert MATCHES <= told <= MATCHES + len(workers) * CHECK_MAX_SELECTORS
    assert {(type(one), getattr(one, "policy", "")) for one in refused} == {
        (QuotaExceeded, "matches")
    }


def test_without_redis_they_pass_what_a_host_may_tell_by_one_check_and_the_rest_is_unknown(
    hosts: Hosts, valkey: Valkey
) -> None:
    worker, acme = hosts.worker(), partner(daily=10**6, matches=10 * MATCHES)
    worker.ask(acme, selectors(1), matches=1)
    valkey.kill()
    told, refused = hosts.run(asked_at_once([worker], acme))
    leased = acme.matches_per_30_days // 100
    assert told <= leased + MATCHES + CHECK_MAX_SELECTORS
    assert {(type(one), getattr(one, "reason", "")) for one in refused} == {(Unavailable, "store")}


def test_what_was_told_before_is_told_again_though_nothing_is_left(hosts: Hosts) -> None:
    worker, acme = hosts.worker(), partner(daily=10**6, matches=MATCHES)
    known = selectors(CHECK_MAX_SELECTORS)

    async def whole() -> None:
        await worker.allowance.spend(acme, len(known))
        await worker.allowance.claim(acme, known)
        await worker.allowance.spend(acme, len(known))
        _, refused = await asked_at_once([worker], acme)
        assert refused
        await worker.allowance.claim(acme, known)

    hosts.run(whole())


def test_a_lease_that_is_over_when_the_answer_is_known_tells_nothing_by_itself(
    hosts: Hosts,
) -> None:
    one, two = hosts.worker("one"), hosts.worker("two")
    acme = partner(daily=10**6, matches=MATCHES)

    async def whole() -> None:
        await one.allowance.spend(acme, 1)
        hosts.steady.now += 20
        await asked_at_once([two], acme)
        with pytest.raises(QuotaExceeded):
            await one.allowance.claim(acme, selectors(1))

    hosts.run(whole())


def test_what_two_tell_of_at_once_is_counted_once_though_the_budget_covers_no_other_such(
    hosts: Hosts,
) -> None:
    worker, acme = hosts.worker(), partner(daily=10**6, matches=MATCHES)
    macs = list(itertools.islice(counted_apart(), 6 * MATCHES // 10))

    async def both() -> None:
        for _ in range(2):
            await worker.allowance.spend(acme, len(macs))
        await asyncio.gather(*(worker.allowance.claim(acme, macs) for _ in range(2)))

    hosts.run(both())
