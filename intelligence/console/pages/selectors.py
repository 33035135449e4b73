"""One selector by an id that says nothing of it: seen, revealed, taken off, allowed again."""

from collections.abc import Callable
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from intelligence.console.pages.operations import lifted, page_revealed, require, retracted
from intelligence.console.rendering import Page, Rendering
from intelligence.console.visits import Visit
from intelligence.curation.purposes import PURPOSES, Purpose
from intelligence.curation.selectors import ShownSelector
from intelligence.deployment import Desk
from intelligence.errors import FormRefused
from intelligence.staff.roles import RecordType, Verb


@get("/selectors/{selector_id:uuid}", sync_to_thread=True)
def selector_page(
    selector_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
    *,
    page: FromQuery[int] = 1,
) -> Page:
    """Show it masked, with all that is known of it, page by page."""
    return _masked(selector_id, visit, desk, rendering, page=page)


@post("/selectors/{selector_id:uuid}/reveal", sync_to_thread=True)
def reveal(
    selector_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Show it whole, this once."""
    require(visit, Verb.REVEAL, RecordType.ENTRY, "canonical")
    reveal = desk.curation.selectors.revealed

    def show(why: Purpose, page: int) -> Page:
        return _selector(
            selector_id,
            visit,
            lambda beside: reveal(visit.who, selector_id, why, page=page, beside=beside),
            desk=desk,
            rendering=rendering,
        )

    def refused(problem: FormRefused, page: int) -> Page:
        return _masked(selector_id, visit, desk, rendering, page=page, problem=problem)

    return page_revealed(visit.form, show, refused)


@post("/selectors/{selector_id:uuid}/retraction", sync_to_thread=True)
def retract(
    selector_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Take it off the list at once."""
    require(visit, Verb.ADD, RecordType.RETRACTION)
    selector = desk.curation.selectors.canonical(visit.who, selector_id)
    return rendering.after(
        visit,
        lambda: retracted(visit, desk, selector),
        lambda problem: _masked(selector_id, visit, desk, rendering, problem=problem),
    )


@post("/selectors/{selector_id:uuid}/lift", sync_to_thread=True)
def allow_again(
    selector_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Keep as a draft that it may be listed again."""
    require(visit, Verb.ADD, RecordType.CHANGE)
    selector = desk.curation.selectors.canonical(visit.who, selector_id)
    return rendering.after(
        visit,
        lambda: lifted(visit, desk, selector),
        lambda problem: _masked(selector_id, visit, desk, rendering, problem=problem),
    )


def _masked(
    selector_id: UUID,
    visit: Visit,
    desk: Desk,
    rendering: Rendering,
    *,
    page: int = 1,
    problem: FormRefused | None = None,
) -> Page:
    one = desk.curation.selectors.one
    return _selector(
        selector_id,
        visit,
        lambda beside: one(visit.who, selector_id, page=page, beside=beside),
        desk=desk,
        rendering=rendering,
        problem=problem,
    )


def _selector(
    selector_id: UUID,
    visit: Visit,
    look: Callable[[int], ShownSelector],
    *,
    desk: Desk,
    rendering: Rendering,
    problem: FormRefused | None = None,
) -> Page:
    selector = desk.curation.selectors.canonical(visit.who, selector_id)
    shown = look(desk.feedback.count_of(visit.who, selector))
    return rendering.page(
        visit,
        "selector.html",
        problem=problem,
        shown=shown,
        feedback=desk.feedback.of(visit.who, selector, first=shown.first),
        purposes=PURPOSES,
    )


HANDLERS = (selector_page, reveal, retract, allow_again)
