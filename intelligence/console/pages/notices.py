"""Partners that were told "match" of what was taken off: told of that, or not."""

import re
from typing import Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from intelligence.console.pages.operations import MOST_OF_REASON, require
from intelligence.console.rendering import Page, Rendering
from intelligence.console.visits import Visit
from intelligence.deployment import Desk
from intelligence.disclosure.forgetting import TakenOffBy
from intelligence.errors import FormRefused, NotThere
from intelligence.staff.roles import RecordType, Verb

_HANDS: Final = re.compile(r"by-hand-([0-9]{1,12})", re.ASCII)


@get("/notices", sync_to_thread=True)
def notices_page(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """List what somebody has to decide."""
    return _due(visit, desk, rendering)


@post("/notices/{by:str}", sync_to_thread=True)
def give(
    by: FromPath[str],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Have all partners told."""
    require(visit, Verb.ADD, RecordType.NOTICE)

    def do() -> str:
        reason = visit.form.line("reason", most=MOST_OF_REASON)
        desk.notices.give(visit.who, _parsed(by), reason, visit.form.text("password"))
        return "/notices"

    return rendering.after(visit, do, lambda problem: _due(visit, desk, rendering, problem=problem))


@post("/notices/{by:str}/dismissal", sync_to_thread=True)
def dismiss(
    by: FromPath[str],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Note that nobody is to be told."""
    require(visit, Verb.ADD, RecordType.NOTICE)

    def do() -> str:
        desk.notices.dismiss(visit.who, _parsed(by))
        return "/notices"

    return rendering.after(visit, do, lambda problem: _due(visit, desk, rendering, problem=problem))


def _due(
    visit: Visit, desk: Desk, rendering: Rendering, *, problem: FormRefused | None = None
) -> Page:
    due = desk.notices.due(visit.who)
    moments = [by.by_hand_at for by in due if by.by_hand_at is not None]
    by_hand = desk.curation.by_hand.of_moments(visit.who, moments)
    return rendering.page(visit, "notices.html", problem=problem, due=due, by_hand=by_hand)


def _parsed(by: str) -> TakenOffBy:
    """Return what has taken somebody off: the id of a change, or when hands did."""
    if found := _HANDS.fullmatch(by):
        return TakenOffBy(None, int(found[1]))
    try:
        return TakenOffBy(UUID(by), None)
    except ValueError:
        raise NotThere from None


HANDLERS = (notices_page, give, dismiss)
