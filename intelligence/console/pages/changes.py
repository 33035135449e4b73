"""Changes to the list: the queue, one of them, and what is done with it."""

from collections.abc import Callable, Mapping
from typing import Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from intelligence.console.pages.deciding import ConcernPages, decisions
from intelligence.console.pages.operations import (
    moment_of,
    number_of,
    page_revealed,
    require,
)
from intelligence.console.rendering import Page, Rendering
from intelligence.console.visits import Visit
from intelligence.curation.guard import LESSENED, NAMED
from intelligence.curation.purposes import PURPOSES, Purpose
from intelligence.curation.reading import Reading
from intelligence.curation.shown_changes import Queue, ShownChange
from intelligence.deployment import Desk
from intelligence.errors import FormRefused
from intelligence.staff.roles import RecordType, Verb

_QUEUES: Final[Mapping[str, Callable[..., Queue]]] = {
    "came_back": Reading.came_back,
    "refused": Reading.refused,
    "waiting": Reading.waiting,
    "to_review": Reading.to_review,
    "scheduled": Reading.scheduled,
    "drafts": Reading.drafts,
}
_OF_BEFORE: Final = ""
"""What a page has shown that does not say so, as one before an upgrade: it is shown again."""


@get("/review", sync_to_thread=True)
def queue_page(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
    *,
    show: FromQuery[str] = "",
    page: FromQuery[int] = 1,
) -> Page:
    """List what waits for somebody: the first page of each queue, or any page of one."""
    is_one = show in _QUEUES
    chosen = {show: _QUEUES[show]} if is_one else _QUEUES
    queues = {
        name: queue(desk.curation.reading, visit.who, page=page if is_one else 1)
        for name, queue in chosen.items()
    }
    return rendering.page(visit, "review.html", queues=queues, is_one=is_one)


@get("/changes/{change_id:uuid}", sync_to_thread=True)
def change_page(
    change_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
    *,
    page: FromQuery[int] = 1,
) -> Page:
    """Show a page of one change, and what has become of it."""
    return _masked(change_id, visit, desk, rendering, page=page)


@post("/changes/{change_id:uuid}/reveal", sync_to_thread=True)
def reveal(
    change_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Show a page of one change with its selectors, this once."""
    require(visit, Verb.REVEAL, RecordType.CHANGE, "canonical")
    reveal = desk.curation.reading.revealed

    def show(why: Purpose, page: int) -> Page:
        return _change(reveal(visit.who, change_id, why, page=page), visit, desk, rendering)

    def refused(problem: FormRefused, page: int) -> Page:
        return _masked(change_id, visit, desk, rendering, page=page, problem=problem)

    return page_revealed(visit.form, show, refused)


@post("/changes/{change_id:uuid}/submission", sync_to_thread=True)
def submit(
    change_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Sign a draft, and have it wait for another person."""
    require(visit, Verb.CHANGE, RecordType.CHANGE, "submission")
    submit = desk.curation.changes.submit

    def do() -> None:
        submit(visit.who, change_id, visit.form.text("password"))

    return _CHANGES.after(do, change_id, visit, desk=desk, rendering=rendering)


@post("/changes/{change_id:uuid}/approval", sync_to_thread=True)
def approve(
    change_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Sign what another has submitted."""
    require(visit, Verb.CHANGE, RecordType.CHANGE, "approval")
    form, approve = visit.form, desk.curation.changes.approve

    def do() -> None:
        said = {name: number_of(form, name) for name in (NAMED, LESSENED)}
        approve(
            visit.who,
            change_id,
            form.text("password"),
            form.line("shown") if form.all("shown") else _OF_BEFORE,
            **said,
            leaves_at=moment_of(form, "leaves_at"),
        )

    return _CHANGES.after(do, change_id, visit, desk=desk, rendering=rendering)


def _masked(
    change_id: UUID,
    visit: Visit,
    desk: Desk,
    rendering: Rendering,
    *,
    page: int = 1,
    problem: FormRefused | None = None,
) -> Page:
    change = desk.curation.reading.one(visit.who, change_id, page=page)
    return _change(change, visit, desk, rendering, problem=problem)


def _change(
    change: ShownChange,
    visit: Visit,
    desk: Desk,
    rendering: Rendering,
    *,
    problem: FormRefused | None = None,
) -> Page:
    return rendering.page(
        visit,
        "change.html",
        problem=problem,
        change=change,
        purposes=PURPOSES,
        why_no_key=_why_no_key(visit, desk),
        file=desk.curation.overview.file(visit.who, change.file),
        way=desk.curation.overview.on_the_way(visit.who, desk.curation.turns.trouble),
    )


def _why_no_key(visit: Visit, desk: Desk) -> str | None:
    """Return why the visitor signs nothing as it stands, of those who may sign."""
    signs = visit.privileges.may(Verb.CHANGE, RecordType.SIGNING_KEY, "private")
    return desk.signing_keys.why_none(visit.who) if signs else None


_CHANGES: Final = ConcernPages("/changes", lambda desk: desk.curation.changes, _masked)

HANDLERS = (queue_page, change_page, reveal, submit, approve, *decisions(_CHANGES))
