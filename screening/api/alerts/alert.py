"""One alert, as it travels: no selector, token or digest is in it, only public names and counts."""

import base64
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import msgspec

from screening.alarms import Alarm
from screening.vocabulary.unix_time import HOUR_S

TYPES: Final[Mapping[Alarm, str]] = {
    "canary_matched": "canary.matched",
    "canaries_matched_often": "canary.matched_often",
    "partner_held": "partner.held",
    "matches_kept_back": "partner.matches_kept_back",
    "partner_throttled": "partner.throttled",
    "partner_hit_rate": "partner.hit_rate",
    "partner_volume": "partner.volume",
    "deployment_budget": "deployment.budget",
    "log_forked": "log.forked",
}
"""The alarms that a person must see -> the type of event (Standard Webhooks, "Event types")."""
_ONE_ID_FOR_S: Final = HOUR_S
"""What goes on is told once in so long by each host, whichever of its processes raise it, unless a
person has lifted it meanwhile."""
_ID_BYTES: Final = 18


class Alert(msgspec.Struct, frozen=True):
    """What happened when, and to whom; `timestamp` is when it was raised, not when it is sent."""

    type: str
    timestamp: datetime
    data: Mapping[str, str | int]


class Addressed(msgspec.Struct, frozen=True):
    """An alert under the `webhook-id` that it has for good; two of one id are one event."""

    id: str
    alert: Alert


def alert_of_canary(host: str, at: float, told: Mapping[str, str | int]) -> Addressed:
    """Return the alert of a match that nobody had cause to ask for; its receipt names it."""
    alert = Alert(TYPES["canary_matched"], moment_of(at), {"host": host, **told})
    return Addressed(message_id("canary_matched", str(told["receipt"])), alert)


def find_alert(host: str, at: float, what: Alarm, name: str, *, since: int = 0) -> Addressed | None:
    """Return the alert of an alarm; None for one that metrics and log are enough for.

    `at` and `since` are Unix seconds; what began anew since is another event.
    """
    kind = TYPES.get(what)
    if kind is None or what == "canary_matched":  # which is told once for each receipt
        return None
    alert = Alert(kind, moment_of(at), {"host": host, "name": name})
    return Addressed(message_id(what, name, host, str(since), str(int(at) // _ONE_ID_FOR_S)), alert)


def moment_of(at: float) -> datetime:
    """Return the `timestamp` of an event, from Unix seconds."""
    return datetime.fromtimestamp(int(at), UTC)


def message_id(*parts: str) -> str:
    """Return the `webhook-id` of the event that these parts name, and no others."""
    digest = hashlib.sha256("\0".join(parts).encode()).digest()
    return f"msg_{base64.urlsafe_b64encode(digest[:_ID_BYTES]).decode()}"
