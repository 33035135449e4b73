"""Templates -> answers."""

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Response
from litestar.enums import MediaType

from intelligence.console.keeping import Memory
from intelligence.console.once import Once
from intelligence.console.places import places_of
from intelligence.console.refilling import refilled
from intelligence.console.visits import Tickets, Visit
from intelligence.errors import FormRefused
from intelligence.staff.roles import ROLE_NAMES, ROLE_TASKS, RecordType, Role, Verb
from screening.vocabulary.unix_time import DAY_S

Page = Response[str | bytes]
"""An answer: what a browser shows, or a file, which are bytes."""

NEVER: Final = "never"
_BEYOND: Final = "beyond all calendars"
"""Of a time that no calendar has, and of what is none: SQLite takes any value in any column."""
_SHOWN_OF_A_LIST: Final = 5
_KINDS: Final = {
    "exported": "file left for the indexer",
    "export acknowledged": "file answered by the indexer",
}
"""Of records, where an export is otherwise one of disclosures."""
_STATES: Final = {"exported": "left for the indexer"}
"""Of what people have signed, where its name on record is no word of theirs."""


class Rendering:
    """Makes pages; what a template is not given is an error, and all it is given is escaped."""

    def __init__(self, tickets: Tickets, once: Once[Page] | None = None) -> None:
        self._tickets = tickets
        self._once: Once[Page] = once or Once(Memory(time.monotonic), size_of=page_bytes)
        self._templates = Environment(
            loader=PackageLoader("intelligence.console"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["time"] = time_text
        self._templates.filters["moment"] = moment_text
        self._templates.filters["day"] = day_text
        self._templates.filters["last_day"] = last_day_text
        self._templates.filters["grouped"] = "{:,}".format
        self._templates.filters["event"] = lambda event: _KINDS.get(event, event)
        self._templates.filters["state"] = lambda state: _STATES.get(state, state)
        self._templates.filters["said"] = said_text
        self._templates.filters["some"] = some_text
        self._templates.filters["role"] = lambda role: ROLE_NAMES.get(role, role)
        self._templates.filters["role_task"] = ROLE_TASKS.__getitem__
        self._templates.globals.update(RecordType=RecordType, Role=Role, Verb=Verb)
        self._templates.globals["places_of"] = places_of

    def page(
        self,
        visit: Visit,
        template: str,
        *,
        problem: FormRefused | None = None,
        ticket: str | None = None,
        refresh: str | None = None,
        **given: object,
    ) -> Page:
        """Return a page for a visitor, 422 where a `problem` with their form stands above it.

        What they had typed there is in it again (`refilled`).

        `ticket` is a new one for their browser; `refresh` says when that goes on, and where to.
        """
        if ticket is not None:
            visit = replace(visit, ticket=ticket, is_new=True, sent=None)
        content = self._templates.get_template(template).render(
            visit=visit, problem=problem, **given
        )
        if problem is not None and visit.sent is not None:
            content = refilled(content, visit.sent, problem)
        return Response(
            content,
            status_code=422 if problem else 200,
            media_type=MediaType.HTML,
            headers={} if refresh is None else {"refresh": refresh},
            cookies=[self._tickets.cookie(visit.ticket)] if visit.is_new else [],
        )

    def error(
        self,
        status: int,
        sentence: str,
        headers: dict[str, str],
        typed: Mapping[str, list[str]],
        *,
        way_on: str = "",
    ) -> Page:
        """Return the page of an error, with what was `typed` by the names of fields.

        `way_on` is the address at which somebody proves who they are.
        """
        content = self._templates.get_template("error.html").render(
            visit=None,
            problem=None,
            sentence=sentence,
            typed=typed,
            way_on=way_on,
        )
        return Response(content, status_code=status, media_type=MediaType.HTML, headers=headers)

    def once_more(self, path: str) -> Page:
        """Return a page that has the browser ask for one of ours by itself."""
        content = self._templates.get_template("once_more.html").render(
            visit=None, problem=None, path=path
        )
        headers = {"refresh": f"0; url={path}"}
        return Response(content, status_code=200, media_type=MediaType.HTML, headers=headers)

    def file(self, content: bytes, name: str, media_type: str) -> Page:
        """Return a file, which a browser keeps by its `name` in place of showing it.

        It leaves as it is: of text that is no page Litestar would make JSON.
        """
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(content, status_code=200, media_type=media_type, headers=headers)

    def after(
        self, visit: Visit, do: Callable[[], str], again: Callable[[FormRefused], Page]
    ) -> Page:
        """Do what a form asks, once, and send on to the page that it returns.

        Where it is refused, the page of the form is shown `again`, with the sentence that says why.
        """
        return self.showing(visit, lambda: self.going_to(do()), again)

    def showing(
        self, visit: Visit, do: Callable[[], Page], again: Callable[[FormRefused], Page]
    ) -> Page:
        """Do what a form asks, once, and show the page that it returns: `after` goes on to one."""
        try:
            return self._once.answer(visit, do)
        except FormRefused as error:
            return again(error)

    def going_to(self, path: str, *, ticket: str | None = None) -> Page:
        """Send a browser on to one of our pages, with a new ticket where there is one."""
        return Response(
            "",
            status_code=303,
            media_type=MediaType.HTML,
            headers={"location": path},
            cookies=[self._tickets.cookie(ticket)] if ticket is not None else [],
        )


def page_bytes(page: Page) -> int:
    """Return the size of what a page says, or of a file that is handed out in place of one."""
    return sys.getsizeof(page.content)


def time_text(at: int | None) -> str:
    """Return a time as people read it."""
    return _spelled(at, "%Y-%m-%d %H:%M UTC")


def moment_text(at: int) -> str:
    """Return a time to the second, where another one in the same minute is not to be meant."""
    return _spelled(at, "%Y-%m-%d %H:%M:%S UTC")


def said_text(value: object) -> str:
    """Return what is said of a selector as people read it: days, moments and countries."""
    if isinstance(value, datetime):
        at = int(value.timestamp())
        # A day that was typed as the last one is kept as its end.
        return time_text(at) if at % DAY_S else f"the end of {last_day_text(at)} UTC"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def some_text(value: object) -> str:
    """Return a fact on record as people read it, of a long list the beginning."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{name}: {some_text(one)}" for name, one in value.items())
    if not isinstance(value, list):
        return "none" if value is None else str(value)
    more = len(value) - _SHOWN_OF_A_LIST
    shown = " ".join(map(some_text, value[:_SHOWN_OF_A_LIST]))
    return f"{shown} and {more} more" if more > 0 else shown


def day_text(at: int | None) -> str:
    """Return the day of a time."""
    return _spelled(at, "%Y-%m-%d")


def last_day_text(end: object) -> str:
    """Return the last day of what ends then, by itself or by the day after."""
    return _spelled(end - 1 if isinstance(end, int) else end, "%Y-%m-%d")


def _spelled(at: object, form: str) -> str:
    """Return a time in a form, in words where it has none: what is on record is then shown."""
    try:
        if not isinstance(at, int | float | None):
            return _BEYOND
        return datetime.fromtimestamp(at, UTC).strftime(form) if at else NEVER
    except (ValueError, OverflowError, OSError):  # the second and third by the host's C library
        return _BEYOND
