"""A worker's watch over a home of its own, whose alarms and alerts a test reads."""

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Final

import msgspec
from prometheus_client import CollectorRegistry

from screening.alarms import Alarm
from screening.api.alarm_counter import AlarmCounter
from screening.api.alerts.outbox import Outbox
from screening.api.alerts.raising import Alerts
from screening.api.loaded import LoadedList
from screening.api.watching.watch import Watch
from screening.registry.reader import Caller
from screening.registry.record import ApiKeyRecord, PartnerRecord, Suspicion
from screening.vocabulary.selector import IndexDigest
from tests.api.quotas.spending import (
    Clock,
    allowance_without_redis,
    partner,
)
from tests.api.watching_nothing import watch_of

CANARY: Final = IndexDigest(bytes(16))
KEY: Final = ApiKeyRecord(id="k3jm5x2a7q4b", verifier=bytes(32), scopes=["check"])


class Raised(AlarmCounter):
    """The alarms of a process, which remembers them."""

    def __init__(self, alerts: Alerts) -> None:
        super().__init__(CollectorRegistry(), alerts)
        self.alarms: set[tuple[str, str]] = set()
        self.counted: Counter[str] = Counter()

    def raised(self, what: Alarm, name: str, *, since: int = 0) -> None:
        super().raised(what, name, since=since)
        self.alarms.add((what, name))
        self.counted[what] += 1


class Watched:
    """A worker's watch over a home of its own, and a list in which `CANARY` is marked."""

    def __init__(self, home: Path, one: LoadedList, on_suspicion: Suspicion) -> None:
        home.mkdir(mode=0o700)
        self.home = home
        self.clock = Clock()
        self.outbox = Outbox(home)
        alerts = Alerts(self.outbox, "one", self.clock)
        self.noted = Raised(alerts)
        self.allowance = allowance_without_redis(home, self.noted)
        self.watch: Watch = watch_of(
            home,
            alarms=self.noted,
            alerts=alerts,
            holding=self.allowance,
            clock=self.clock,
        )
        self.partner: PartnerRecord = msgspec.structs.replace(
            partner(since=7), on_suspicion=on_suspicion
        )
        self._list = one

    def answer(self, receipt: str) -> None:
        caller = Caller(self.partner, KEY, ())
        self.watch.answered(caller, self._list, receipt, selectors=1, matches={0: CANARY})

    def beat(self) -> None:
        """Let pass what a worker does five times a second."""

        async def both() -> None:
            await self.allowance.tell()
            await self.watch.beat()

        asyncio.run(both())

    def told(self) -> Counter[str]:
        """Count the alerts that wait, by type."""
        waiting = (json.loads(self.outbox.read(one)) for one in self.outbox.waiting())
        return Counter(one["type"] for one in waiting)

    def marks(self) -> list[str]:
        return [path.name for path in self.home.glob("*/acme.[th][he]*-7")]
