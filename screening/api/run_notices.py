"""The life of the process that sends notices to partners: no worker ever waits for a receiver."""

import errno
import os
import threading
import time
from pathlib import Path
from typing import Final, NamedTuple

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge

from screening.alarms import Alarms
from screening.api.alarm_counter import AlarmCounter
from screening.api.alerts.run_alerts import webhook_peer
from screening.api.alerts.sending import Counted, Sending
from screening.api.alerts.unsent import Unsent
from screening.api.cache import Cache
from screening.api.companions import begin, end_here
from screening.api.lifeline import Lifeline
from screening.api.metrics import NO_LIST
from screening.api.notice_box import NoticeBox
from screening.api.notices import LoadedNotices
from screening.api.notices_cache import NoticesCache
from screening.api.partner_webhooks import partners_with_webhooks, read_webhook
from screening.api.settings import ApiSecrets, ApiSettings
from screening.store.signed import Verifier
from screening.vocabulary.errors import OperatorError, Unavailable

BEAT_S: Final = 0.5


def run_notices(settings: ApiSettings, folder: Path, lifeline: Lifeline) -> None:
    """Send what partners have not taken yet, until the supervisor ends this or is gone."""
    begin(lifeline, end_here)
    means = Means.new(CollectorRegistry())
    sendings: NoticeSendings | None = None
    while True:
        try:
            sendings = sendings or _sendings(settings, folder, means)
            sendings.beat()
        except (OSError, OperatorError) as error:
            means.unsent.told("folder", error)
        time.sleep(BEAT_S)


def _sendings(settings: ApiSettings, folder: Path, means: "Means") -> "NoticeSendings":
    verifier = Verifier(ApiSecrets(settings.secrets).verifying_key)
    cache = NoticesCache(Cache(settings.home).directory)
    notices = LoadedNotices(cache, verifier, means.alarms)
    return NoticeSendings(settings.home, folder, notices, means)


class Means(NamedTuple):
    """What counts and tells what becomes of the sending."""

    registry: CollectorRegistry
    alarms: Alarms
    unsent: Unsent

    @classmethod
    def new(cls, registry: CollectorRegistry) -> "Means":
        """Return them as they write into `registry`."""
        alarms = AlarmCounter(registry)
        log = structlog.get_logger("screening.notices")
        return cls(registry, alarms, Unsent(log, "no notice is sent", alarms))


class _Receiver(NamedTuple):
    """The sending to one partner, as its file was at a moment."""

    version: tuple[int, int]
    sending: Sending
    counted: Counted


class NoticeSendings:
    """The sending to each partner that has a file in the folder; files may come, change and go.

    Each has a thread of its own while it is sent something: no partner waits for the receiver, or
    for the name server, of another.
    """

    def __init__(self, home: Path, folder: Path, notices: LoadedNotices, means: Means) -> None:
        self._home = home
        self._folder = folder
        self._notices = notices
        self._alarms = means.alarms
        self._unsent = means.unsent
        self._receivers: dict[str, _Receiver] = {}
        self._threads: dict[str, threading.Thread] = {}
        self._waiting, self._oldest = (
            Gauge(name, meaning, ["partner"], registry=means.registry, multiprocess_mode="livemax")
            for name, meaning in (
                ("screening_notices_waiting", "Notices that the partner has not taken yet"),
                ("screening_notices_oldest_seconds", "For how long the oldest of them has waited"),
            )
        )
        self._sent = Counter(
            "screening_notices_sent", "Notices it has taken", ["partner"], registry=means.registry
        )

    def beat(self) -> None:
        """Begin to send what is due to each to whom nothing is being sent; waits for nobody.

        Raises `OSError` or `OperatorError` where the folder cannot be used. What is wrong with one
        partner keeps nothing from another.
        """
        partners = partners_with_webhooks(self._folder)
        idle = {name for name, thread in self._threads.items() if not thread.is_alive()}
        self._threads = {name: self._threads[name] for name in self._threads.keys() - idle}
        for partner in self._receivers.keys() - set(partners) - self._threads.keys():
            counted = self._receivers.pop(partner).counted
            for gauge in (counted.waiting, counted.oldest):
                gauge.set(NO_LIST["livemax"])
        for partner in partners:
            if partner not in self._threads:
                self._begin(partner)

    def _begin(self, partner: str) -> None:
        # A daemon: the end of this process waits for no receiver.
        thread = threading.Thread(target=self._send, args=(partner,), daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the system has too many threads
            self._unsent.told(partner, OSError(errno.EAGAIN, os.strerror(errno.EAGAIN)))
        else:
            self._threads[partner] = thread

    def _send(self, partner: str) -> None:
        try:
            self._receiver(partner).sending.beat()
        except Unavailable:
            pass  # sync has not laid them down yet
        except (OSError, OperatorError) as error:
            self._unsent.told(partner, error)

    def _receiver(self, partner: str) -> _Receiver:
        """Return a partner's receiver, as its file is now."""
        status = (self._folder / partner).stat()
        version = (status.st_ino, status.st_mtime_ns)
        held = self._receivers.get(partner)
        if held is None or held.version != version:
            held = self._receivers[partner] = self._new(partner, version)
        return held

    def _new(self, partner: str, version: tuple[int, int]) -> _Receiver:
        webhook = read_webhook(self._folder, partner)
        metrics = (self._waiting, self._oldest)
        waiting, oldest = (one.labels(partner) for one in metrics)
        counted = Counted(waiting, oldest, self._sent.labels(partner), "partner_webhook_failing")
        sending = Sending(
            NoticeBox(self._home, partner, self._notices, since=version[1] / 1e9),
            webhook.secrets,
            webhook_peer(webhook.url),
            alarms=self._alarms,
            counted=counted,
            name=partner,
        )
        return _Receiver(version, sending, counted)
