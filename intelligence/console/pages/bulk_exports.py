"""Exports of many disclosures: asked for, decided by another person, taken once."""

from typing import Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from intelligence.console.pages.operations import require
from intelligence.console.rendering import Page, Rendering
from intelligence.console.visits import Visit
from intelligence.deployment import Desk
from intelligence.disclosure.disclosing import PURPOSES, receipts_of
from intelligence.errors import FormRefused
from intelligence.staff.roles import RecordType, Verb

_PATH: Final = "/exports"
_BULK = RecordType.BULK_EXPORT
_MOST_CHARACTERS: Final = 10_000


@get(_PATH, sync_to_thread=True)
def exports_page(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
    *,
    done: FromQuery[str] = "",
) -> Page:
    """List one's own and those that wait, and ask for another; say what was `done` before."""
    return _exports(visit, desk, rendering, done=done)


@post(_PATH, sync_to_thread=True)
def ask(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Ask for one."""
    require(visit, Verb.ADD, _BULK)
    form = visit.form

    def do() -> str:
        receipts = receipts_of(form.text("receipts", most=_MOST_CHARACTERS))
        purpose, case_number = form.line("purpose") or "", form.line("case_number") or ""
        desk.bulk_exports.ask(visit.who, receipts, purpose, case_number)
        return _PATH

    return rendering.after(
        visit, do, lambda problem: _exports(visit, desk, rendering, problem=problem)
    )


@post("/exports/{export_id:uuid}/approval", sync_to_thread=True)
def approve(
    export_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Let another take it."""
    require(visit, Verb.CHANGE, _BULK, "decision")

    def do() -> str:
        desk.bulk_exports.decide(visit.who, export_id, approved=True)
        return f"{_PATH}?done=approved"

    return rendering.after(
        visit, do, lambda problem: _exports(visit, desk, rendering, problem=problem)
    )


@post("/exports/{export_id:uuid}/refusal", sync_to_thread=True)
def turn_down(
    export_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Have nobody take it."""
    require(visit, Verb.CHANGE, _BULK, "decision")
    desk.bulk_exports.decide(visit.who, export_id, approved=False)
    return rendering.going_to(f"{_PATH}?done=refused")


@post("/exports/{export_id:uuid}/file", sync_to_thread=True)
def download(
    export_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Hand it out, this once."""
    require(visit, Verb.REVEAL, _BULK, "file")
    as_json = visit.form.text("format") == "json"
    kind, media_type = ("json", "application/json") if as_json else ("csv", "text/csv")

    def do() -> Page:
        content = desk.bulk_exports.download(visit.who, export_id, as_json=as_json)
        return rendering.file(content.encode(), f"disclosures.{kind}", media_type)

    return rendering.showing(
        visit, do, lambda problem: _exports(visit, desk, rendering, problem=problem)
    )


def _exports(
    visit: Visit,
    desk: Desk,
    rendering: Rendering,
    *,
    problem: FormRefused | None = None,
    done: str = "",
) -> Page:
    exports = desk.bulk_exports.all(visit.who)
    return rendering.page(
        visit, "bulk_exports.html", done=done, problem=problem, exports=exports, purposes=PURPOSES
    )


HANDLERS = (exports_page, ask, approve, turn_down, download)
