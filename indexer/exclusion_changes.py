"""Changes of the safety lists, in force within seconds like every change of the list."""

import csv
import io
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from indexer.deployment import Deployment
from indexer.list.canaries import SpokenOf, count_canaries, count_hideable
from indexer.list.exclusions import (
    count_excluded,
    drop_rule,
    end_override,
    keep_rule,
    overridden_tags,
    override,
    own_rules,
    rules_tag,
)
from indexer.list.revisions import NO_REVISION, Revisions
from indexer.pending import are_safety_lists_pending
from indexer.publish import put_list_in_force
from indexer.releases import Releases
from screening.exclusions.defaults import default_rules
from screening.exclusions.matcher import Exclusions
from screening.exclusions.rules import RULE_COLUMNS, Rule
from screening.spools.exclusions_told import MOST_OVERRIDES, MOST_RULES
from screening.vocabulary.errors import NotPossible, OperatorError
from screening.vocabulary.selector import Canonical


def shown_rules(deployment: Deployment, *, own: bool) -> str:
    """Return the rules in force as CSV, with a header; or `own` ones only."""
    rules = own_rules(deployment.list_file) if own else deployment.exclusions()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(RULE_COLUMNS)
    writer.writerows(rule.row() for rule in rules)
    return text.getvalue()


class Reached(NamedTuple):
    """How many selectors a rule keeps off, or kept off, that no other does."""

    listed: int
    canaries: int


def require_room(exclusions: Exclusions, rule: Rule) -> None:
    """Raise `NotPossible` where a rule would be one more than the console can be told of.

    One that is in force already is none more, as where an order is followed again after a kill.
    """
    if len(exclusions) >= MOST_RULES and not is_among(rule, exclusions):
        raise NotPossible(
            f"there are {MOST_RULES} rules, and no more can be; have ranges or domains stand for "
            "many of them"
        )


def require_room_to_override(overridden: Collection[bytes], tags: Iterable[bytes]) -> None:
    """Raise `OperatorError` where more selectors would have an override than can be told of.

    `overridden` are the blind tags of those that have one, and `tags` of those that are to.
    """
    if len({*overridden, *tags}) > MOST_OVERRIDES:
        raise OperatorError(
            f"no more than {MOST_OVERRIDES} selectors can have an override; narrow the rule that "
            "covers them"
        )


def add_rule(deployment: Deployment, rule: Rule, *, decided_at: int | None = None) -> Reached:
    """Put a rule in force; return how many selectors it keeps off that none kept off.

    It was decided now, where no moment is given (Unix seconds).
    Raises `OperatorError` where there are as many as the console can be told of.
    """
    require_room(deployment.exclusions(), rule)
    deployment.record("exclusions add", kind=rule.kind, match=rule.match, category=rule.category)
    before = _excluded(deployment)
    at = deployment.now() if decided_at is None else decided_at
    keep_rule(deployment.list_file, rule, deployment.actor, decided_at=at)
    _put_in_force(deployment, "exclusions add")
    after = _excluded(deployment)
    return Reached(after.listed - before.listed, after.canaries - before.canaries)


def remove_rule(deployment: Deployment, rule: Rule) -> Reached:
    """Remove a rule of our own; return how many selectors are listed, or canaries, again.

    Raises `OperatorError` where there is no such rule; but goes on where a change of the safety
    lists was noted and is not in force, as when this command has died. That change was never of a
    rule that comes with the indexer.
    """
    is_own = is_among(rule, own_rules(deployment.list_file))
    if not is_own and (comes_with_indexer(deployment, rule) or not is_change_pending(deployment)):
        raise NotPossible("no such rule was added here; see: indexer exclusions list --own")
    deployment.record("exclusions remove", kind=rule.kind, match=rule.match)
    before = _excluded(deployment)
    drop_rule(deployment.list_file, rule)
    _put_in_force(deployment, "exclusions remove")
    after = _excluded(deployment)
    return Reached(before.listed - after.listed, before.canaries - after.canaries)


def override_rules(deployment: Deployment, selectors: Sequence[Canonical], reason: str) -> None:
    """Let selectors be listed although a rule covers them."""
    if not reason.strip():
        raise OperatorError("an override needs a reason; give it with --reason")
    list_file = deployment.list_file
    require_room_to_override(overridden_tags(list_file), map(list_file.tags.of, selectors))
    deployment.record("exclusions override", selectors=len(selectors))
    revision = override(
        deployment.list_file,
        selectors,
        deployment.exclusions(),
        reason=reason,
        actor=deployment.actor,
    )
    _put_in_force(deployment, "exclusions override", revision)


def restore_rules(deployment: Deployment, selectors: Sequence[Canonical]) -> None:
    """Hold selectors against the rules again.

    Raises `OperatorError` where one of them has no override; but goes on as `remove_rule` does.
    """
    list_file, exclusions = deployment.list_file, deployment.exclusions()
    overridden = overridden_tags(list_file).issuperset(map(list_file.tags.of, selectors))
    if not overridden and not is_change_pending(deployment):
        raise OperatorError(
            "a selector of these has no override, and nothing is changed; see: indexer show "
            "KIND:VALUE"
        )
    deployment.record("exclusions unoverride", selectors=len(selectors))
    revision = end_override(list_file, selectors, exclusions)
    _put_in_force(deployment, "exclusions unoverride", revision)


def comes_with_indexer(deployment: Deployment, rule: Rule) -> bool:
    """Tell whether a rule is one of the defaults, which are in force by their categories."""
    return is_among(rule, default_rules(deployment.settings.excluded_categories))


def is_among(rule: Rule, rules: Iterable[Rule]) -> bool:
    """Tell whether one of `rules` covers what `rule` does, whatever is written beside it."""
    return rule.identity() in {one.identity() for one in rules}


def is_change_pending(deployment: Deployment) -> bool:
    """Tell whether the list in force was held against other safety lists than there are now."""
    rules = rules_tag(deployment.list_file, deployment.exclusions())
    current = Releases(deployment).current()
    return are_safety_lists_pending(deployment.list_file, current, rules)


def _put_in_force(deployment: Deployment, command: str, revision: int | None = None) -> None:
    """Put the list in force under the rules as they are now: `revision`, or the current one.

    Before the first list nothing is put in force: an empty one would answer "no" to everything.
    """
    current = Releases(deployment).current()
    if current is None or not current.revision:
        Revisions(deployment.list_file).discard_drafts()
        return
    release, revision = put_list_in_force(deployment, command, revision or current.revision)
    deployment.record(f"{command} done", release=release, revision=revision)


def _excluded(deployment: Deployment) -> Reached:
    """Count what is kept off, of canaries also what the list itself speaks of."""
    list_file, current = deployment.list_file, Releases(deployment).current()
    revision = NO_REVISION if current is None else current.revision
    spoken_of = SpokenOf(list_file, revision, deployment.exclusions())
    canaries = count_canaries(list_file).kept - count_hideable(list_file, spoken_of)
    return Reached(count_excluded(list_file, revision), canaries)
