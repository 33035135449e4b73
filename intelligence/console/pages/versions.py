"""Versions of the list: each file, what differs between two, and the way back to one."""

from dataclasses import replace
from typing import Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from intelligence.console.forms import Form
from intelligence.console.pages.operations import number_of, require
from intelligence.console.rendering import Page, Rendering
from intelligence.console.visits import Visit
from intelligence.deployment import Desk
from intelligence.errors import FormRefused, NotThere
from intelligence.staff.roles import RecordType, Verb

_NO_VERSION: Final = "there is no version of this number; take one of those under All versions"


@get("/versions", sync_to_thread=True)
def versions_page(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
    *,
    page: FromQuery[int] = 1,
) -> Page:
    """List a page of the files, and how many entries each list has."""
    return rendering.page(
        visit,
        "versions.html",
        files=desk.curation.versions.all(visit.who, page=page),
        counts=desk.curation.overview.counts(visit.who),
    )


@get("/versions/{sequence:int}", sync_to_thread=True)
def version_page(
    sequence: FromPath[int],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
    *,
    since: FromQuery[str | None] = None,
    page: FromQuery[int] = 1,
) -> Page:
    """Show what a version has that the one before it, or another, had not."""
    # What it is compared with is a form too, if one that is sent by its address.
    asked = Form([] if since is None else [("since", since)], action=f"/versions/{sequence}")
    try:
        of = (sequence, number_of(asked, "since"))
        return _version(visit, desk, rendering, of=of, page=page)
    except NotThere:
        if since is None:
            raise
        problem = FormRefused(_NO_VERSION, "since")
    except FormRefused as error:
        problem = error
    visit = replace(visit, sent=asked)
    return _version(visit, desk, rendering, of=(sequence, None), page=page, problem=problem)


@post("/versions/{sequence:int}/rollback", sync_to_thread=True)
def roll_back(
    sequence: FromPath[int],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Keep as drafts what undoes all later files."""
    require(visit, Verb.ADD, RecordType.CHANGE)

    def do() -> str:
        ids = desk.curation.versions.roll_back(visit.who, sequence)
        return f"/changes/{ids[0]}" if len(ids) == 1 else "/review"

    return rendering.after(
        visit,
        do,
        lambda problem: _version(visit, desk, rendering, of=(sequence, None), problem=problem),
    )


def _version(
    visit: Visit,
    desk: Desk,
    rendering: Rendering,
    *,
    of: tuple[int, int | None],
    page: int = 1,
    problem: FormRefused | None = None,
) -> Page:
    compared = desk.curation.versions.compared(visit.who, *of, page=page)
    return rendering.page(visit, "version.html", problem=problem, compared=compared)


HANDLERS = (versions_page, version_page, roll_back)
