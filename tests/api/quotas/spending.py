"""Partners, clocks and hosts for the tests of what a partner may ask."""

import asyncio
import random
import time
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Any, Self

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from screening.alarms import Alarms
from screening.api.quotas.allowance import Allowance
from screening.api.quotas.budgets import Expected
from screening.api.quotas.deployment import DeploymentLeases
from screening.api.quotas.host import HostBudgets
from screening.api.quotas.leasing import Means
from screening.registry.record import PartnerRecord
from tests.harness.valkey import Valkey

DAY_S = 86_400
NOON = 20_000 * DAY_S + DAY_S // 2


class Clock:
    """A clock that is moved by hand."""

    def __init__(self, now: float = NOON) -> None:
        self.now = float(now)

    def __call__(self) -> float:
        return self.now


class Noted:
    """The alarms that were raised."""

    def __init__(self) -> None:
        self.alarms: set[tuple[str, str]] = set()

    def raised(self, what: str, name: str, *, since: int = 0) -> None:
        self.alarms.add((what, name))


class Hosts:
    """Workers of one deployment or, without a Valkey, of hosts that cannot ask one."""

    def __init__(self, folder: Path, valkey: Valkey | None = None) -> None:
        self._folder = folder
        self._socket = folder / "nothing.sock" if valkey is None else valkey.socket
        self._runner = asyncio.Runner()
        self._clients: list[redis.asyncio.Redis] = []
        self.noted = Noted()
        self.wall = Clock(NOON if valkey is None else time.time())
        self.steady = Clock(1_000)
        self.expected = Expected(10**12, 10**12)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for client in self._clients:
            self.run(client.aclose())
        self._runner.close()

    def run(self, what: Coroutine[Any, Any, Any]) -> Any:
        return self._runner.run(what)

    def keep(self, client: redis.asyncio.Redis) -> redis.asyncio.Redis:
        """Close a client with the hosts."""
        self._clients.append(client)
        return client

    def worker(self, host: str = "one", *, boot: str = "boot") -> "Worker":
        """Start another worker on a host."""
        client = self.keep(client_of(self._socket))
        home = self._folder / host
        home.mkdir(mode=0o700, exist_ok=True)
        means = Means(
            HostBudgets(home, self.wall, self.steady, lambda: boot),
            DeploymentLeases(client, f"{host}/{len(self._clients)}"),
            self.noted,
            self.expected,
            self.wall,
            self.steady,
        )
        return Worker(self, Allowance(means))


class Worker:
    """An allowance, used as `Screening` does."""

    def __init__(self, hosts: Hosts, allowance: Allowance) -> None:
        self._hosts = hosts
        self.allowance = allowance

    def spend(self, partner: PartnerRecord, selectors: int) -> int:
        day: int = self._hosts.run(self.allowance.spend(partner, selectors))
        return day

    def ask(self, partner: PartnerRecord, macs: list[bytes], *, matches: int = 0) -> None:
        """Ask about selectors, the first few of which match."""

        async def whole() -> None:
            await self.allowance.spend(partner, len(macs))
            await self.allowance.claim(partner, macs[:matches])
            await self.allowance.count(partner, macs)

        self._hosts.run(whole())

    def beat(self, partners: Mapping[str, PartnerRecord] | None = None) -> None:
        """Let pass what a worker does five times a second, and what that begins."""

        async def whole() -> None:
            await self.allowance.tell(partners or {})
            begun = asyncio.all_tasks() - {asyncio.current_task()}
            await asyncio.gather(*begun, return_exceptions=True)

        self._hosts.run(whole())

    def write_down(self) -> None:
        self._hosts.run(self.allowance.write_down())

    def remaining(self, partner: PartnerRecord) -> tuple[int, int]:
        left: tuple[int, int] = self._hosts.run(self.allowance.remaining(partner))
        return left


_SEED = 20261130
_DRAWN = random.Random(_SEED)  # noqa: S311 - the same ones each time


def draw_anew() -> None:
    """Have `selectors` begin at the same one again.

    A sketch counts two as one that share a register: how many do is known then, and not up to
    chance.
    """
    _DRAWN.seed(_SEED)


def selectors(count: int) -> list[bytes]:
    """Return the HMACs of so many selectors that nobody has asked about since `draw_anew`."""
    return [_DRAWN.randbytes(32) for _ in range(count)]


def partner(
    *,
    daily: int = 1_000,
    per_second: int = 1_000_000,
    matches: int = 1_000,
    burst: int | None = None,
    since: int = 0,
    name: str = "acme",
) -> PartnerRecord:
    return PartnerRecord(
        format="screening-partner/1",
        partner=name,
        sequence=1,
        issued_at=0,
        state="active",
        mode="live",
        server_key_id="0123456789abcdef",
        key_ids=[],
        api_keys=[],
        selectors_per_second=per_second,
        burst_selectors=burst,
        daily_selectors=daily,
        matches_per_30_days=matches,
        matches_counted_from=since,
    )


def allowance_without_redis(home: Path, alarms: Alarms | None = None) -> Allowance:
    """Return an allowance for a test of something else: a partner may ask a part of its own."""
    leases = DeploymentLeases(client_of(home / "nothing.sock"), "one/1")
    return Allowance(Means(HostBudgets(home), leases, alarms or Noted(), Expected(1, 1)))


def client_of(socket: Path) -> redis.asyncio.Redis:
    return redis.asyncio.Redis(
        unix_socket_path=str(socket), socket_timeout=1, retry=Retry(NoBackoff(), 0)
    )
