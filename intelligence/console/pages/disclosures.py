"""Resolve a receipt: what lies behind a match, for whoever may see it and says what for."""

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from intelligence.console.pages.operations import require
from intelligence.console.rendering import Page, Rendering
from intelligence.console.visits import Visit
from intelligence.deployment import Desk
from intelligence.disclosure.disclosing import PURPOSES, asked
from intelligence.errors import FormRefused
from intelligence.staff.roles import RecordType, Verb


@get("/disclosures", sync_to_thread=True)
def disclosures_page(visit: NamedDependency[Visit], rendering: NamedDependency[Rendering]) -> Page:
    """Ask for a receipt, a purpose and a case number."""
    require(visit, Verb.ADD, RecordType.DISCLOSURE)
    return rendering.page(visit, "disclosures.html", purposes=PURPOSES)


@post("/disclosures", sync_to_thread=True)
def disclose(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Show what lies behind a receipt, once it is on record."""
    require(visit, Verb.ADD, RecordType.DISCLOSURE)
    form = visit.form
    try:
        wanted = asked(form.text("receipt"), form.line("purpose"), form.line("case_number"))
        found = desk.disclosing.disclose(visit.who, wanted)
    except FormRefused as error:
        return rendering.page(visit, "disclosures.html", problem=error, purposes=PURPOSES)
    return rendering.page(visit, "disclosed.html", found=found, case_number=wanted.case_number)


@post("/follows", sync_to_thread=True)
def follow(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Have new sightings of what was disclosed be told on the start page."""
    require(visit, Verb.ADD, RecordType.FOLLOW)

    def do() -> str:
        desk.following.follow(visit.who, _id(visit.form.text("disclosure")))
        return "/"

    def again(problem: FormRefused) -> Page:
        return rendering.page(visit, "disclosures.html", problem=problem, purposes=PURPOSES)

    return rendering.after(visit, do, again)


@post("/follows/{follow_id:uuid}/end", sync_to_thread=True)
def end_follow(
    follow_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Be told no more."""
    require(visit, Verb.CHANGE, RecordType.FOLLOW)
    desk.following.end(visit.who, follow_id)
    return rendering.going_to("/")


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise FormRefused("resolve the receipt of what you want to follow first") from None


HANDLERS = (disclosures_page, disclose, follow, end_follow)
