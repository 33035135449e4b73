"""The life of the process that sends notices to partners: no worker ever waits for a receiver."""

import time
from pathlib import Path
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge

from screening.alarms import Alarms
from screening.api.alarm_counter import AlarmCounter
from screening.api.alerts.run_alerts import webhook_peer
from screening.api.alerts.sending import Counted, Sending
from screening.api.cache import Cache
from screening.api.companions import begin, end_here
from screening.api.lifeline import Lifeline
from screening.api.notice_box import NoticeBox
from screening.api.notices import LoadedNotices
from screening.api.notices_cache import NoticesCache
from screening.api.partner_webhooks import (
    PartnerWebhook,
    partners_with_webhooks,
    read_webhook,
)
from screening.api.repeated import Repeated
from screening.api.settings import ApiSecrets, ApiSettings
from screening.store.signed import Verifier
from screening.vocabulary.errors import OperatorError, Unavailable

BEAT_S: Final = 0.5


def run_notices(settings: ApiSettings, folder: Path, lifeline: Lifeline) -> None:
    """Send what partners have not taken yet, until the supervisor ends this or is gone."""
    begin(lifeline, end_here)
    sendings = NoticeSendings(settings, folder, CollectorRegistry())
    while True:
        sendings.beat()
        time.sleep(BEAT_S)


class NoticeSendings:
    """The sending to each partner that has a file in the folder; files may come, change and go."""

    def __init__(self, settings: ApiSettings, folder: Path, registry: CollectorRegistry) -> None:
        self._home = settings.home
        self._folder = folder
        self._alarms: Alarms = AlarmCounter(registry)
        cache = NoticesCache(Cache(settings.home).directory)
        verifier = Verifier(ApiSecrets(settings.secrets).verifying_key)
        self._notices = LoadedNotices(cache, verifier, self._alarms)
        self._sendings: dict[str, tuple[tuple[int, int], Sending]] = {}
        self._repeated = Repeated()
        self._log = structlog.get_logger("screening.notices")
        self._waiting, self._oldest = (
            Gauge(name, meaning, ["partner"], registry=registry, multiprocess_mode="livemax")
            for name, meaning in (
                ("screening_notices_waiting", "Notices that the partner has not taken yet"),
                ("screening_notices_oldest_seconds", "For how long the oldest of them has waited"),
            )
        )
        self._sent = Counter(
            "screening_notices_sent", "Notices it has taken", ["partner"], registry=registry
        )

    def beat(self) -> None:
        """Send what is due to each; what is wrong with one keeps nothing from another."""
        try:
            partners = partners_with_webhooks(self._folder)
        except (OSError, OperatorError) as error:
            self._failed("folder", error)
            return
        for partner in partners:
            try:
                self._sending(partner).beat()
            except Unavailable:
                continue  # sync has not laid them down yet
            except (OSError, OperatorError) as error:
                self._failed(partner, error)

    def _sending(self, partner: str) -> Sending:
        """Return what sends to a partner, as its file is now."""
        status = (self._folder / partner).stat()
        version = (status.st_ino, status.st_mtime_ns)
        held = self._sendings.get(partner)
        if held is None or held[0] != version:
            sending = self._new(partner, read_webhook(self._folder, partner))
            self._sendings[partner] = held = (version, sending)
        return held[1]

    def _new(self, partner: str, webhook: PartnerWebhook) -> Sending:
        metrics = (self._waiting, self._oldest)
        waiting, oldest = (one.labels(partner) for one in metrics)
        return Sending(
            NoticeBox(self._home, partner, self._notices),
            webhook.secrets,
            webhook_peer(webhook.url),
            alarms=self._alarms,
            counted=Counted(waiting, oldest, self._sent.labels(partner)),
            name=partner,
        )

    def _failed(self, name: str, error: OSError | OperatorError) -> None:
        why = str(error) if isinstance(error, OperatorError) else error.strerror
        if times := self._repeated.raised((name, why)):
            self._log.error("no notice is sent", receiver=name, why=why, times=times)
        self._alarms.raised("webhook_failing", name)
