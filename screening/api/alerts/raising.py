"""How a process raises alerts: at once in memory, and on disk a moment later, beside its work.

A check must not wait for the disk on account of an alert, nor may its time tell that there is one.
What a process has not written down when it is killed is lost: the time between two beats.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from screening.alarms import Alarm
from screening.api.alerts.alert import Addressed, find_alert
from screening.api.alerts.outbox import Outbox

_MOST_AT_ONCE: Final = 1_000
"""In memory, between two beats."""


class Alerts:
    """What one process has to tell; any thread may raise, and one writes down.

    Without an outbox nobody is told: metrics and log are all there is.
    """

    def __init__(
        self, outbox: Outbox | None, host: str, clock: Callable[[], float] = time.time
    ) -> None:
        self.host = host
        self._outbox = outbox
        self._clock = clock
        self._raised: deque[Addressed] = deque(maxlen=_MOST_AT_ONCE)
        self._is_any_lost = False
        self._lock = threading.Lock()

    def raised(self, what: Alarm, name: str, *, since: int = 0) -> None:
        """Take up an alarm, where it is one that a person must see."""
        alert = find_alert(self.host, self._clock(), what, name, since=since)
        if alert is not None:
            self.add(alert)

    def add(self, alert: Addressed) -> None:
        """Take up an alert."""
        if self._outbox is not None:
            self._is_any_lost = self._is_any_lost or len(self._raised) == _MOST_AT_ONCE
            self._raised.append(alert)

    @property
    def has_news(self) -> bool:
        """Whether anything is to be written down."""
        return bool(self._raised)

    def write_down(self) -> bool:
        """Make durable what was raised; False where some of it was dropped or has to wait.

        What the disk does not take now is tried again by the next call.
        """
        if self._outbox is None:
            return True
        with self._lock:
            is_any_lost, self._is_any_lost = self._is_any_lost, False
            try:
                has_room = not self._raised or self._put_down(self._outbox)
            except OSError:
                return False
        return has_room and not is_any_lost

    def _put_down(self, outbox: Outbox) -> bool:
        """Put what was raised into the outbox; False where some was dropped, without room there."""
        room, is_any_dropped = outbox.room(), False
        while self._raised:
            alert = self._raised.popleft()  # before it is put: another may push it out meanwhile
            try:
                if room > 0:
                    room -= outbox.put(alert)
                else:
                    is_any_dropped = not outbox.has(alert.id) or is_any_dropped
            except OSError:
                self._raised.appendleft(alert)
                raise
        return not is_any_dropped
