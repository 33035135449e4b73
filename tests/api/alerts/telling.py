"""One host's alerts, and the process that sends them, for a test's own clock and receiver."""

from pathlib import Path

from prometheus_client import CollectorRegistry

from screening.api.alarm_counter import AlarmCounter
from screening.api.alerts.alert import alert_of_canary
from screening.api.alerts.outbox import Outbox
from screening.api.alerts.raising import Alerts
from screening.api.alerts.run_alerts import webhook_peer
from screening.api.alerts.sending import Sending, counted_alerts
from screening.api.alerts.signature import read_secrets
from tests.harness.receiver import SECRET


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class Told:
    """One host's alerts, and the process that sends them, by a clock of the test's own."""

    def __init__(self, home: Path, url: str, *, timeout_s: float = 5) -> None:
        self.clock = Clock()
        self.registry = CollectorRegistry()
        self.outbox = Outbox(home)
        self.alerts = Alerts(self.outbox, "one", self.clock)
        secret = home / "webhook.secret"
        secret.write_text(SECRET)
        secret.chmod(0o600)
        self.sending = Sending(
            self.outbox,
            read_secrets(secret),
            webhook_peer(url, timeout_s=timeout_s),
            alarms=AlarmCounter(self.registry),
            counted=counted_alerts(self.registry),
            clock=self.clock,
            monotonic=self.clock,
        )

    def canary(self, receipt: str) -> None:
        told = {"partner": "acme", "receipt": receipt}
        self.alerts.add(alert_of_canary("one", self.clock(), told))

    def beat(self, after_s: float = 0) -> None:
        self.clock.now += after_s
        assert self.alerts.write_down()
        self.sending.beat()

    def value(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(name, labels)
