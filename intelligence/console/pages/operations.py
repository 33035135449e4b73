"""What forms of several pages ask for alike; each returns the page to go on at."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from intelligence.console.forms import Form
from intelligence.console.rendering import Page
from intelligence.console.visits import Visit
from intelligence.curation.proposals import lifting, retraction
from intelligence.curation.purposes import Purpose, purpose
from intelligence.deployment import Desk
from intelligence.errors import FormRefused, NotPermitted
from intelligence.staff.roles import RecordType, Verb
from screening.vocabulary.selector import Canonical

MOST_OF_REASON: Final = 2_000
_MOST_DIGITS: Final = 9


def retracted(visit: Visit, desk: Desk, selector: Canonical) -> str:
    """Take a selector off the list at once."""
    change = retraction(selector, visit.form.line("reason", most=MOST_OF_REASON))
    password = visit.form.text("password")
    return f"/changes/{desk.curation.changes.retract(visit.who, change, password)}"


def lifted(visit: Visit, desk: Desk, selector: Canonical) -> str:
    """Keep as a draft that a selector may be listed again."""
    change = lifting(selector, visit.form.line("reason", most=MOST_OF_REASON))
    return f"/changes/{desk.curation.changes.draft(visit.who, change)}"


def purpose_of(form: Form) -> Purpose:
    """Return why somebody wants to see whole what is masked; raises `FormRefused`."""
    return purpose(form.text("purpose"), form.line("case", most=60))


def page_revealed(
    form: Form,
    show: Callable[[Purpose, int], Page],
    refused: Callable[[FormRefused, int], Page],
) -> Page:
    """Show whole, for the purpose that a form says, a page of what is masked; or what is wrong."""
    page = 1
    try:
        page = number_of(form, "page") or 1
        why = purpose_of(form)
    except FormRefused as error:
        return refused(error, page)
    return show(why, page)


def number_of(form: Form, name: str) -> int | None:
    """Return a whole number, None where nothing is filled in; raises `FormRefused`."""
    text = form.optional(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
        raise FormRefused("that is no whole number; type digits alone", name)
    return int(text)


def moment_of(form: Form, name: str) -> int | None:
    """Return a moment in UTC as Unix seconds, None where none is chosen; raises `FormRefused`."""
    text = form.optional(name)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is not None:  # with an offset it is not what it says in UTC
        raise FormRefused("that is no moment in UTC; write year-month-day, T, hours:minutes", name)
    return int(moment.replace(tzinfo=UTC).timestamp())


def require(visit: Visit, verb: Verb, record_type: RecordType, field: str | None = None) -> None:
    """Raise `NotPermitted` before what a form says is looked at."""
    if not visit.privileges.may(verb, record_type, field):
        raise NotPermitted
