"""What is kept off: the console is told which rules there are, and whom hands have taken off.

What is told is held against drafts there, so that nobody signs what would come back, and nobody is
shown as listed who is not.
"""

from datetime import UTC, datetime
from typing import Final, NamedTuple

from indexer.deployment import Deployment
from indexer.list.exclusions import (
    count_by_rule,
    overridden,
    own_rules_by_age,
    standing_tag,
)
from indexer.list.retracted_by_hand import retracted_by_hand
from indexer.spool.states import States
from screening.exclusions.matcher import Exclusions
from screening.exclusions.rules import Rule
from screening.spools.exclusions_told import (
    MOST_TAKEN_OFF,
    ExclusionsTold,
    ToldOverride,
    ToldRule,
    ToldTakenOff,
)
from screening.spools.up_file import UpHead

_FORMAT: Final = "screening-exclusions/2"


class KeptOff(NamedTuple):
    """How many rules were told, and how many selectors that hands have taken off.

    Of the earliest of these `left_out` more are not named.
    """

    rules: int
    taken_off: int
    left_out: int


class SafetyLists:
    """Tells of the safety lists of a deployment, and of what hands do beside its console."""

    def __init__(self, deployment: Deployment, *, most_taken_off: int = MOST_TAKEN_OFF) -> None:
        """Raises `OperatorError` where `spool init` has not been run."""
        self._d = deployment
        self._most_taken_off = most_taken_off
        self._states = States(deployment, "exclusions", _FORMAT)

    def tell(self, *, again: bool = False) -> KeptOff | None:
        """Tell how they stand; return how much was told, None where it is no news.

        Whoever watches asks each minute: what is kept off is opened only where it may be other.
        """
        list_file, exclusions = self._d.list_file, self._d.exclusions()
        revision = list_file.landed_revision()
        tag = standing_tag(list_file, exclusions, revision).hex()
        if self._states.is_as_before(tag) and not again:
            return None
        rules = self._rules(exclusions, revision)
        overrides = sorted(ToldOverride(one.kind.value, one.text) for one in overridden(list_file))
        latest, left_out = retracted_by_hand(list_file, revision, most=self._most_taken_off)
        taken_off = sorted(
            ToldTakenOff(one.kind.value, one.text, datetime.fromtimestamp(at, UTC))
            for one, at in latest
        )
        standing = (rules, overrides, taken_off, left_out)

        def told(head: UpHead) -> ExclusionsTold:
            return ExclusionsTold(_FORMAT, *head, *standing)

        facts = {"rules": len(rules), "overrides": len(overrides)}
        facts |= {"taken_off": len(taken_off), "left_out": left_out}
        is_news = self._states.tell(standing, told, facts, again=again)
        self._states.note(tag)
        return KeptOff(len(rules), len(taken_off), left_out) if is_news else None

    def _rules(self, exclusions: Exclusions, revision: int) -> list[ToldRule]:
        list_file = self._d.list_file
        own = {rule.identity(): at for rule, at in own_rules_by_age(list_file).items()}
        kept_off = count_by_rule(list_file, revision, exclusions)
        told = [_told(rule, own.get(rule.identity()), kept_off[rule]) for rule in exclusions]
        return sorted(told, key=lambda one: one.identity)


def _told(rule: Rule, added_at: int | None, kept_off: int) -> ToldRule:
    return ToldRule(
        kind=rule.kind.value,
        match=rule.match,
        value=rule.value,
        category=rule.category,
        note=rule.note,
        source=rule.source,
        added_at=None if added_at is None else datetime.fromtimestamp(added_at, UTC),
        keeps_off=kept_off,
    )
