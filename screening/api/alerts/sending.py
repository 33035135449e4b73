"""Webhooks leave for their receiver, each until it was taken: at least once, under one id."""

import random
import time
from collections.abc import Callable
from http.client import HTTPException
from typing import Final, NamedTuple, Protocol

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge

from screening.alarms import Alarm, Alarms
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


class Waiting(Protocol):
    """What is to be sent, each under an id of its own (`Outbox`)."""

    def waiting(self) -> list[str]:
        """Return the ids of what is to be sent, in order."""
        ...

    def age_s(self, name: str) -> float:
        """Return for how long one has waited."""
        ...

    def read(self, name: str) -> bytes:
        """Return its body: the same bytes for each attempt; raises `OperatorError`."""
        ...

    def sent(self, name: str) -> None:
        """Take one away that the receiver has; raises `OSError`."""
        ...

    def forget_sent(self) -> None:
        """Forget of what was sent whatever is of no use any more."""
        ...


class Counted(NamedTuple):
    """What is counted of the sending to one receiver; `alarm` counts that it takes none."""

    waiting: Gauge
    oldest: Gauge
    sent: Counter
    alarm: Alarm = "webhook_failing"


def counted_alerts(registry: CollectorRegistry) -> Counted:
    """Return what is counted of alerts."""
    waiting, oldest = (
        Gauge(name, meaning, registry=registry, multiprocess_mode="livemax")
        for name, meaning in (
            ("screening_alerts_waiting", "Alerts that no receiver has taken yet"),
            ("screening_alerts_oldest_seconds", "For how long the oldest of them has waited"),
        )
    )
    sent = Counter("screening_alerts_sent", "Alerts that the receiver has taken", registry=registry)
    return Counted(waiting, oldest, sent)


class Sending:
    """Sends what waits for one receiver; `name` tells which, where it takes none.

    A message that is refused waits ever longer, five minutes at last, and holds no other up; where
    there is no answer at all, the round is over. Nothing is ever given up: a person may remove it.
    """

    def __init__(
        self,
        outbox: Waiting,
        secrets: WebhookSecrets,
        receiver: Receiver,
        *,
        alarms: Alarms,
        counted: Counted,
        name: str = "webhook",
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
        self._counted = counted
        self._name = name

    def beat(self) -> None:
        """Send what is due; what goes wrong is tried again by a later beat."""
        waiting = self._outbox.waiting()
        self._put_off = {name: self._put_off[name] for name in waiting if name in self._put_off}
        due = [name for name in waiting if self._is_due(name)]
        for name in due[:_AT_ONCE]:
            if not self._send(name):
                break
        left = self._outbox.waiting()
        self._counted.waiting.set(len(left))
        self._counted.oldest.set(self._outbox.age_s(left[0]) if left else 0)
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
        except OSError as error:  # the receiver has it, and would have it again twice a second
            return self._failed(name, str(error.strerror))
        self._put_off.pop(name, None)
        self._counted.sent.inc()
        return True

    def _failed(self, name: str, why: str) -> bool:
        _, before = self._put_off.get(name, (0.0, _FIRST_PAUSE_S / 2))
        pause = min(2 * before, _LONGEST_PAUSE_S)
        # Not all at the same moment: what was down is not to be overrun when it is back.
        spread = pause * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
        self._put_off[name] = (self._monotonic() + spread, pause)
        if times := self._repeated.raised(why):
            _log.warning("a webhook is not taken", receiver=self._name, why=why, times=times)
        self._alarms.raised(self._counted.alarm, self._name)
        return True
