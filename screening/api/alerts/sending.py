"""Alerts leave for their receiver, each until it was taken: at least once, under one id."""

import random
import time
from collections.abc import Callable
from http.client import HTTPException
from typing import Final, Protocol

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge

from screening.alarms import Alarms
from screening.api.alerts.outbox import Outbox
from screening.api.alerts.signature import WebhookSecrets
from screening.api.http_peer import Answer
from screening.api.repeated import Repeated
from screening.vocabulary.errors import OperatorError

_FIRST_PAUSE_S: Final = 1.0
_LONGEST_PAUSE_S: Final = 300.0
_AT_ONCE: Final = 50
"""Messages of one round, so that the end of this process is not waited for."""

_log = structlog.get_logger("screening.alerts")


class Receiver(Protocol):
    """Whoever takes webhooks (`HttpPeer`)."""

    def post(self, body: bytes, headers: dict[str, str]) -> Answer:
        """Send one; raises `OSError` or `HTTPException` where there is no answer."""
        ...


class Sending:
    """Sends what lies in the outbox.

    A message that is refused waits ever longer, five minutes at last, and holds no other up; where
    there is no answer at all, the round is over. Nothing is ever given up: a person may remove it.
    """

    def __init__(
        self,
        outbox: Outbox,
        secrets: WebhookSecrets,
        receiver: Receiver,
        *,
        alarms: Alarms,
        registry: CollectorRegistry,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._outbox = outbox
        self._secrets = secrets
        self._receiver = receiver
        self._alarms = alarms
        self._clock = clock
        self._monotonic = monotonic
        self._put_off: dict[str, tuple[float, float]] = {}
        self._repeated = Repeated()
        self._waiting, self._oldest = (
            Gauge(name, meaning, registry=registry, multiprocess_mode="livemax")
            for name, meaning in (
                ("screening_alerts_waiting", "Alerts that no receiver has taken yet"),
                ("screening_alerts_oldest_seconds", "For how long the oldest of them has waited"),
            )
        )
        self._sent = Counter(
            "screening_alerts_sent", "Alerts that the receiver has taken", registry=registry
        )

    def beat(self) -> None:
        """Send what is due; what goes wrong is tried again by a later beat."""
        waiting = self._outbox.waiting()
        self._put_off = {name: self._put_off[name] for name in waiting if name in self._put_off}
        due = [name for name in waiting if self._is_due(name)]
        for name in due[:_AT_ONCE]:
            if not self._send(name):
                break
        left = self._outbox.waiting()
        self._waiting.set(len(left))
        self._oldest.set(self._outbox.age_s(left[0]) if left else 0)
        self._outbox.forget_sent()

    def _is_due(self, name: str) -> bool:
        return self._monotonic() >= self._put_off.get(name, (0.0, 0.0))[0]

    def _send(self, name: str) -> bool:
        """Send one message; False where the receiver does not answer, whatever it is sent."""
        try:
            body = self._outbox.read(name)
        except OperatorError as error:
            return self._failed(name, str(error))
        headers = self._secrets.headers(name, int(self._clock()), body)
        try:
            answer = self._receiver.post(body, {"content-type": "application/json", **headers})
        except (OSError, HTTPException) as error:
            self._failed(name, type(error).__name__)
            return False
        # Any 2xx, and nothing else: a redirect would lead to where the operator has not said.
        if not 200 <= answer.status < 300:
            return self._failed(name, f"status {answer.status}")
        try:
            self._outbox.sent(name)
        except FileNotFoundError:  # a person has removed it meanwhile
            pass
        except OSError as error:  # the receiver has it, and would have it again twice a second
            return self._failed(name, str(error.strerror))
        self._put_off.pop(name, None)
        self._sent.inc()
        return True

    def _failed(self, name: str, why: str) -> bool:
        _, before = self._put_off.get(name, (0.0, _FIRST_PAUSE_S / 2))
        pause = min(2 * before, _LONGEST_PAUSE_S)
        # Not all at the same moment: what was down is not to be overrun when it is back.
        spread = pause * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
        self._put_off[name] = (self._monotonic() + spread, pause)
        if times := self._repeated.raised(why):
            _log.warning("an alert is not taken", why=why, times=times)
        self._alarms.raised("webhook_failing", "webhook")
        return True
