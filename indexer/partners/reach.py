"""What of the list a partner's policy reaches: a name that is misspelt reaches nobody, for good."""

from dataclasses import dataclass

from indexer.deployment import Deployment
from indexer.list.entitlements import find_policy
from indexer.list.entries import lists_with_entries
from indexer.list.partners import require_record
from indexer.list.policy import Policy
from indexer.list.resolved import publishes_any
from indexer.list.revisions import NO_REVISION, Revisions
from indexer.partners.issue import NOT_LIMITED
from indexer.releases import Releases
from screening.vocabulary.errors import OperatorError


@dataclass(frozen=True, slots=True)
class Reach:
    """Of a partner: lists of its policy that have no entry, beside all `lists` that have any.

    `is_empty` where a list is in force, and no selector of it is the partner's.
    """

    unknown_lists: list[str]
    lists: list[str]
    is_empty: bool


def policy_of_partner(deployment: Deployment, name: str) -> Policy:
    """Return the policy of a partner's token keys, which all have the same one.

    Raises `OperatorError` where there is no such partner, or it reads the test list.
    """
    record = require_record(deployment.list_file, name)
    if record.mode == "test":
        raise OperatorError(NOT_LIMITED)
    return find_policy(deployment.list_file, record.key_ids[0])


def find_reach(deployment: Deployment, name: str) -> Reach:
    """Return what a partner's policy reaches of the list in force; a test partner lacks nothing."""
    list_file = deployment.list_file
    if require_record(list_file, name).mode == "test":
        return Reach([], [], is_empty=False)
    policy = policy_of_partner(deployment, name)
    lists = lists_with_entries(list_file)
    unknown = [one for one in policy.lists or () if one not in lists]
    current = Releases(deployment).current()
    if current is None or current.revision == NO_REVISION:
        return Reach(unknown, lists, is_empty=False)
    as_of = Revisions(list_file).judged_as_of(current.revision, deployment.now())
    is_empty = not publishes_any(list_file, current.revision, policy, as_of=as_of)
    return Reach(unknown, lists, is_empty=is_empty)
