"""Whom hands have taken off at the indexer: to be taken off here, too."""

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from intelligence.console.rendering import Page, Rendering
from intelligence.console.visits import Visit
from intelligence.deployment import Desk


@get("/by-hand", sync_to_thread=True)
def by_hand_page(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
    *,
    since: FromQuery[int | None] = None,
    page: FromQuery[int] = 1,
) -> Page:
    """List them, page by page: all, or those of one moment (Unix seconds)."""
    found = desk.curation.by_hand.all(visit.who, since=since, page=page)
    return rendering.page(visit, "by_hand.html", found=found, since=since)


HANDLERS = (by_hand_page,)
