"""The start page, and the one file that pages are dressed with."""

from importlib.resources import files

from litestar import Response, get
from litestar.di import NamedDependency

from intelligence.console.rendering import Page, Rendering
from intelligence.console.visits import ANYONE, STAGE, Visit
from intelligence.deployment import Desk

_CSS = (files("intelligence.console") / "static/console.css").read_bytes()


@get("/", sync_to_thread=True)
def home_page(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Show how the list stands, and lead to what the visitor's roles are for."""
    return rendering.page(
        visit,
        "home.html",
        counts=desk.curation.overview.counts(visit.who),
        imports=desk.curation.uploads.waiting(visit.who),
        feedback=desk.feedback.counts(visit.who),
        partners=desk.partners.troubles(visit.who),
        challenges=desk.curation.reviewing.counts(visit.who),
        answers=desk.curation.challenges.count_answerable(visit.who),
        rule_orders=desk.curation.safety_lists.count_waiting(visit.who),
        trouble=desk.curation.turns.trouble,
        follows=desk.following.followed(visit.who),
        shared_cases=desk.deconfliction.shared_cases(visit.who),
    )


@get("/static/console.css", opt={STAGE: ANYONE}, sync_to_thread=False)
def style_sheet() -> Response[bytes]:
    """Return the style sheet."""
    headers = {"cache-control": "max-age=300"}
    return Response(_CSS, media_type="text/css", headers=headers)


HANDLERS = (home_page, style_sheet)
