"""What a curator fills in -> an order of the safety lists, or a sentence of what to do."""

from dataclasses import dataclass
from typing import Final

from intelligence.curation.ordering import checked
from intelligence.curation.purposes import reason_typed
from intelligence.curation.recognising import require_region
from intelligence.errors import FormRefused
from screening.exclusions.rules import Category, Match, Rule, parse_rule
from screening.spools.exclusion_order import Exclude, OfRules, Unexclude
from screening.vocabulary.errors import OperatorError

_OPTION: Final = "say that all of it is meant with --wide"
_BOX: Final = 'tick "All of it is meant"'


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedRule:
    """The fields of a rule as they were typed or chosen."""

    kind: str
    match: str
    value: str | None
    region: str | None
    category: str
    note: str | None
    source: str | None
    reason: str | None
    is_wide: bool

    def __repr__(self) -> str:
        return "TypedRule(...)"


def new_rule(typed: TypedRule) -> OfRules:
    """Return that a rule is to be in force; raises `FormRefused`."""
    rule = _parsed(typed)
    return checked(
        Exclude(
            kind=rule.kind.value,
            match=rule.match,
            value=rule.value,
            reason=reason_typed(typed.reason),
            category=rule.category,
            note=rule.note,
            source=rule.source,
            is_wide=typed.is_wide,
        )
    )


def ended_rule(kind: str, match: str, value: str, reason: str | None) -> OfRules:
    """Return that a rule is to be in force no more; raises `FormRefused`."""
    try:
        rule = parse_rule(kind, match, value, category=Category.OTHER, wide=True)
    except OperatorError:
        raise FormRefused("that is no rule; choose one that is in force", "rule") from None
    return checked(Unexclude(rule.kind.value, rule.match, rule.value, reason_typed(reason)))


def rule_of(order: OfRules) -> Rule:
    """Return the rule that an order is of."""
    category = order.category if isinstance(order, Exclude) else Category.OTHER
    return parse_rule(order.kind, order.match, order.value, category=category, wide=True)


def _parsed(typed: TypedRule) -> Rule:
    if typed.value is None:
        raise FormRefused(
            "the value is missing: say which numbers or addresses are never listed", "value"
        )
    if typed.note is None:
        raise FormRefused(
            "the note is missing: say what it is, for those who come after you", "note"
        )
    require_region(typed.region)
    try:
        return parse_rule(
            typed.kind,
            typed.match,
            typed.value,
            category=typed.category,
            note=typed.note,
            source=typed.source or "",
            region=typed.region,
            wide=typed.is_wide,
        )
    except OperatorError as error:
        raise FormRefused(str(error).replace(_OPTION, _BOX)) from None


MATCHES: Final = {
    Match.EXACT: "this one",
    Match.RANGE: "a range of numbers",
    Match.DOMAIN: "a domain and all below it",
    Match.MAILBOX: "a mailbox at every domain",
}
