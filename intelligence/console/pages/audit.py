"""What is on record: filtered, handed out, verified."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Final
from urllib.parse import urlencode

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery

from intelligence.console.forms import Form
from intelligence.console.pages.operations import require
from intelligence.console.rendering import Page, Rendering
from intelligence.console.visits import Visit
from intelligence.deployment import Desk
from intelligence.errors import FormRefused
from intelligence.staff.audit import Found, Wanted
from intelligence.staff.roles import RecordType, Verb

TypedFilter = Mapping[str, str]
"""What was typed in the filter, by the names of its fields."""
_PAGE: Final = "/audit"


@get(_PAGE, sync_to_thread=True)
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
    asked = {"person": person, "event": event, "day": day}
    return _audit(visit, desk, rendering, asked=asked)


@post("/audit/export", sync_to_thread=True)
def export(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Hand out what the filter shows, as a file."""
    require(visit, Verb.REVEAL, RecordType.JOURNAL)
    asked = _asked(visit.form)
    try:
        content = desk.audit.exported(visit.who, _wanted(asked))
    except FormRefused as error:
        return _audit(visit, desk, rendering, asked=asked, problem=error)
    return rendering.file(content.encode(), "audit.csv", "text/csv")


@post("/audit/verification", sync_to_thread=True)
def verify(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Say whether all of it is whole."""
    require(visit, Verb.READ, RecordType.JOURNAL)
    verdict = desk.audit.verified(visit.who)
    return _audit(visit, desk, rendering, asked=_asked(visit.form), verdict=verdict)


def _audit(
    visit: Visit,
    desk: Desk,
    rendering: Rendering,
    *,
    asked: TypedFilter,
    verdict: tuple[bool, str] | None = None,
    problem: FormRefused | None = None,
) -> Page:
    wanted, found, unread = _found(desk, visit, asked)
    at = f"{_PAGE}?{urlencode(_spelled(wanted))}"
    # A filter is a form too, if one that is sent by its address.
    sent = visit.sent if unread is None else Form([*asked.items()], action=_PAGE)
    return rendering.page(
        replace(visit, page=at, sent=sent),
        "audit.html",
        problem=problem or unread,
        wanted=wanted,
        verdict=verdict,
        found=found,
        is_read=unread is None,
    )


def _found(
    desk: Desk, visit: Visit, asked: TypedFilter
) -> tuple[Wanted, Found, FormRefused | None]:
    """Return what a filter finds; where a field cannot be read, without it, and what is wrong."""
    try:
        wanted = _wanted(asked)
        return wanted, desk.audit.found(visit.who, wanted), None
    except FormRefused as error:
        rest = {name: "" if name == error.field else value for name, value in asked.items()}
        if rest == asked:
            raise
        wanted, found, _ = _found(desk, visit, rest)
        return wanted, found, error


def _asked(form: Form) -> TypedFilter:
    return {name: form.text(name) for name in ("person", "event", "day")}


def _wanted(asked: TypedFilter) -> Wanted:
    day = asked["day"]
    try:
        of_day = date.fromisoformat(day) if day else None
    except ValueError:
        raise FormRefused("that is no day; write it as year-month-day", "day") from None
    return Wanted(asked["person"] or None, asked["event"] or None, of_day)


def _spelled(wanted: Wanted) -> TypedFilter:
    day = wanted.day.isoformat() if wanted.day else ""
    return {"person": wanted.actor or "", "event": wanted.event or "", "day": day}


HANDLERS = (audit_page, export, verify)
