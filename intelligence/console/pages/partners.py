"""Partners: how each stands, and what is ordered for one."""

from functools import partial

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from intelligence.console.forms import Form
from intelligence.console.pages.operations import MOST_OF_REASON, number_of, require
from intelligence.console.rendering import Page, Rendering
from intelligence.console.visits import Visit
from intelligence.deployment import Desk
from intelligence.errors import FormRefused
from intelligence.partners.proposals import (
    KINDS,
    OVERLAP_DAYS,
    ROLES,
    TypedPartner,
    new_partner,
    rotation,
    state_order,
)
from intelligence.staff.roles import RecordType, Verb
from screening.spools.order import Order, Resume, Suspend


@get("/partners", sync_to_thread=True)
def partners_page(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
    *,
    page: FromQuery[int] = 1,
) -> Page:
    """List partners, and a page of the orders that wait for somebody."""
    partners = desk.partners
    return rendering.page(
        visit,
        "partners.html",
        partners=partners.all(visit.who),
        told_at=partners.told_at(visit.who),
        waiting=partners.waiting(visit.who, page=page),
        way=desk.curation.overview.on_the_way(visit.who, desk.curation.turns.trouble),
        passed_over=desk.curation.overview.passed_over(visit.who, "partners", "usage"),
    )


@get("/partners/{name:str}", sync_to_thread=True)
def partner_page(
    name: FromPath[str],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
    *,
    page: FromQuery[int] = 1,
) -> Page:
    """Show one partner, and a page of what was ordered for it."""
    return _partner(name, visit, desk, rendering, page=page)


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


@post("/partners/{name:str}/rotation", sync_to_thread=True)
def rotate(
    name: FromPath[str],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Have a partner given new keys, once another person has approved that."""
    require(visit, Verb.ADD, RecordType.PARTNER_ORDER)
    form = visit.form

    def do() -> str:
        days, reason = number_of(form, "overlap_days"), form.line("reason", most=MOST_OF_REASON)
        return _given(visit, desk, rotation(name, reason, form.line("api_url", most=300), days))

    return rendering.after(visit, do, partial(_refused, name, visit, desk, rendering=rendering))


@get("/new-partner", sync_to_thread=True)
def new_partner_page(visit: NamedDependency[Visit], rendering: NamedDependency[Rendering]) -> Page:
    """Ask for a new partner."""
    require(visit, Verb.ADD, RecordType.PARTNER_ORDER)
    return _new_partner(visit, rendering)


@post("/partners", sync_to_thread=True)
def admit(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Have a new partner, once another person has approved that."""
    require(visit, Verb.ADD, RecordType.PARTNER_ORDER)

    def do() -> str:
        return _given(visit, desk, new_partner(_typed(visit.form)))

    return rendering.after(
        visit, do, lambda problem: _new_partner(visit, rendering, problem=problem)
    )


def _typed(form: Form) -> TypedPartner:
    return TypedPartner(
        name=form.line("name"),
        reason=form.line("reason", most=MOST_OF_REASON),
        api_url=form.line("api_url", most=300),
        is_test=form.text("mode") == "test",
        has_bulk=bool(form.all("bulk")),
        kinds=form.all("kinds"),
        roles=form.all("roles"),
        min_confidence=number_of(form, "min_confidence"),
        lists=form.line("lists", most=1_000),
        jurisdictions=form.line("jurisdictions", most=1_000),
    )


def _new_partner(visit: Visit, rendering: Rendering, *, problem: FormRefused | None = None) -> Page:
    return rendering.page(visit, "partner_new.html", problem=problem, kinds=KINDS, roles=ROLES)


def _given(visit: Visit, desk: Desk, order: Order) -> str:
    give = desk.partners.orders.give
    return f"/orders/{give(visit.who, order, visit.form.text('password'))}"


def _ordered(
    name: str, visit: Visit, desk: Desk, rendering: Rendering, *, kind: type[Suspend | Resume]
) -> Page:
    require(visit, Verb.ADD, RecordType.PARTNER_ORDER)

    def do() -> str:
        reason = visit.form.line("reason", most=MOST_OF_REASON)
        return _given(visit, desk, state_order(kind, name, reason))

    return rendering.after(visit, do, partial(_refused, name, visit, desk, rendering=rendering))


def _refused(
    name: str, visit: Visit, desk: Desk, problem: FormRefused, *, rendering: Rendering
) -> Page:
    return _partner(name, visit, desk, rendering, problem=problem)


def _partner(
    name: str,
    visit: Visit,
    desk: Desk,
    rendering: Rendering,
    *,
    page: int = 1,
    problem: FormRefused | None = None,
) -> Page:
    partner, orders = desk.partners.one(visit.who, name, page=page)
    return rendering.page(
        visit,
        "partner.html",
        problem=problem,
        partner=partner,
        name=name,
        orders=orders,
        overlap_days=OVERLAP_DAYS,
    )


HANDLERS = (partners_page, partner_page, new_partner_page, admit, suspend, resume, rotate)
