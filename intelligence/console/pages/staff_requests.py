"""What administrators have asked for, and another person confirms or turns down."""

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from intelligence.console.pages.operations import require
from intelligence.console.rendering import Page, Rendering
from intelligence.console.visits import Visit
from intelligence.deployment import Desk
from intelligence.errors import FormRefused
from intelligence.staff.requests import WishOutcome
from intelligence.staff.roles import RecordType, Verb

_PATH = "/staff/requests"


@get(_PATH, sync_to_thread=True)
def requests_page(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """List what waits."""
    return _requests(visit, desk, rendering)


@post("/staff/requests/{request_id:uuid}/confirmation", sync_to_thread=True)
def confirm(
    request_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Have it done; show the other half of a token, this once."""
    require(visit, Verb.CHANGE, RecordType.STAFF_REQUEST, "decision")

    def do() -> Page:
        token = desk.requests.confirm(visit.who, request_id)
        if token is None:
            return rendering.going_to(_PATH)
        asked = WishOutcome(token, waits=False)
        return rendering.page(visit, "invited.html", back=_PATH, asked=asked, confirmed=True)

    return rendering.showing(
        visit, do, lambda problem: _requests(visit, desk, rendering, problem=problem)
    )


@post("/staff/requests/{request_id:uuid}/refusal", sync_to_thread=True)
def turn_down(
    request_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Have it not done."""
    require(visit, Verb.CHANGE, RecordType.STAFF_REQUEST, "decision")
    desk.requests.turn_down(visit.who, request_id)
    return rendering.going_to(_PATH)


def _requests(
    visit: Visit, desk: Desk, rendering: Rendering, problem: FormRefused | None = None
) -> Page:
    waiting = desk.requests.waiting(visit.who)
    return rendering.page(visit, "staff_requests.html", problem=problem, waiting=waiting)


HANDLERS = (requests_page, confirm, turn_down)
