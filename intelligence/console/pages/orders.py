"""One order for a partner, and what is done with it."""

from uuid import UUID

from litestar import post
from litestar.di import NamedDependency
from litestar.enums import MediaType
from litestar.params import FromPath

from intelligence.console.pages.deciding import ConcernPages, order_handlers
from intelligence.console.pages.operations import require
from intelligence.console.rendering import Page, Rendering
from intelligence.console.visits import Visit
from intelligence.deployment import Desk
from intelligence.errors import FormRefused
from intelligence.partners.orders import Orders
from intelligence.staff.roles import RecordType, Verb


@post("/orders/{change_id:uuid}/kit", sync_to_thread=True)
def take_kit(
    change_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Give the kit to the one who has ordered it, this once, as a file."""
    require(visit, Verb.REVEAL, RecordType.PARTNER_ORDER, "kit")

    def do() -> Page:
        password = visit.form.text("password")
        partner, kit = desk.partners.kits.take(visit.who, change_id, password)
        return rendering.file(kit, f"{partner}.kit.json", MediaType.JSON)

    return rendering.showing(
        visit, do, lambda problem: _order(change_id, visit, desk, rendering, problem=problem)
    )


def _order(
    change_id: UUID,
    visit: Visit,
    desk: Desk,
    rendering: Rendering,
    *,
    problem: FormRefused | None = None,
) -> Page:
    order = desk.partners.order(visit.who, change_id)
    return rendering.page(
        visit,
        "order.html",
        problem=problem,
        order=order,
        file=desk.curation.overview.file(visit.who, order.file),
        way=desk.curation.overview.on_the_way(visit.who, desk.curation.turns.trouble),
    )


def _orders(desk: Desk) -> Orders:
    return desk.partners.orders


HANDLERS = (*order_handlers(ConcernPages("/orders", _orders, _order), _orders), take_kit)
