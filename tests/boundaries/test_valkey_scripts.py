"""Whatever the scripts of hosts meet in Redis, the shipped users let them do what that takes."""

import asyncio
from pathlib import Path

import pytest
import redis.asyncio

from screening.api.key_uses import KeyUses
from screening.api.quotas.allowance import Allowance
from screening.api.quotas.budgets import Expected
from screening.api.quotas.deployment import DeploymentLeases
from screening.api.quotas.host import HostBudgets
from screening.api.quotas.leasing import Means
from screening.api.watching.baseline import Counts
from screening.api.watching.everywhere import DeploymentUsage
from screening.api.watching.suspicions import Suspicions
from screening.store import keys
from screening.store.bounded_reads import are_there
from screening.vocabulary.unix_time import DAY_S
from tests.api.quotas.spending import Noted, partner
from tests.boundaries.shipped_valkey import ShippedValkey

ACME = partner(since=7)
DAY = 20_500
MARKS = [
    keys.hold("acme", 7),
    keys.throttle("acme", 7),
    keys.suspected("acme", 7, "canary_matched"),
]
KEY_ID = "a" * 12


async def tell_all(client: redis.asyncio.Redis, home: Path) -> Noted:
    """Tell Redis whatever a host tells it; return the alarms."""
    leases, noted = DeploymentLeases(client, "one/1"), Noted()
    host = HostBudgets(home)
    allowance = Allowance(Means(host, leases, noted, Expected(10**9, 10**9)))
    await allowance.spend(ACME, 1)
    allowance.hold(ACME)
    await leases.tell_holds({one: host.held_at(one) for one in host.holds()})
    suspicions = Suspicions()
    suspicions.note(ACME, "canary_matched")
    await DeploymentUsage(client, "one").tell(
        ACME, DAY, Counts(1, 2, 1), throttled_since=1, suspected=suspicions.of(ACME)
    )
    uses = KeyUses(client)
    uses.used(KEY_ID, DAY * DAY_S)
    await uses.tell()
    return noted


@pytest.mark.parametrize("before", ["nothing", "empty marks", "other types"])
def test_hosts_may_tell_all_they_tell(shipped: ShippedValkey, tmp_path: Path, before: str) -> None:
    async def told() -> Noted:
        client = redis.asyncio.Redis.from_url(shipped.url("api"))
        try:
            if before == "empty marks":
                for name in (*MARKS[1:], keys.usage("acme", 7, DAY), keys.key_use(KEY_ID)):
                    await client.set(name, "")
            elif before == "other types":
                for name in (*MARKS[1:], keys.key_use(KEY_ID), keys.rate("acme")):
                    await client.hset(name, "x", "y")
            return await tell_all(client, tmp_path)
        finally:
            await client.aclose()

    assert asyncio.run(told()).alarms == set()
    with shipped.client("indexer") as indexer:
        assert are_there(indexer, [*MARKS, keys.answered("acme", 7, DAY)]) == 4 * [True]
    # A driver says its name where it is not told to leave that.
    assert {what for _, _, what in shipped.refusals()} <= {"client|setinfo"}
