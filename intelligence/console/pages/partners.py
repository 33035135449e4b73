"""Partners: how each stands, and what is ordered for one."""

from functools import partial

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from intelligence.console.pages.operations import MOST_OF_REASON, require
from intelligence.console.rendering import Page, Rendering
from intelligence.console.visits import Visit
from intelligence.deployment import Desk
from intelligence.errors import FormRefused
from intelligence.staff.roles import RecordType, Verb
from screening.spools.order import Order, Resume, Suspend


@get("/partners", sync_to_thread=True)
def partners_page(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """List partners, and orders that wait for somebody."""
    partners = desk.partners
    return rendering.page(
        visit,
        "partners.html",
        partners=partners.all(visit.who),
        waiting=partners.waiting(visit.who),
        trouble=desk.curation.turns.trouble,
    )


@get("/partners/{name:str}", sync_to_thread=True)
def partner_page(
    name: FromPath[str],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Show one partner, and what was ordered for it."""
    return _partner(name, visit, desk, rendering)


@post("/partners/{name:str}/suspension", sync_to_thread=True)
def suspend(
    name: FromPath[str],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Have a partner answered no more, at once."""
    return _ordered(name, visit, desk, rendering, kind=Suspend)


@post("/partners/{name:str}/resumption", sync_to_thread=True)
def resume(
    name: FromPath[str],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Have a partner answered again, once another person has approved that."""
    return _ordered(name, visit, desk, rendering, kind=Resume)


def _ordered(
    name: str, visit: Visit, desk: Desk, rendering: Rendering, *, kind: type[Order]
) -> Page:
    require(visit, Verb.ADD, RecordType.PARTNER_ORDER)

    def do() -> str:
        reason = visit.form.line("reason", most=MOST_OF_REASON)
        if reason is None:
            raise FormRefused("the reason is missing: say why, for those who look at it later")
        give = desk.partners.orders.give
        return f"/orders/{give(visit.who, kind(name, reason), visit.form.text('password'))}"

    return rendering.after(do, partial(_refused, name, visit, desk, rendering=rendering))


def _refused(name: str, visit: Visit, desk: Desk, problem: str, *, rendering: Rendering) -> Page:
    return _partner(name, visit, desk, rendering, problem=problem)


def _partner(
    name: str, visit: Visit, desk: Desk, rendering: Rendering, *, problem: str | None = None
) -> Page:
    partner, orders = desk.partners.one(visit.who, name)
    return rendering.page(
        visit, "partner.html", problem=problem, partner=partner, name=name, orders=orders
    )


HANDLERS = (partners_page, partner_page, suspend, resume)
