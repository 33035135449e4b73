"""Rules as the indexer tells them, and orders of a test."""

from datetime import UTC, datetime
from uuid import UUID

from intelligence.exclusions.proposals import TypedRule, new_rule
from screening.exclusions.rules import Category, Match
from screening.spools.changes import Kind
from screening.spools.exclusion_order import OfRules
from screening.spools.exclusions_told import ExclusionsTold, ToldOverride, ToldRule
from tests.intelligence.curation.desk import Desk
from tests.intelligence.staff.services import PASSWORD, Person

PHONE, OTHER = "+1 202 555 0142", "+1 202 555 0177"
RANGE = "+12025550140..+12025550149"
MAILBOX = "abuse"
TYPED = TypedRule(
    kind="phone",
    match="range",
    value="+1 202 555 014x",
    region=None,
    category="shelter",
    note="a shelter",
    source="its page",
    reason="it called",
    is_wide=False,
)
SINCE = datetime(2026, 11, 2, 3, 4, 5, tzinfo=UTC)


def rule(
    kind: Kind = "phone",
    match: Match = Match.RANGE,
    value: str = RANGE,
    *,
    added_at: datetime | None = SINCE,
) -> ToldRule:
    return ToldRule(kind, match, value, Category.SHELTER, "a shelter", "its page", added_at, 3)


COMES_WITH = rule("email", Match.MAILBOX, MAILBOX, added_at=None)


def tell(desk: Desk, *rules: ToldRule, overrides: tuple[ToldOverride, ...] = ()) -> None:
    """Have the indexer tell how its safety lists stand."""
    by_name = sorted(rules, key=lambda one: one.identity)
    desk.indexer.write(
        lambda head: ExclusionsTold("screening-exclusions/1", *head, by_name, list(overrides))
    )
    desk.exchange.take_turn()


def given(desk: Desk, order: OfRules | None = None, by: Person | None = None) -> UUID:
    return desk.rule_orders.give((by or desk.cora).who, order or new_rule(TYPED), PASSWORD)


def state(desk: Desk, order_id: UUID) -> object:
    return desk.safety_lists.order(desk.abel.who, order_id).record["state"]
