"""What tasks of one worker spend of a key's rate while another waits for a lease of it is spent."""

import asyncio
from pathlib import Path
from typing import Final

import msgspec

from screening.api.quotas.budgets import Rate
from screening.api.quotas.deployment import DeploymentLeases
from screening.api.quotas.host import HostBudgets
from screening.api.quotas.key_rates import KeyRates
from screening.api.quotas.leasing import Means
from screening.api.quotas.locked_file import AllowanceLocked
from screening.registry.reader import Caller
from screening.registry.record import ApiKeyRecord
from tests.api.quotas.spending import Hosts, client_of, partner
from tests.harness.valkey import Valkey

LEASED: Final = 20
"""In hand after the first: what comes in a fiftieth of a second."""


class Siblings(HostBudgets):
    """A host whose file of rates a sibling holds until it is let go; counts what is leased."""

    def __init__(self, home: Path, hosts: Hosts) -> None:
        super().__init__(home, hosts.wall, hosts.steady, lambda: "boot")
        self.is_locked = False
        self.waiting = asyncio.Event()
        self.leased = 0

    def lease_rate(self, partner: str, rate: Rate, missing: int) -> int:
        if self.is_locked:
            self.waiting.set()
            raise AllowanceLocked(Path("rate"))
        lease = super().lease_rate(partner, rate, missing)
        self.leased += lease
        return lease


def rates_of(hosts: Hosts, host: Siblings, socket: Path) -> KeyRates:
    leases = DeploymentLeases(hosts.keep(client_of(socket)), "one/1")
    return KeyRates(Means(host, leases, hosts.noted, hosts.expected, hosts.wall, hosts.steady))


def test_what_a_key_spends_while_a_lease_is_waited_for_is_not_spent_again(
    hosts: Hosts, tmp_path: Path, valkey: Valkey
) -> None:
    key = ApiKeyRecord("a" * 12, bytes(32), ["check"], selectors_per_second=1_000)
    caller = Caller(msgspec.structs.replace(partner(), api_keys=[key]), key)
    host = Siblings(tmp_path, hosts)
    rates = rates_of(hosts, host, valkey.socket)

    async def at_once() -> int:
        await rates.spend(caller, 1)
        host.is_locked = True
        large = asyncio.create_task(rates.spend(caller, LEASED))
        await host.waiting.wait()
        for _ in range(10):
            await rates.spend(caller, 1)  # of what is in hand
        host.is_locked = False
        await large
        spent, leased = 1 + LEASED + 10, host.leased
        while host.leased == leased:  # as long as something is in hand
            await rates.spend(caller, 1)
            spent += 1
        return spent - 1 - leased

    assert hosts.run(at_once()) <= 0


def test_what_was_leased_for_two_that_asked_at_once_is_in_hand(
    hosts: Hosts, tmp_path: Path, valkey: Valkey
) -> None:
    host = Siblings(tmp_path, hosts)
    rates, slow = rates_of(hosts, host, valkey.socket), partner(per_second=1_000)

    async def at_once() -> int:
        host.is_locked = True
        two = [
            asyncio.create_task(rates.spend_beside(slow, "notices", at_least=20)) for _ in range(2)
        ]
        await host.waiting.wait()
        host.is_locked = False
        await asyncio.gather(*two)
        spent, leased = 2, host.leased
        while host.leased == leased:
            await rates.spend_beside(slow, "notices", at_least=20)
            spent += 1
        return spent - 1 - leased

    assert hosts.run(at_once()) == 0
