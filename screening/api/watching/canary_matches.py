"""What one worker notes of answers in which a canary matched, until its next beat tells of them."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import structlog

from screening.alarms import Alarms
from screening.api.alerts.alert import alert_of_canary
from screening.api.alerts.raising import Alerts
from screening.api.loaded import LoadedList
from screening.api.repeated import Repeated
from screening.registry.reader import Caller
from screening.registry.record import PartnerRecord
from screening.vocabulary.unix_time import HOUR_S

TOLD_AN_HOUR: Final = 20
"""Of one partner, each with its receipt; of more it is said that there are: it could repeat one
match without end, and would keep the alerts of all others waiting behind its own."""

_log = structlog.get_logger("screening.watch")


@dataclass(slots=True)
class _Noted:
    partner: PartnerRecord
    told: list[tuple[float, Mapping[str, str | int]]] = field(default_factory=list)
    answers: int = 0


class CanaryMatches:
    """Those of all partners; `note` is for the hot path, and `tell` for a beat."""

    def __init__(
        self, alarms: Alarms, alerts: Alerts, clock: Callable[[], float] = time.time
    ) -> None:
        self._alarms = alarms
        self._alerts = alerts
        self._clock = clock
        self._noted: dict[str, _Noted] = {}
        self._told: dict[str, tuple[int, int]] = {}
        self._more = Repeated()

    def note(self, caller: Caller, one: LoadedList, receipt: str) -> None:
        """Take up an answer."""
        name = caller.partner.partner
        noted = self._noted.setdefault(name, _Noted(caller.partner))
        noted.partner = caller.partner
        noted.answers += 1
        hour = int(self._clock()) // HOUR_S
        of, told = self._told.get(name, (hour, 0))
        told = told if of == hour else 0
        if told == TOLD_AN_HOUR:
            return
        self._told[name] = (hour, told + 1)
        data = {
            "partner": name,
            "api_key": caller.api_key.id,
            "key_id": one.head.key_id,
            "generation": one.head.generation,
            "receipt": receipt,
        }
        noted.told.append((self._clock(), data))  # no more, for an answer waits

    def tell(self) -> list[PartnerRecord]:
        """Raise alarms and alerts for all that was noted; return whose they are."""
        noted, self._noted = self._noted, {}
        # Else one series would go on over the hour, and be told minutes after it has begun.
        hour_began = int(self._clock()) // HOUR_S * HOUR_S
        for name, one in noted.items():
            for _ in range(one.answers):
                self._alarms.raised("canary_matched", name)
            for at, data in one.told:
                _log.warning("a canary matched", **data)
                self._alerts.add(alert_of_canary(self._alerts.host, at, data))
            if one.answers > len(one.told):
                self._alarms.raised("canaries_matched_often", name, since=hour_began)
                if times := self._more.raised(name):
                    _log.warning("more canaries matched", partner=name, beats=times)
        return [one.partner for one in noted.values()]
