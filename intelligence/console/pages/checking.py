"""Check one selector; and what may then be done with it: add it, take it off, allow it again."""

from datetime import UTC, datetime, timedelta

from litestar import get, post
from litestar.di import NamedDependency

from intelligence.console.forms import Form
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

_ANY = "any"


@get("/check", sync_to_thread=True)
def check_page(visit: NamedDependency[Visit], rendering: NamedDependency[Rendering]) -> Page:
    """Ask for a selector."""
    require(visit, Verb.READ, RecordType.ENTRY)
    return rendering.page(visit, "check.html")


@post("/check", sync_to_thread=True)
def check(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Show where a selector stands."""
    require(visit, Verb.READ, RecordType.ENTRY)
    try:
        kind, region = visit.form.text("kind"), visit.form.line("region")
        value = visit.form.text("value", most=1_000)
        selector = recognise(value, None if kind == _ANY else kind, region)
    except FormRefused as error:
        return rendering.page(visit, "check.html", problem=error)
    return _checked(visit, desk, rendering, selector=selector)


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
        lambda: _added(visit, desk, selector),
        lambda problem: _checked(visit, desk, rendering, selector=selector, problem=problem),
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
        lambda: lifted(visit, desk, selector),
        lambda problem: _checked(visit, desk, rendering, selector=selector, problem=problem),
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
        lambda: retracted(visit, desk, selector),
        lambda problem: _checked(visit, desk, rendering, selector=selector, problem=problem),
    )


def _added(visit: Visit, desk: Desk, selector: Canonical) -> str:
    change = addition(selector, _typed(visit.form), datetime.now(UTC).date())
    return f"/changes/{desk.curation.changes.draft(visit.who, change)}"


def _checked(
    visit: Visit,
    desk: Desk,
    rendering: Rendering,
    *,
    selector: Canonical,
    problem: FormRefused | None = None,
) -> Page:
    today = datetime.now(UTC).date()
    return rendering.page(
        visit,
        "checked.html",
        problem=problem,
        checked=desk.curation.reading.check(visit.who, selector),
        roles=ROLES,
        default_list=DEFAULT_LIST,
        today=today,
        last_day=today + timedelta(days=LIFETIME_DAYS[selector.kind]),
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


HANDLERS = (check_page, check, add, allow_again, retract)
