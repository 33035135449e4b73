"""Change what a partner is given: its part of the list, and whether it is answered at all."""

from typing import Literal

import msgspec

from indexer.deployment import Deployment
from indexer.list.entitlements import keep_policy
from indexer.list.partners import keep_record, require_record
from indexer.list.policy import Policy
from indexer.partners.issue import NOT_LIMITED, put_partners_in_force
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
    record = require_record(deployment.list_file, name)
    if deployment.list_file.partner_state(name) != "active":
        raise OperatorError(f"{name} is half added: run its partner add again")
    deployment.record(command, partner=name)
    keep_record(deployment.list_file, msgspec.structs.replace(record, state=state), state="active")
    release = put_partners_in_force(deployment, command)
    deployment.record(f"{command} done", partner=name, release=release)
