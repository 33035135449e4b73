"""The life of the process that sends alerts: no worker ever waits for a receiver."""

import time
from typing import Final

import structlog
from prometheus_client import CollectorRegistry

from screening.api.alarm_counter import AlarmCounter
from screening.api.alerts.outbox import Outbox
from screening.api.alerts.sending import Sending, counted_alerts
from screening.api.alerts.signature import read_secrets
from screening.api.alerts.unsent import Unsent
from screening.api.companions import begin, end_here
from screening.api.http_peer import HttpPeer
from screening.api.lifeline import Lifeline
from screening.api.settings import ApiSettings
from screening.vocabulary.errors import OperatorError

BEAT_S: Final = 0.5
_TIMEOUT_S: Final = 15.0
"""The specification's least: a receiver may have to write it down first."""


def run_alerts(settings: ApiSettings, lifeline: Lifeline) -> None:
    """Send what lies in the outbox, until the supervisor ends this or is gone.

    What is broken off is sent again, under the same id.
    """
    begin(lifeline, end_here)
    registry = CollectorRegistry()
    alarms = AlarmCounter(registry)
    unsent = Unsent(structlog.get_logger("screening.alerts"), "no alert is sent", alarms)
    sending: Sending | None = None
    while True:
        try:
            sending = sending or _sending(settings, alarms, registry)
            sending.beat()
        except (OSError, OperatorError) as error:
            unsent.told("outbox", error)
        time.sleep(BEAT_S)


def webhook_peer(url: str, *, timeout_s: float = _TIMEOUT_S) -> HttpPeer:
    """Return the receiver at an address: its status is its answer, whatever else it sends."""
    return HttpPeer(url, timeout_s=timeout_s, reads_body=False)


def _sending(settings: ApiSettings, alarms: AlarmCounter, registry: CollectorRegistry) -> Sending:
    if settings.webhook_url is None or settings.webhook_secret_file is None:
        raise OperatorError("no webhook is set")
    return Sending(
        Outbox(settings.home),
        read_secrets(settings.webhook_secret_file),
        webhook_peer(settings.webhook_url),
        alarms=alarms,
        counted=counted_alerts(registry),
    )
