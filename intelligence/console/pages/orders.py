"""One order for a partner, and what is done with it."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.enums import MediaType
from litestar.params import FromPath

from intelligence.console.pages.operations import MOST_OF_REASON, require
from intelligence.console.rendering import Page, Rendering
from intelligence.console.visits import Visit
from intelligence.deployment import Desk
from intelligence.errors import FormRefused
from intelligence.staff.roles import RecordType, Verb


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


@post("/orders/{order_id:uuid}/kit", sync_to_thread=True)
def take_kit(
    order_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Response[bytes] | Page:
    """Give the kit to the one who has ordered it, this once, as a file."""
    require(visit, Verb.REVEAL, RecordType.PARTNER_ORDER, "kit")
    take = desk.partners.kits.take
    try:
        partner, kit = take(visit.who, order_id, visit.form.text("password"))
    except FormRefused as error:
        return _order(order_id, visit, desk, rendering, problem=str(error))
    headers = {"content-disposition": f'attachment; filename="{partner}.kit.json"'}
    return Response(kit, status_code=200, media_type=MediaType.JSON, headers=headers)


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


HANDLERS = (order_page, approve, refuse, withdraw, review, note, take_kit)
