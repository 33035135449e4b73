"""The alerts of one process, by the settings of its host."""

from screening.api.alerts.outbox import Outbox
from screening.api.alerts.raising import Alerts
from screening.api.host_name import host_name
from screening.api.settings import ApiSettings


def open_alerts(settings: ApiSettings) -> Alerts:
    """Return what a process raises alerts with: kept for a receiver where one is set."""
    outbox = Outbox(settings.home) if settings.webhook_url is not None else None
    return Alerts(outbox, host_name(settings.home))
