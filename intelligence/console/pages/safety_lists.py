"""The safety lists: what is never listed, and what is ordered of that."""

from typing import Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery

from intelligence.console.forms import Form
from intelligence.console.pages.deciding import ConcernPages, order_handlers
from intelligence.console.pages.operations import MOST_OF_REASON, require
from intelligence.console.rendering import Page, Rendering
from intelligence.console.visits import Visit
from intelligence.deployment import Desk
from intelligence.errors import FormRefused
from intelligence.exclusions.orders import RuleOrders
from intelligence.exclusions.proposals import MATCHES, TypedRule, ended_rule, new_rule
from intelligence.staff.roles import RecordType, Verb
from screening.exclusions.rules import Category
from screening.spools.exclusion_order import OfRules
from screening.vocabulary.selector import SelectorKind

_MOST_OF_VALUE: Final = 700


@get("/safety-lists", sync_to_thread=True)
def safety_lists_page(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
    *,
    page: FromQuery[int] = 1,
) -> Page:
    """List the rules, and a page of the orders that wait for somebody."""
    return _all(visit, desk, rendering, page=page)


@post("/safety-lists", sync_to_thread=True)
def exclude(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Have something be never listed, once another person has approved that."""
    require(visit, Verb.ADD, RecordType.SAFETY_ORDER)
    return rendering.after(
        visit,
        lambda: _given(visit, desk, new_rule(_typed(visit.form))),
        lambda problem: _all(visit, desk, rendering, problem=problem),
    )


@post("/safety-lists/end", sync_to_thread=True)
def unexclude(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Have a rule be in force no more, once another person has approved that."""
    require(visit, Verb.ADD, RecordType.SAFETY_ORDER)
    form = visit.form

    def do() -> str:
        kind, _, rest = form.text("rule", most=_MOST_OF_VALUE).partition(" ")
        match, _, value = rest.partition(" ")
        reason = form.line("reason", most=MOST_OF_REASON)
        return _given(visit, desk, ended_rule(kind, match, value, reason))

    return rendering.after(visit, do, lambda problem: _all(visit, desk, rendering, problem=problem))


def _typed(form: Form) -> TypedRule:
    return TypedRule(
        kind=form.text("kind"),
        match=form.text("match"),
        value=form.line("value", most=_MOST_OF_VALUE),
        region=form.line("region"),
        category=form.text("category"),
        note=form.line("note", most=MOST_OF_REASON),
        source=form.line("source", most=MOST_OF_REASON),
        reason=form.line("reason", most=MOST_OF_REASON),
        is_wide=bool(form.all("wide")),
    )


def _given(visit: Visit, desk: Desk, order: OfRules) -> str:
    give = desk.curation.safety_lists.orders.give
    return f"/safety-orders/{give(visit.who, order, visit.form.text('password'))}"


def _all(
    visit: Visit,
    desk: Desk,
    rendering: Rendering,
    *,
    page: int = 1,
    problem: FormRefused | None = None,
) -> Page:
    lists = desk.curation.safety_lists
    return rendering.page(
        visit,
        "safety_lists.html",
        problem=problem,
        rules=lists.all(visit.who),
        waiting=lists.waiting(visit.who, page=page),
        kinds=[kind.value for kind in SelectorKind],
        matches={match.value: words for match, words in MATCHES.items()},
        categories=[category.value for category in Category],
        way=desk.curation.overview.on_the_way(visit.who, desk.curation.turns.trouble),
        passed_over=desk.curation.overview.passed_over(visit.who, "exclusions"),
    )


def _order(
    change_id: UUID,
    visit: Visit,
    desk: Desk,
    rendering: Rendering,
    *,
    problem: FormRefused | None = None,
) -> Page:
    order = desk.curation.safety_lists.order(visit.who, change_id)
    return rendering.page(
        visit,
        "safety_order.html",
        problem=problem,
        order=order,
        file=desk.curation.overview.file(visit.who, order.file),
        way=desk.curation.overview.on_the_way(visit.who, desk.curation.turns.trouble),
    )


def _orders(desk: Desk) -> RuleOrders:
    return desk.curation.safety_lists.orders


HANDLERS = (
    *(safety_lists_page, exclude, unexclude),
    *order_handlers(ConcernPages("/safety-orders", _orders, _order, is_reviewed=False), _orders),
)
