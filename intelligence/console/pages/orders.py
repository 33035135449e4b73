"""One order for a partner, and what is done with it."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from intelligence.console.pages.operations import MOST_OF_REASON
from intelligence.console.rendering import Page, Rendering
from intelligence.console.visits import Visit
from intelligence.deployment import Desk


@get("/orders/{order_id:uuid}", sync_to_thread=True)
def order_page(
    order_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Show one order, and what has become of it."""
    return _order(order_id, visit, desk, rendering)


@post("/orders/{order_id:uuid}/approval", sync_to_thread=True)
def approve(
    order_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Sign what another has ordered."""
    password = visit.form.text("password")
    do = partial(desk.partners.orders.approve, visit.who, order_id, password)
    return _after(do, order_id, visit, desk=desk, rendering=rendering)


@post("/orders/{order_id:uuid}/refusal", sync_to_thread=True)
def refuse(
    order_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Refuse what another has ordered."""
    reason = visit.form.line("reason", most=MOST_OF_REASON)
    do = partial(desk.partners.orders.refuse, visit.who, order_id, reason)
    return _after(do, order_id, visit, desk=desk, rendering=rendering)


@post("/orders/{order_id:uuid}/withdrawal", sync_to_thread=True)
def withdraw(
    order_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Take back what one has ordered."""
    reason = visit.form.line("reason", most=MOST_OF_REASON)
    do = partial(desk.partners.orders.withdraw, visit.who, order_id, reason)
    return _after(do, order_id, visit, desk=desk, rendering=rendering)


@post("/orders/{order_id:uuid}/review", sync_to_thread=True)
def review(
    order_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Note that another person has looked at a suspension."""
    do = partial(desk.partners.orders.review, visit.who, order_id)
    return _after(do, order_id, visit, desk=desk, rendering=rendering)


@post("/orders/{order_id:uuid}/note", sync_to_thread=True)
def note(
    order_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Note that one has seen that nothing came of an order."""
    do = partial(desk.partners.orders.note, visit.who, order_id)
    return _after(do, order_id, visit, desk=desk, rendering=rendering)


def _after(
    do: Callable[[], None], order_id: UUID, visit: Visit, *, desk: Desk, rendering: Rendering
) -> Page:
    def done() -> str:
        do()
        return f"/orders/{order_id}"

    return rendering.after(
        done, lambda problem: _order(order_id, visit, desk, rendering, problem=problem)
    )


def _order(
    order_id: UUID,
    visit: Visit,
    desk: Desk,
    rendering: Rendering,
    *,
    problem: str | None = None,
) -> Page:
    order = desk.partners.order(visit.who, order_id)
    return rendering.page(
        visit,
        "order.html",
        problem=problem,
        order=order,
        file=desk.curation.overview.file(order.file),
        trouble=desk.curation.turns.trouble,
    )


HANDLERS = (order_page, approve, refuse, withdraw, review, note)
