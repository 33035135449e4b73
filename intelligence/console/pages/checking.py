"""Check one selector; and what may then be done with it: add it, take it off, allow it again."""

from datetime import UTC, datetime, timedelta

from litestar import get, post
from litestar.di import NamedDependency

from intelligence.console.forms import Form
from intelligence.console.rendering import Page, Rendering
from intelligence.console.visits import Visit
from intelligence.curation.proposals import (
    DEFAULT_LIST,
    LIFETIME_DAYS,
    ROLES,
    Typed,
    addition,
    lifting,
    retraction,
)
from intelligence.curation.recognising import recognise
from intelligence.deployment import Desk
from intelligence.errors import FormRefused, NotPermitted
from intelligence.staff.roles import RecordType, Verb
from screening.vocabulary.selector import Canonical

_ANY = "any"


@get("/check", sync_to_thread=True)
def check_page(visit: NamedDependency[Visit], rendering: NamedDependency[Rendering]) -> Page:
    """Ask for a selector."""
    if not visit.privileges.may(Verb.READ, RecordType.ENTRY):
        raise NotPermitted
    return rendering.page(visit, "check.html")


@post("/check", sync_to_thread=True)
def check(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Show where a selector stands."""
    if not visit.privileges.may(Verb.READ, RecordType.ENTRY):
        raise NotPermitted
    try:
        kind, region = visit.form.text("kind"), visit.form.line("region")
        value = visit.form.text("value", most=1_000)
        selector = recognise(value, None if kind == _ANY else kind, region)
    except FormRefused as error:
        return rendering.page(visit, "check.html", problem=str(error))
    return _checked(visit, desk, rendering, selector=selector)


@post("/changes", sync_to_thread=True)
def add(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Keep an addition as a draft."""
    if not visit.privileges.may(Verb.ADD, RecordType.CHANGE):
        raise NotPermitted
    selector = _selector(visit.form)
    try:
        change = addition(selector, _typed(visit.form), datetime.now(UTC).date())
        change_id = desk.curation.changes.draft(visit.who, change)
    except FormRefused as error:
        return _checked(visit, desk, rendering, selector=selector, problem=str(error))
    return rendering.going_to(f"/changes/{change_id}")


@post("/lifts", sync_to_thread=True)
def allow_again(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Keep as a draft that a selector may be listed again."""
    if not visit.privileges.may(Verb.ADD, RecordType.CHANGE):
        raise NotPermitted
    selector = _selector(visit.form)
    try:
        change = lifting(selector, visit.form.line("reason", most=2_000))
        change_id = desk.curation.changes.draft(visit.who, change)
    except FormRefused as error:
        return _checked(visit, desk, rendering, selector=selector, problem=str(error))
    return rendering.going_to(f"/changes/{change_id}")


@post("/retractions", sync_to_thread=True)
def retract(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Take a selector off the list at once."""
    if not visit.privileges.may(Verb.ADD, RecordType.RETRACTION):
        raise NotPermitted
    selector = _selector(visit.form)
    try:
        change = retraction(selector, visit.form.line("reason", most=2_000))
        password = visit.form.text("password")
        change_id = desk.curation.changes.retract(visit.who, change, password)
    except FormRefused as error:
        return _checked(visit, desk, rendering, selector=selector, problem=str(error))
    return rendering.going_to(f"/changes/{change_id}")


def _checked(
    visit: Visit,
    desk: Desk,
    rendering: Rendering,
    *,
    selector: Canonical,
    problem: str | None = None,
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
        reason=form.line("reason", most=2_000),
        list=form.line("list"),
        confidence=form.line("confidence"),
        jurisdictions=form.line("jurisdictions", most=1_000),
        first_seen=form.line("first_seen"),
        last_seen=form.line("last_seen"),
        review_by=form.line("review_by"),
        last_day=form.line("last_day"),
    )


HANDLERS = (check_page, check, add, allow_again, retract)
