"""Changes to the list: the queue, one of them, and what is done with it."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from intelligence.console.pages.operations import (
    MOST_OF_REASON,
    moment_of,
    number_of,
    purpose_of,
    require,
)
from intelligence.console.rendering import Page, Rendering
from intelligence.console.visits import Visit
from intelligence.curation.purposes import PURPOSES
from intelligence.curation.reading import ShownChange
from intelligence.deployment import Desk
from intelligence.errors import FormRefused
from intelligence.staff.roles import RecordType, Verb


@get("/review", sync_to_thread=True)
def queue_page(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """List what waits for another person."""
    reading = desk.curation.reading
    return rendering.page(
        visit,
        "review.html",
        drafts=reading.drafts(visit.who),
        waiting=reading.waiting(visit.who),
        to_review=reading.to_review(visit.who),
        scheduled=reading.scheduled(visit.who),
        came_back=reading.came_back(visit.who),
    )


@get("/changes/{change_id:uuid}", sync_to_thread=True)
def change_page(
    change_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Show one change, and what has become of it."""
    return _masked(change_id, visit, desk, rendering)


@post("/changes/{change_id:uuid}/reveal", sync_to_thread=True)
def reveal(
    change_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Show one change with its selectors, this once."""
    require(visit, Verb.REVEAL, RecordType.CHANGE, "canonical")
    try:
        why = purpose_of(visit.form)
    except FormRefused as error:
        return _masked(change_id, visit, desk, rendering, problem=str(error))
    shown = desk.curation.reading.revealed(visit.who, change_id, why)
    return _change(shown, visit, desk, rendering)


@post("/changes/{change_id:uuid}/submission", sync_to_thread=True)
def submit(
    change_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Sign a draft, and have it wait for another person."""
    password = visit.form.text("password")
    do = partial(desk.curation.changes.submit, visit.who, change_id, password)
    return _after(do, change_id, visit, desk=desk, rendering=rendering)


@post("/changes/{change_id:uuid}/approval", sync_to_thread=True)
def approve(
    change_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Sign what another has submitted."""
    form, approve = visit.form, desk.curation.changes.approve

    def do() -> None:
        when = {"named": number_of(form, "named"), "leaves_at": moment_of(form, "leaves_at")}
        approve(visit.who, change_id, form.text("password"), **when)

    return _after(do, change_id, visit, desk=desk, rendering=rendering)


@post("/changes/{change_id:uuid}/refusal", sync_to_thread=True)
def refuse(
    change_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Refuse what another has submitted."""
    reason = visit.form.line("reason", most=MOST_OF_REASON)
    do = partial(desk.curation.changes.refuse, visit.who, change_id, reason)
    return _after(do, change_id, visit, desk=desk, rendering=rendering)


@post("/changes/{change_id:uuid}/withdrawal", sync_to_thread=True)
def withdraw(
    change_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Take back what one has written."""
    reason = visit.form.line("reason", most=MOST_OF_REASON)
    do = partial(desk.curation.changes.withdraw, visit.who, change_id, reason)
    return _after(do, change_id, visit, desk=desk, rendering=rendering)


@post("/changes/{change_id:uuid}/review", sync_to_thread=True)
def review(
    change_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Note that another person has looked at a retraction."""
    do = partial(desk.curation.changes.review, visit.who, change_id)
    return _after(do, change_id, visit, desk=desk, rendering=rendering)


@post("/changes/{change_id:uuid}/note", sync_to_thread=True)
def note(
    change_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Note that one has seen that nothing came of what was decided."""
    do = partial(desk.curation.changes.note, visit.who, change_id)
    return _after(do, change_id, visit, desk=desk, rendering=rendering)


def _after(
    do: Callable[[], None], change_id: UUID, visit: Visit, *, desk: Desk, rendering: Rendering
) -> Page:
    def done() -> str:
        do()
        return f"/changes/{change_id}"

    return rendering.after(
        done, lambda problem: _masked(change_id, visit, desk, rendering, problem=problem)
    )


def _masked(
    change_id: UUID,
    visit: Visit,
    desk: Desk,
    rendering: Rendering,
    *,
    problem: str | None = None,
) -> Page:
    change = desk.curation.reading.one(visit.who, change_id)
    return _change(change, visit, desk, rendering, problem=problem)


def _change(
    change: ShownChange,
    visit: Visit,
    desk: Desk,
    rendering: Rendering,
    *,
    problem: str | None = None,
) -> Page:
    return rendering.page(
        visit,
        "change.html",
        problem=problem,
        change=change,
        purposes=PURPOSES,
        file=desk.curation.overview.file(change.file),
        trouble=desk.curation.turns.trouble,
    )


HANDLERS = (queue_page, change_page, reveal, submit, approve, refuse, withdraw, review, note)
