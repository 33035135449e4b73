"""What is decided of a change set, whatever it concerns: the forms are the same."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from intelligence.console.pages.operations import MOST_OF_REASON
from intelligence.console.rendering import Page, Rendering
from intelligence.console.visits import Visit
from intelligence.curation.deciding import Deciding
from intelligence.curation.ordering import Ordering, Said
from intelligence.deployment import Desk


class ShowsOne(Protocol):
    """Shows one change set, with what was wrong with a form."""

    def __call__(
        self,
        change_id: UUID,
        visit: Visit,
        desk: Desk,
        rendering: Rendering,
        *,
        problem: str | None = None,
    ) -> Page:
        """Return its page."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where change sets of one concern are shown and decided; `path` is that of all of them."""

    path: str
    deciding: Callable[[Desk], Deciding]
    shown: ShowsOne
    is_reviewed: bool = True
    """Whether there is something that one does alone, and another looks at after."""

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
            done, lambda problem: self.shown(change_id, visit, desk, rendering, problem=problem)
        )


def order_handlers(
    place: Place, orders: Callable[[Desk], Ordering[Said]]
) -> tuple[HTTPRouteHandler, ...]:
    """Return the handlers of one order: its page, signing it, and what else is decided of it."""
    one = f"{place.path}/{{change_id:uuid}}"

    @get(one, sync_to_thread=True)
    def order_page(
        change_id: FromPath[UUID],
        visit: NamedDependency[Visit],
        desk: NamedDependency[Desk],
        rendering: NamedDependency[Rendering],
    ) -> Page:
        """Show one order, and what has become of it."""
        return place.shown(change_id, visit, desk, rendering)

    @post(f"{one}/approval", sync_to_thread=True)
    def approve(
        change_id: FromPath[UUID],
        visit: NamedDependency[Visit],
        desk: NamedDependency[Desk],
        rendering: NamedDependency[Rendering],
    ) -> Page:
        """Sign what another has ordered."""
        do = partial(orders(desk).approve, visit.who, change_id, visit.form.text("password"))
        return place.after(do, change_id, visit, desk=desk, rendering=rendering)

    return (order_page, approve, *decisions(place))


def decisions(place: Place) -> tuple[HTTPRouteHandler, ...]:
    """Return the handlers of what is decided of a change set, but for signing it."""
    one = f"{place.path}/{{change_id:uuid}}"
    return (*_turning_down(place, one), *_looking_at(place, one))


def _turning_down(place: Place, one: str) -> tuple[HTTPRouteHandler, ...]:
    @post(f"{one}/refusal", sync_to_thread=True)
    def refuse(
        change_id: FromPath[UUID],
        visit: NamedDependency[Visit],
        desk: NamedDependency[Desk],
        rendering: NamedDependency[Rendering],
    ) -> Page:
        """Refuse what another has submitted."""
        reason = visit.form.line("reason", most=MOST_OF_REASON)
        do = partial(place.deciding(desk).refuse, visit.who, change_id, reason)
        return place.after(do, change_id, visit, desk=desk, rendering=rendering)

    @post(f"{one}/withdrawal", sync_to_thread=True)
    def withdraw(
        change_id: FromPath[UUID],
        visit: NamedDependency[Visit],
        desk: NamedDependency[Desk],
        rendering: NamedDependency[Rendering],
    ) -> Page:
        """Take back what one has written."""
        reason = visit.form.line("reason", most=MOST_OF_REASON)
        do = partial(place.deciding(desk).withdraw, visit.who, change_id, reason)
        return place.after(do, change_id, visit, desk=desk, rendering=rendering)

    return refuse, withdraw


def _looking_at(place: Place, one: str) -> tuple[HTTPRouteHandler, ...]:
    @post(f"{one}/review", sync_to_thread=True)
    def review(
        change_id: FromPath[UUID],
        visit: NamedDependency[Visit],
        desk: NamedDependency[Desk],
        rendering: NamedDependency[Rendering],
    ) -> Page:
        """Note that another person has looked at what one has done alone."""
        do = partial(place.deciding(desk).review, visit.who, change_id)
        return place.after(do, change_id, visit, desk=desk, rendering=rendering)

    @post(f"{one}/note", sync_to_thread=True)
    def note(
        change_id: FromPath[UUID],
        visit: NamedDependency[Visit],
        desk: NamedDependency[Desk],
        rendering: NamedDependency[Rendering],
    ) -> Page:
        """Note that one has seen that nothing came of what was decided."""
        do = partial(place.deciding(desk).note, visit.who, change_id)
        return place.after(do, change_id, visit, desk=desk, rendering=rendering)

    return (review, note) if place.is_reviewed else (note,)
