"""The inbox of what partners say of matches."""

from urllib.parse import urlencode
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from intelligence.console.forms import Form
from intelligence.console.pages.operations import number_of, require
from intelligence.console.rendering import Page, Rendering
from intelligence.console.visits import Visit
from intelligence.deployment import Desk
from intelligence.disclosure.feedback import MOST_OF_PARTNER, ROWS_OF_A_PAGE
from intelligence.errors import FormRefused, RequestRefused
from intelligence.paging import paging
from intelligence.staff.roles import RecordType, Verb


@get("/feedback", sync_to_thread=True)
def feedback_page(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
    *,
    partner: FromQuery[str] = "",
    page: FromQuery[int] = 1,
) -> Page:
    """List what nobody has looked at, what is false first: of all partners, or of one."""
    return _inbox(visit, desk, rendering, of=(partner or None, page))


@post("/feedback/{feedback_id:uuid}/note", sync_to_thread=True)
def note(
    feedback_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Note that one has looked at it."""
    require(visit, Verb.CHANGE, RecordType.FEEDBACK, "note")
    of = _place(visit.form)

    def do() -> str:
        desk.feedback.note(visit.who, feedback_id)
        return _path(*of)

    return rendering.after(
        visit, do, lambda problem: _inbox(visit, desk, rendering, of=of, problem=problem)
    )


@post("/feedback/notes", sync_to_thread=True)
def note_all(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Note that one has looked at all that a page has shown."""
    require(visit, Verb.CHANGE, RecordType.FEEDBACK, "note")
    of = _place(visit.form)
    try:
        ids = [UUID(one) for one in visit.form.all("feedback")]
    except ValueError:
        raise RequestRefused("that is no feedback; go back, and reload the page") from None
    desk.feedback.note_all(visit.who, ids)
    return rendering.going_to(_path(*of))


def _place(form: Form) -> tuple[str | None, int]:
    """Return where somebody was: the partner, None for all of them, and the page."""
    return form.optional("partner"), number_of(form, "page") or 1


def _path(partner: str | None, page: int) -> str:
    """Return the address of a place."""
    said = {"partner": partner, "page": page if page > 1 else None}
    query = urlencode({name: one for name, one in said.items() if one is not None})
    return f"/feedback?{query}" if query else "/feedback"


def _inbox(
    visit: Visit,
    desk: Desk,
    rendering: Rendering,
    *,
    of: tuple[str | None, int],
    problem: FormRefused | None = None,
) -> Page:
    partner, page = of
    said = desk.feedback.by_partner(visit.who)
    many = {one.partner: one.many for one in said}
    if partner not in many:  # all of it was looked at, perhaps
        partner = None
    shown = sum(min(one, MOST_OF_PARTNER) for one in many.values())
    whole = shown if partner is None else many[partner]
    at = paging(page, whole, ROWS_OF_A_PAGE)
    return rendering.page(
        visit,
        "feedback.html",
        problem=problem,
        waiting=desk.feedback.waiting(visit.who, partner=partner, page=at.page),
        said=said,
        most=MOST_OF_PARTNER,
        partner=partner,
        page=at.page,
        pages=at.pages,
    )


HANDLERS = (feedback_page, note, note_all)
