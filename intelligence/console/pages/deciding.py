"""What is decided of a change set, whatever it concerns: the forms are the same."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from intelligence.console.pages.operations import MOST_OF_REASON, require
from intelligence.console.rendering import Page, Rendering
from intelligence.console.visits import Visit
from intelligence.curation.deciding import Deciding
from intelligence.curation.ordering import Ordering, Said
from intelligence.curation.progress import progress_of
from intelligence.deployment import Desk
from intelligence.errors import FormRefused
from intelligence.staff.roles import Verb
from intelligence.staff.sessions import SignedIn

_LOOK_EVERY_S: Final = 2
_MOST_LOOKS: Final = 100
"""A window that is left open keeps no session alive for good."""


class ShowsOne(Protocol):
    """Shows one change set, with what was wrong with a form."""

    def __call__(
        self,
        change_id: UUID,
        visit: Visit,
        desk: Desk,
        rendering: Rendering,
        *,
        problem: FormRefused | None = None,
    ) -> Page:
        """Return its page."""


@dataclass(frozen=True, slots=True)
class ConcernPages:
    """Where change sets of one concern are shown and decided; `path` is that of all of them."""

    path: str
    deciding: Callable[[Desk], Deciding]
    shown: ShowsOne
    is_reviewed: bool = True
    """Whether there is something that one does alone, and another looks at after."""

    def require(self, visit: Visit, desk: Desk, field: str) -> None:
        """Raise `NotPermitted` unless a visitor may change this of what is decided here."""
        require(visit, Verb.CHANGE, self.deciding(desk).record_type, field)

    def after(
        self,
        do: Callable[[], None],
        change_id: UUID,
        visit: Visit,
        *,
        desk: Desk,
        rendering: Rendering,
    ) -> Page:
        """Do something, and show what has become of it, or what was wrong."""

        def done() -> str:
            do()
            return f"{self.path}/{change_id}"

        return rendering.after(
            visit,
            done,
            lambda problem: self.shown(change_id, visit, desk, rendering, problem=problem),
        )


def order_handlers(
    pages: ConcernPages, orders: Callable[[Desk], Ordering[Said]]
) -> tuple[HTTPRouteHandler, ...]:
    """Return the handlers of one order: its page, signing it, and what else is decided of it."""
    one = f"{pages.path}/{{change_id:uuid}}"

    @get(one, sync_to_thread=True)
    def order_page(
        change_id: FromPath[UUID],
        visit: NamedDependency[Visit],
        desk: NamedDependency[Desk],
        rendering: NamedDependency[Rendering],
    ) -> Page:
        """Show one order, and what has become of it."""
        return pages.shown(change_id, visit, desk, rendering)

    @post(f"{one}/approval", sync_to_thread=True)
    def approve(
        change_id: FromPath[UUID],
        visit: NamedDependency[Visit],
        desk: NamedDependency[Desk],
        rendering: NamedDependency[Rendering],
    ) -> Page:
        """Sign what another has ordered."""
        pages.require(visit, desk, "approval")
        approve = orders(desk).approve

        def do() -> None:
            approve(visit.who, change_id, visit.form.text("password"))

        return pages.after(do, change_id, visit, desk=desk, rendering=rendering)

    return (order_page, approve, *decisions(pages))


def decisions(pages: ConcernPages) -> tuple[HTTPRouteHandler, ...]:
    """Return the handlers of what is decided of a change set, but for signing it.

    And of what shows it come into force.
    """
    one = f"{pages.path}/{{change_id:uuid}}"
    return (_watching(pages, one), *_turning_down(pages, one), *_looking_at(pages, one))


def _watching(pages: ConcernPages, one: str) -> HTTPRouteHandler:
    @get(f"{one}/progress", sync_to_thread=True)
    def progress_page(
        change_id: FromPath[UUID],
        visit: NamedDependency[Visit],
        desk: NamedDependency[Desk],
        rendering: NamedDependency[Rendering],
        *,
        look: FromQuery[int] = 1,
    ) -> Page:
        """Show how far it has come, and have the browser look again until it is in force."""
        deciding = pages.deciding(desk)
        progress = progress_of(deciding, visit.who, change_id)
        is_going_on = progress.is_under_way and 0 < look < _MOST_LOOKS
        path = f"{pages.path}/{change_id}"
        again = f"{_LOOK_EVERY_S}; url={path}/progress?look={look + 1}"
        return rendering.page(
            visit,
            "progress.html",
            refresh=again if is_going_on else None,
            progress=progress,
            noun=deciding.concern.noun,
            path=path,
            is_going_on=is_going_on,
            every_s=_LOOK_EVERY_S,
            way=desk.curation.overview.on_the_way(visit.who, desk.curation.turns.trouble),
        )

    return progress_page


def _turning_down(pages: ConcernPages, one: str) -> tuple[HTTPRouteHandler, ...]:
    @post(f"{one}/refusal", sync_to_thread=True)
    def refuse(
        change_id: FromPath[UUID],
        visit: NamedDependency[Visit],
        desk: NamedDependency[Desk],
        rendering: NamedDependency[Rendering],
    ) -> Page:
        """Refuse what another has submitted."""
        pages.require(visit, desk, "approval")
        do = partial(_with_reason, pages.deciding(desk).refuse, visit, change_id)
        return pages.after(do, change_id, visit, desk=desk, rendering=rendering)

    @post(f"{one}/withdrawal", sync_to_thread=True)
    def withdraw(
        change_id: FromPath[UUID],
        visit: NamedDependency[Visit],
        desk: NamedDependency[Desk],
        rendering: NamedDependency[Rendering],
    ) -> Page:
        """Take back what one has written."""
        pages.require(visit, desk, "submission")
        do = partial(_with_reason, pages.deciding(desk).withdraw, visit, change_id)
        return pages.after(do, change_id, visit, desk=desk, rendering=rendering)

    return refuse, withdraw


def _with_reason(
    decide: Callable[[SignedIn, UUID, str | None], None], visit: Visit, change_id: UUID
) -> None:
    decide(visit.who, change_id, visit.form.line("reason", most=MOST_OF_REASON))


def _looking_at(pages: ConcernPages, one: str) -> tuple[HTTPRouteHandler, ...]:
    @post(f"{one}/review", sync_to_thread=True)
    def review(
        change_id: FromPath[UUID],
        visit: NamedDependency[Visit],
        desk: NamedDependency[Desk],
        rendering: NamedDependency[Rendering],
    ) -> Page:
        """Note that another person has looked at what one has done alone."""
        pages.require(visit, desk, "review")
        do = partial(pages.deciding(desk).review, visit.who, change_id)
        return pages.after(do, change_id, visit, desk=desk, rendering=rendering)

    @post(f"{one}/note", sync_to_thread=True)
    def note(
        change_id: FromPath[UUID],
        visit: NamedDependency[Visit],
        desk: NamedDependency[Desk],
        rendering: NamedDependency[Rendering],
    ) -> Page:
        """Note that one has seen that nothing came of what was decided."""
        pages.require(visit, desk, "note")
        do = partial(pages.deciding(desk).note, visit.who, change_id)
        return pages.after(do, change_id, visit, desk=desk, rendering=rendering)

    return (review, note) if pages.is_reviewed else (note,)
