"""Change what a partner is given: its part of the list, how much, and whether it is answered."""

from typing import Literal

import msgspec

from indexer.deployment import Deployment
from indexer.list.entitlements import keep_policy
from indexer.list.partners import keep_record, require_record
from indexer.list.policy import Policy
from indexer.partners.issue import NOT_LIMITED, put_partners_in_force
from screening.registry.record import PartnerRecord
from screening.vocabulary.errors import OperatorError


def set_policy(deployment: Deployment, name: str, policy: Policy) -> None:
    """Give all token keys of a partner another policy, and only them another index.

    Raises `OperatorError` where there is no such partner, or it reads the test list.
    """
    record = require_record(deployment.list_file, name)
    if record.mode == "test":
        raise OperatorError(NOT_LIMITED)
    deployment.record("partner policy", partner=name, policy=msgspec.to_builtins(policy))
    with deployment.list_file.transaction():
        for key_id in record.key_ids:
            keep_policy(deployment.list_file, key_id, policy)
    release = put_partners_in_force(deployment, "partner policy")
    deployment.record("partner policy set", partner=name, release=release)


def set_state(deployment: Deployment, name: str, state: Literal["active", "suspended"]) -> None:
    """Answer a partner no more, or again; its keys and its index stay.

    Raises `OperatorError` where there is no such partner, or it was never wholly added.
    """
    command = "partner suspend" if state == "suspended" else "partner resume"
    record = _wholly_added(deployment, name)
    deployment.record(command, partner=name)
    release = _put_in_force(deployment, msgspec.structs.replace(record, state=state), command)
    deployment.record(f"{command} done", partner=name, release=release)


def limits_of(deployment: Deployment, name: str) -> tuple[int, int]:
    """Return how many selectors a second, and a day, a partner may ask; raises `OperatorError`."""
    record = require_record(deployment.list_file, name)
    return record.selectors_per_second, record.daily_selectors


def set_limits(
    deployment: Deployment, name: str, *, per_second: int | None, daily: int | None
) -> None:
    """Let a partner ask so many selectors a second, or a day; None leaves a limit as it is.

    Raises `OperatorError` as `set_state`.
    """
    record = _wholly_added(deployment, name)
    limited = msgspec.structs.replace(
        record,
        selectors_per_second=record.selectors_per_second if per_second is None else per_second,
        daily_selectors=record.daily_selectors if daily is None else daily,
    )
    counts = {
        "selectors_per_second": limited.selectors_per_second,
        "daily_selectors": limited.daily_selectors,
    }
    deployment.record("partner limits", partner=name, **counts)
    release = _put_in_force(deployment, limited, "partner limits")
    deployment.record("partner limits set", partner=name, release=release)


def _wholly_added(deployment: Deployment, name: str) -> PartnerRecord:
    record = require_record(deployment.list_file, name)
    if deployment.list_file.partner_state(name) != "active":
        raise OperatorError(f"{name} is half added: run its partner add again")
    return record


def _put_in_force(deployment: Deployment, record: PartnerRecord, command: str) -> int:
    """Note a record and publish it; returns the release."""
    keep_record(deployment.list_file, record, state="active")
    return put_partners_in_force(deployment, command)
