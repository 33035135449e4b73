"""What is on record: filtered, handed out, verified."""

from datetime import date

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery

from intelligence.console.rendering import Page, Rendering
from intelligence.console.visits import Visit
from intelligence.deployment import Desk
from intelligence.errors import FormRefused
from intelligence.staff.audit import Wanted


@get("/audit", sync_to_thread=True)
def audit_page(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
    *,
    person: FromQuery[str] = "",
    event: FromQuery[str] = "",
    day: FromQuery[str] = "",
) -> Page:
    """Show the latest records, all or some."""
    try:
        return _audit(visit, desk, rendering, wanted=_wanted(person, event, day))
    except FormRefused as error:
        return _audit(visit, desk, rendering, problem=error)


@post("/audit/export", sync_to_thread=True)
def export(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Hand out what the filter shows, as a file."""
    form = visit.form
    try:
        wanted = _wanted(form.text("person"), form.text("event"), form.text("day"))
        content = desk.audit.exported(visit.who, wanted)
    except FormRefused as error:
        return _audit(visit, desk, rendering, problem=error)
    headers = {"content-disposition": 'attachment; filename="audit.csv"'}
    return Response(content, media_type="text/csv", headers=headers, status_code=200)


@post("/audit/verification", sync_to_thread=True)
def verify(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Say whether all of it is whole."""
    return _audit(visit, desk, rendering, verdict=desk.audit.verified(visit.who))


def _audit(
    visit: Visit,
    desk: Desk,
    rendering: Rendering,
    *,
    wanted: Wanted | None = None,
    verdict: tuple[bool, str] | None = None,
    problem: FormRefused | None = None,
) -> Page:
    wanted = wanted or Wanted()
    return rendering.page(
        visit,
        "audit.html",
        problem=problem,
        wanted=wanted,
        verdict=verdict,
        found=desk.audit.found(visit.who, wanted),
    )


def _wanted(person: str, event: str, day: str) -> Wanted:
    try:
        return Wanted(person or None, event or None, date.fromisoformat(day) if day else None)
    except ValueError:
        raise FormRefused("that is no day; write it as year-month-day") from None


HANDLERS = (audit_page, export, verify)
