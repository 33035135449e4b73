"""What of the list a partner's policy reaches: a name that is misspelt reaches nobody, for good."""

from dataclasses import dataclass

from indexer.deployment import Deployment
from indexer.list.entitlements import find_policy
from indexer.list.entries import lists_with_entries
from indexer.list.partners import require_record
from indexer.list.policy import EVERYTHING, Policy
from indexer.list.resolved import publishes_any
from indexer.list.revisions import NO_REVISION, Revisions
from indexer.partners.issue import NOT_LIMITED
from indexer.releases import Releases
from screening.vocabulary.errors import OperatorError, PublishRefused


@dataclass(frozen=True, slots=True)
class Reach:
    """Of a partner: lists of its policy that have no entry, beside all `lists` that have any.

    `is_empty` where a list is in force, and no selector of it is the partner's.
    """

    unknown_lists: list[str]
    lists: list[str]
    is_empty: bool

    def about_unknown_lists(self) -> str:
        """Return, for a person, which lists are unknown, and which there are."""
        return (
            f"no entry is in list {', '.join(self.unknown_lists)}; "
            f"lists are {', '.join(self.lists) or 'none yet'}"
        )


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
    if require_record(deployment.list_file, name).mode == "test":
        return Reach([], [], is_empty=False)
    return _reach_of(deployment, policy_of_partner(deployment, name))


def refuse_reaching_nobody(deployment: Deployment, name: str, policy: Policy) -> None:
    """Raise `PublishRefused` where a policy would reach nobody of a list that lists somebody.

    All of the partner's checks would be answered no match, at once, and nobody there would know.
    """
    reach = _reach_of(deployment, policy)
    if not reach.is_empty or _reach_of(deployment, EVERYTHING).is_empty:
        return
    unknown = f"{reach.about_unknown_lists()}: " if reach.unknown_lists else ""
    raise PublishRefused(
        f"{unknown}nobody of the list would be left for {name}, and all its checks be answered no "
        "match; correct the policy, or pass --allow-empty; nothing is changed"
    )


def _reach_of(deployment: Deployment, policy: Policy) -> Reach:
    list_file = deployment.list_file
    lists = lists_with_entries(list_file)
    unknown = [one for one in policy.lists or () if one not in lists]
    current = Releases(deployment).current()
    if current is None or current.revision == NO_REVISION:
        return Reach(unknown, lists, is_empty=False)
    as_of = Revisions(list_file).judged_as_of(current.revision, deployment.now())
    is_empty = not publishes_any(list_file, current.revision, policy, as_of=as_of)
    return Reach(unknown, lists, is_empty=is_empty)
