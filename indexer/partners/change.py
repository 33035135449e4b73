"""Change what a partner is given: its part of the list, how much, and whether it is answered."""

from dataclasses import asdict, dataclass
from typing import Literal

import msgspec

from indexer.deployment import Deployment
from indexer.list.entitlements import keep_policy
from indexer.list.partners import keep_record, require_added_record, require_record
from indexer.list.policy import Policy
from indexer.list.suspensions import note_suspended
from indexer.partners.issue import NOT_LIMITED, put_partners_in_force
from indexer.partners.reach import refuse_reaching_nobody
from screening.registry.record import PartnerRecord, Suspicion
from screening.vocabulary.errors import OperatorError


def set_policy(
    deployment: Deployment, name: str, policy: Policy, *, allow_empty: bool = False
) -> None:
    """Give all token keys of a partner another policy, and only them another index.

    Raises `OperatorError` where there is no such partner, or it reads the test list; and
    `PublishRefused` where nobody would be listed for it, unless that is allowed.
    """
    record = require_record(deployment.list_file, name)
    if record.mode == "test":
        raise OperatorError(NOT_LIMITED)
    if not allow_empty:
        refuse_reaching_nobody(deployment, name, policy)
    deployment.record("partner policy", partner=name, policy=msgspec.to_builtins(policy))
    with deployment.list_file.transaction():
        for key_id in record.key_ids:
            keep_policy(deployment.list_file, key_id, policy)
    release = put_partners_in_force(deployment, "partner policy")
    deployment.record("partner policy set", partner=name, release=release)


def set_state(
    deployment: Deployment,
    name: str,
    state: Literal["active", "suspended"],
    *,
    decided_at: int | None = None,
) -> None:
    """Answer a partner no more, or again; its keys and its index stay.

    It was decided now, where no moment is given (Unix seconds).
    Raises `NotPossible` where there is no such partner, or it was never wholly added.
    """
    command = "partner suspend" if state == "suspended" else "partner resume"
    list_file = deployment.list_file
    record = require_added_record(list_file, name)
    deployment.record(command, partner=name)
    if state == "suspended":
        note_suspended(list_file, name, deployment.now() if decided_at is None else decided_at)
    release = _put_in_force(deployment, msgspec.structs.replace(record, state=state), command)
    deployment.record(f"{command} done", partner=name, release=release)


@dataclass(frozen=True, slots=True)
class GivenLimits:
    """The limits to give, as a `PartnerRecord` names them; None leaves one as it is."""

    selectors_per_second: int | None = None
    burst_selectors: int | None = None
    daily_selectors: int | None = None
    matches_per_30_days: int | None = None
    on_suspicion: Suspicion | None = None

    def changes(self) -> dict[str, int | Suspicion]:
        """Return those that are given."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def set_limits(deployment: Deployment, name: str, limits: GivenLimits) -> None:
    """Let a partner ask so much; raises `OperatorError` as `set_state`."""
    record = require_added_record(deployment.list_file, name)
    limited = msgspec.structs.replace(record, **limits.changes())
    deployment.record("partner limits", partner=name, **limits.changes())
    release = _put_in_force(deployment, limited, "partner limits")
    deployment.record("partner limits set", partner=name, release=release)


def lift(deployment: Deployment, name: str) -> None:
    """Count the matches of a partner anew from now on, which lifts a hold.

    Raises `OperatorError` as `set_state`.
    """
    record = require_added_record(deployment.list_file, name)
    # Behind what was counted from before, whatever the clock says: holds name the moment.
    since = max(deployment.now(), record.matches_counted_from + 1)
    deployment.record("partner lift", partner=name, matches_counted_from=since)
    lifted = msgspec.structs.replace(record, matches_counted_from=since)
    release = _put_in_force(deployment, lifted, "partner lift")
    deployment.record("partner lifted", partner=name, release=release)


def _put_in_force(deployment: Deployment, record: PartnerRecord, command: str) -> int:
    """Note a record and publish it; returns the release."""
    keep_record(deployment.list_file, record, state="active")
    return put_partners_in_force(deployment, command)
