"""Partners that were told "match" of what was taken off: told of that, or not."""

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from intelligence.console.pages.operations import MOST_OF_REASON, require
from intelligence.console.rendering import Page, Rendering
from intelligence.console.visits import Visit
from intelligence.deployment import Desk
from intelligence.errors import FormRefused
from intelligence.staff.roles import RecordType, Verb


@get("/notices", sync_to_thread=True)
def notices_page(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """List what somebody has to decide."""
    return _due(visit, desk, rendering)


@post("/notices/{change_id:uuid}", sync_to_thread=True)
def give(
    change_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Have all partners told."""
    require(visit, Verb.ADD, RecordType.NOTICE)

    def do() -> str:
        reason = visit.form.line("reason", most=MOST_OF_REASON)
        desk.notices.give(visit.who, change_id, reason, visit.form.text("password"))
        return "/notices"

    return rendering.after(visit, do, lambda problem: _due(visit, desk, rendering, problem=problem))


@post("/notices/{change_id:uuid}/dismissal", sync_to_thread=True)
def dismiss(
    change_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Note that nobody is to be told."""

    def do() -> str:
        desk.notices.dismiss(visit.who, change_id)
        return "/notices"

    return rendering.after(visit, do, lambda problem: _due(visit, desk, rendering, problem=problem))


def _due(
    visit: Visit, desk: Desk, rendering: Rendering, *, problem: FormRefused | None = None
) -> Page:
    due = desk.notices.due(visit.who)
    return rendering.page(visit, "notices.html", problem=problem, due=due)


HANDLERS = (notices_page, give, dismiss)
