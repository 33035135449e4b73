"""Check one selector; and what may then be done with it: add it, take it off, allow it again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from intelligence.console.forms import Form
from intelligence.console.looks import Look, Looks
from intelligence.console.pages.operations import MOST_OF_REASON, lifted, require, retracted
from intelligence.console.rendering import Page, Rendering
from intelligence.console.visits import Visit
from intelligence.curation.proposals import (
    DEFAULT_LIST,
    LIFETIME_DAYS,
    ROLES,
    Typed,
    addition,
)
from intelligence.curation.recognising import recognise
from intelligence.deployment import Desk
from intelligence.errors import FormRefused
from intelligence.staff.roles import RecordType, Verb
from screening.vocabulary.selector import Canonical

_ANY: Final = "any"
_OVER: Final = "what was shown here is kept for ten minutes, and is over; ask once more"


@get("/check", sync_to_thread=True)
def check_page(visit: NamedDependency[Visit], rendering: NamedDependency[Rendering]) -> Page:
    """Ask for a selector."""
    require(visit, Verb.READ, RecordType.ENTRY)
    return rendering.page(visit, "check.html")


@post("/check", sync_to_thread=True)
def check(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    looks: NamedDependency[Looks],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Ask where a selector stands, and go on to the page that shows it."""
    require(visit, Verb.READ, RecordType.ENTRY)

    def do() -> str:
        kind, region = visit.form.text("kind"), visit.form.line("region")
        value = visit.form.text("value", most=1_000)
        selector = recognise(value, None if kind == _ANY else kind, region)
        return f"/checks/{looks.keep(visit.who, _look(visit, desk, selector))}"

    return rendering.after(
        visit, do, lambda problem: rendering.page(visit, "check.html", problem=problem)
    )


@get("/checks/{look_id:uuid}", sync_to_thread=True)
def checked_page(
    look_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    looks: NamedDependency[Looks],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Show what was told, as it was told; after ten minutes it has to be asked anew."""
    require(visit, Verb.READ, RecordType.ENTRY)
    look = looks.find(visit.who, look_id)
    if look is None:
        return rendering.page(visit, "check.html", problem=FormRefused(_OVER))
    # Its forms are the same whenever it is shown: sent once more after Back, they are done once.
    return _checked(replace(visit, once=look_id.hex), rendering, look)


@post("/changes", sync_to_thread=True)
def add(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Keep an addition as a draft."""
    require(visit, Verb.ADD, RecordType.CHANGE)
    selector = _selector(visit.form)
    return rendering.after(
        visit,
        lambda: _added(visit, desk, selector),
        lambda problem: _checked(visit, rendering, _look(visit, desk, selector), problem=problem),
    )


@post("/lifts", sync_to_thread=True)
def allow_again(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Keep as a draft that a selector may be listed again."""
    require(visit, Verb.ADD, RecordType.CHANGE)
    selector = _selector(visit.form)
    return rendering.after(
        visit,
        lambda: lifted(visit, desk, selector),
        lambda problem: _checked(visit, rendering, _look(visit, desk, selector), problem=problem),
    )


@post("/retractions", sync_to_thread=True)
def retract(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Take a selector off the list at once."""
    require(visit, Verb.ADD, RecordType.RETRACTION)
    selector = _selector(visit.form)
    return rendering.after(
        visit,
        lambda: retracted(visit, desk, selector),
        lambda problem: _checked(visit, rendering, _look(visit, desk, selector), problem=problem),
    )


def _added(visit: Visit, desk: Desk, selector: Canonical) -> str:
    change = addition(selector, _typed(visit.form), datetime.now(UTC).date())
    return f"/changes/{desk.curation.changes.draft(visit.who, change)}"


def _look(visit: Visit, desk: Desk, selector: Canonical) -> Look:
    checked = desk.curation.reading.check(visit.who, selector)
    return Look(checked, int(datetime.now(UTC).timestamp()))


def _checked(
    visit: Visit, rendering: Rendering, look: Look, *, problem: FormRefused | None = None
) -> Page:
    today = datetime.now(UTC).date()
    return rendering.page(
        visit,
        "checked.html",
        problem=problem,
        checked=look.checked,
        asked_at=look.at,
        roles=ROLES,
        default_list=DEFAULT_LIST,
        today=today,
        last_day=today + timedelta(days=LIFETIME_DAYS[look.checked.selector.kind]),
    )


def _selector(form: Form) -> Canonical:
    return recognise(form.text("canonical", most=320), form.text("kind"))


def _typed(form: Form) -> Typed:
    return Typed(
        role=form.line("role"),
        source=form.line("source"),
        reason=form.line("reason", most=MOST_OF_REASON),
        list=form.line("list"),
        confidence=form.line("confidence"),
        jurisdictions=form.line("jurisdictions", most=1_000),
        first_seen=form.line("first_seen"),
        last_seen=form.line("last_seen"),
        review_by=form.line("review_by"),
        last_day=form.line("last_day"),
    )


HANDLERS = (check_page, check, checked_page, add, allow_again, retract)
