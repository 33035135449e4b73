"""What the console has ordered of the safety lists is done by what `indexer exclusions` uses."""

from indexer.deployment import Deployment
from indexer.exclusion_changes import (
    add_rule,
    comes_with_indexer,
    is_among,
    is_change_pending,
    remove_rule,
)
from indexer.list.exclusions import own_rules
from indexer.spool.undone_since import refuse_undoing_rule
from screening.exclusions.rules import Category, Rule, parse_rule
from screening.spools.exclusion_order import Exclude, ExclusionOrder, OfRules
from screening.vocabulary.errors import NotPossible, OperatorError, SpoolRefused


def follow_rule(deployment: Deployment, signed: ExclusionOrder) -> None:
    """Have an order of the safety lists in force when this returns.

    Followed again, as after a kill, it changes nothing. Raises `SpoolRefused` where the rule is not
    spelled as rules are, and `NotPossible` where it cannot be made or ended, or was made since.
    """
    order = signed.order
    try:
        rule = _rule(order)
    except OperatorError as error:  # by what the order says alone, so it stays so
        raise NotPossible(str(error)) from None
    if isinstance(order, Exclude):
        add_rule(deployment, rule, decided_at=int(signed.written_at.timestamp()))
    elif comes_with_indexer(deployment, rule):
        # First of all: it stays in force, also where the same was added here, or a change waits.
        raise NotPossible(
            "this rule comes with the indexer, whose rules go by category: see "
            "INDEXER_EXCLUDED_CATEGORIES"
        )
    elif is_among(rule, own_rules(deployment.list_file)) or is_change_pending(deployment):
        refuse_undoing_rule(deployment.list_file, rule, signed.written_at)
        remove_rule(deployment, rule)


def _rule(order: OfRules) -> Rule:
    given = (order.kind, order.match, order.value)
    if isinstance(order, Exclude):
        rule = parse_rule(
            *given,
            category=order.category,
            note=order.note,
            source=order.source,
            wide=order.is_wide,
        )
    else:
        rule = parse_rule(*given, category=Category.OTHER, wide=True)
    if rule.value != order.value:
        raise SpoolRefused(
            "not_canonical", "a rule is spelled otherwise than it is kept; have it written anew"
        )
    return rule
