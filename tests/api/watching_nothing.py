"""A watch for a test of something else: it counts on this host, and tells nobody."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from prometheus_client import CollectorRegistry

from screening.alarms import Alarms
from screening.api.alarm_counter import AlarmCounter
from screening.api.alerts.raising import Alerts
from screening.api.watching.baseline import Counts, Terms
from screening.api.watching.everywhere import Everywhere
from screening.api.watching.suspicions import Noticed
from screening.api.watching.usage import HostUsage
from screening.api.watching.watch import Deployment, Holding, Watch
from screening.registry.record import PartnerRecord
from screening.vocabulary.errors import StoreUnavailable
from screening.vocabulary.suspected import Suspected
from tests.api.quotas.spending import allowance_without_redis


class Away:
    """A deployment that nobody can be asked of."""

    async def tell(
        self,
        partner: PartnerRecord,
        day: int,
        counts: Counts,
        *,
        throttled_since: int | None,
        suspected: Mapping[Suspected, Noticed],
    ) -> Everywhere:
        raise StoreUnavailable("away")


def watch_of(
    home: Path,
    *,
    deployment: Deployment | None = None,
    alarms: Alarms | None = None,
    alerts: Alerts | None = None,
    holding: Holding | None = None,
    clock: Callable[[], float] = time.time,
) -> Watch:
    return Watch(
        HostUsage(home),
        deployment or Away(),
        holding or allowance_without_redis(home),
        alarms=alarms or AlarmCounter(CollectorRegistry()),
        alerts=alerts or Alerts(None, "one"),
        terms=Terms(),
        clock=clock,
    )
