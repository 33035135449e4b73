"""The counter of alarms of one process, and the log events that go with them.

It needs less than the other metrics: sync and the process of the log load nothing else.
"""

import re
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, Counter

from screening.alarms import ALARMS, FOREIGN, Alarm
from screening.api.alerts.raising import Alerts
from screening.api.repeated import Repeated

# Key ids, partners, and the names of errors; a field in Redis may be anything.
_OUR_NAME: Final = re.compile(r"[A-Za-z0-9-]{1,64}")

_log = structlog.get_logger("screening.api")


class AlarmCounter:
    """Counts and logs alarms, and hands on those that a person must see; any thread may raise."""

    def __init__(self, registry: CollectorRegistry, alerts: Alerts | None = None) -> None:
        self._alerts = alerts
        self._alarms_total = Counter(
            "screening_alarms", "Events that a person should look at", ["what"], registry=registry
        )
        for what in ALARMS:  # increase() of Prometheus does not see a series that is born at 1
            self._alarms_total.labels(what)
        self._repeated = Repeated()

    def raised(self, what: Alarm, name: str, *, since: int = 0) -> None:
        """Count and log an alarm; a name that none of us gave is not repeated.

        One that goes on is logged ever more rarely, with how often it was raised since.
        """
        self._alarms_total.labels(what).inc()
        name = name if _OUR_NAME.fullmatch(name) else FOREIGN
        times = self._repeated.raised((what, name, since))
        if times:
            _log.warning("alarm", what=what, name=name, times=times)
            if self._alerts is not None:
                self._alerts.raised(what, name, since=since)
