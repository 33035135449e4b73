"""Where any part reports what a person should look at (`docs/operations.md` says what each is)."""

from typing import Final, Literal, Protocol, get_args

FOREIGN: Final = "(foreign)"
"""In place of a name that none of us gave: a field in Redis may be called anything."""

Alarm = Literal[
    "alerts_dropped",
    "cache_untrusted",
    "cache_unwritable",
    "canaries_matched_often",
    "canary_matched",
    "clock_differs",
    "day_used_up",
    "deployment_budget",
    "generation_untrusted",
    "head_missing",
    "head_of_the_future",
    "head_rolled_back",
    "host_name_taken",
    "journal_damaged",
    "key_from_elsewhere",
    "key_without_certificate",
    "log_forked",
    "log_stopped",
    "matches_kept_back",
    "notices_rolled_back",
    "notices_unread",
    "notices_untrusted",
    "notices_withheld",
    "partner_held",
    "partner_hit_rate",
    "partner_rolled_back",
    "partner_throttled",
    "partner_untrusted",
    "partner_volume",
    "partner_webhook_failing",
    "partner_withheld",
    "pepper_differs",
    "proof_failed",
    "quota_away",
    "receipts_stopped",
    "refresh_failed",
    "server_key_differs",
    "store_unavailable",
    "store_untrusted",
    "unknown_keys",
    "usage_unwritable",
    "watch_failed",
    "webhook_failing",
    "witness_failed",
]
ALARMS: Final[tuple[Alarm, ...]] = get_args(Alarm)
"""All that may be raised: each is counted from 0, so that a monitor sees the first of them."""


class Alarms(Protocol):
    """Takes events; may be told of them by any thread."""

    def raised(self, what: Alarm, name: str, *, since: int = 0) -> None:
        """Report one event; `name` is a key_id, partner or segment.

        `since` (Unix seconds) is when that began anew, as what a partner matches does with a lift.
        """
        ...
