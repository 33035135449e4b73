"""Log in, second factor, log out."""

from typing import Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery

from intelligence.console.keeping import Memory
from intelligence.console.own_pages import BACK_FIELD, own_page, page_of, taking_back
from intelligence.console.rendering import Page, Rendering
from intelligence.console.visits import ANYONE, PATHS, STAGE, Visit
from intelligence.deployment import Desk
from intelligence.staff.tables import Stage

_LOG_IN: Final = "log_in.html"
_CODE: Final = "second_factor.html"


@get("/log-in", opt={STAGE: ANYONE}, sync_to_thread=True)
def log_in_page(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
    *,
    back: FromQuery[str] = "",
) -> Page:
    """Ask for name and password."""
    back = own_page(back)
    if visit.signed_in is not None:
        return rendering.going_to(_onwards(visit.signed_in.stage, back))
    if desk.enrolment.is_first_run():
        return rendering.going_to("/set-up")
    return rendering.page(visit, _LOG_IN, back=back)


@post("/log-in", opt={STAGE: ANYONE}, sync_to_thread=True)
def log_in(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Take name and password."""
    back = page_of(visit.form, BACK_FIELD)

    def do() -> Page:
        name, password = visit.form.text("name"), visit.form.text("password")
        ticket = desk.log_in.with_password(name, password, address=visit.address)
        if visit.signed_in is not None:  # nobody holds the ticket of that one any more
            desk.sessions.end(visit.signed_in.session_hash)
        return rendering.going_to(_onwards(Stage.SECOND_FACTOR, back), ticket=ticket)

    return rendering.showing(
        visit, do, lambda problem: rendering.page(visit, _LOG_IN, problem=problem, back=back)
    )


@get("/second-factor", opt={STAGE: Stage.SECOND_FACTOR}, sync_to_thread=True)
def code_page(
    visit: NamedDependency[Visit],
    rendering: NamedDependency[Rendering],
    *,
    back: FromQuery[str] = "",
) -> Page:
    """Ask for a code."""
    return rendering.page(visit, _CODE, back=own_page(back))


@post("/second-factor", opt={STAGE: Stage.SECOND_FACTOR}, sync_to_thread=True)
def give_code(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Take a code, and go on to the page that was asked for at first."""
    back = page_of(visit.form, BACK_FIELD)

    def do() -> Page:
        code = visit.form.text("code", most=64)
        ticket = desk.log_in.with_code(visit.who, code, address=visit.address)
        return rendering.going_to(back, ticket=ticket)

    return rendering.showing(
        visit, do, lambda problem: rendering.page(visit, _CODE, problem=problem, back=back)
    )


@post("/log-out", opt={STAGE: ANYONE}, sync_to_thread=True)
def log_out(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    memory: NamedDependency[Memory],
    rendering: NamedDependency[Rendering],
) -> Page:
    """End the session, however far it has come."""
    if visit.signed_in is not None:
        memory.forget(visit.signed_in.session_hash)
        desk.log_in.log_out(visit.signed_in)
    return rendering.going_to("/log-in")


def _onwards(stage: Stage, back: str) -> str:
    """Return where somebody goes on who has come so far, and is to be taken back to a page."""
    if stage is Stage.FULL:
        return back
    return taking_back(PATHS[stage], back) if stage is Stage.SECOND_FACTOR else PATHS[stage]


HANDLERS = (log_in_page, log_in, code_page, give_code, log_out)
