"""The inbox of what partners say of matches."""

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from intelligence.console.rendering import Page, Rendering
from intelligence.console.visits import Visit
from intelligence.deployment import Desk


@get("/feedback", sync_to_thread=True)
def feedback_page(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """List what nobody has looked at, what is false first."""
    return _inbox(visit, desk, rendering)


@post("/feedback/{feedback_id:uuid}/note", sync_to_thread=True)
def note(
    feedback_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Note that one has looked at it."""

    def do() -> str:
        desk.feedback.note(visit.who, feedback_id)
        return "/feedback"

    return rendering.after(do, lambda problem: _inbox(visit, desk, rendering, problem=problem))


def _inbox(visit: Visit, desk: Desk, rendering: Rendering, *, problem: str | None = None) -> Page:
    waiting = desk.feedback.waiting(visit.who)
    left_out = desk.feedback.left_out(visit.who)
    return rendering.page(
        visit, "feedback.html", problem=problem, waiting=waiting, left_out=left_out
    )


HANDLERS = (feedback_page, note)
