"""Errors -> pages of one sentence; the only place with their status codes."""

import logging
import traceback
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

from litestar import Request
from litestar.exceptions import HTTPException
from sqlalchemy.exc import OperationalError

from intelligence.console.forms import MAX_BYTES
from intelligence.console.own_pages import PAGE_FIELD, own_page, page_of, taking_back
from intelligence.console.refilling import repeated
from intelligence.console.rendering import Page, Rendering
from intelligence.console.visits import PATHS, STAGE, TAKES_FILE, Visit
from intelligence.errors import (
    Busy,
    NotInTime,
    NotPermitted,
    NotProved,
    NotSignedIn,
    NotThere,
    RequestRefused,
    TooManyTries,
)
from intelligence.imports.uploads import MAX_UPLOAD_BYTES
from intelligence.journal import Journal
from intelligence.staff.tables import Stage
from screening.vocabulary.errors import (
    InputRefused,
    LedgerUnavailable,
    OperatorError,
    ScreeningError,
    SpoolRefused,
)

_LETTING_IN: Final = ("/log-in", PATHS[Stage.SECOND_FACTOR])
PROOF: Final = "/proof"
"""The page on which somebody proves anew who they are."""

_log = logging.getLogger(__name__)

_STATUS: Final[dict[type[ScreeningError], HTTPStatus]] = {
    RequestRefused: HTTPStatus.BAD_REQUEST,
    NotInTime: HTTPStatus.REQUEST_TIMEOUT,
    InputRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotPermitted: HTTPStatus.FORBIDDEN,
    NotThere: HTTPStatus.NOT_FOUND,
    TooManyTries: HTTPStatus.TOO_MANY_REQUESTS,
    Busy: HTTPStatus.SERVICE_UNAVAILABLE,
    LedgerUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
_SENTENCES: Final = {
    HTTPStatus.NOT_FOUND: str(NotThere()),
    HTTPStatus.METHOD_NOT_ALLOWED: "this address takes no such request; use the page's own buttons",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
        f"too much was sent at once: a form takes {MAX_BYTES >> 10} KiB, and an import "
        f"{MAX_UPLOAD_BYTES >> 20} MiB; go back, and send it in parts"
    ),
}
_MALFORMED: Final = "the request is not one that a page of this console makes; go back and reload"
_DEFECT: Final = "something is wrong here, and nothing was changed; tell whoever runs the service"
_OPERATOR: Final = "this cannot be shown now; whoever runs the service finds why in its log"
_ENDED: Final = (
    "your session has ended, and nothing was done; sign in again in another window, then fill in "
    "the form anew"
)
_ENDED_UNREAD: Final = (
    "your session has ended, and what you sent was not read; sign in again, then fill in the form "
    "anew, and choose the file or paste the text once more"
)
_UNPROVED: Final = (
    "this takes your password and a code, given within the last five minutes, and nothing was "
    "done; copy what you had typed, give both, then fill in the form anew"
)
_NO_MORE: Final = (
    "this was done already, or what it is about is here no more; go back, and reload the page"
)
_NOT_RECORDED: Final = (
    "this cannot be put on record, so it was not done; tell whoever runs the service"
)

_OF_THE_HOST = (OperatorError, SpoolRefused)
"""What is wrong on this host, a key or file of the spools included."""


def handlers(rendering: Rendering, journal: Journal) -> dict[Any, Callable[..., Page]]:
    """Return what Litestar calls for an exception."""

    def ours(request: Request[Any, Any, Any], error: ScreeningError) -> Page:
        if isinstance(error, NotSignedIn | NotProved):
            return _elsewhere(rendering, request, error)
        found = next((one for one in type(error).__mro__ if one in _STATUS), None)
        if found is None:
            return defect(request, error)
        if isinstance(error, NotPermitted):
            try:
                _record_refusal(request, journal)
            except LedgerUnavailable as unrecorded:
                return ours(request, unrecorded)
        sentence = _sentence_of(request, error)
        wait = {"retry-after": str(error.retry_after_s)} if isinstance(error, TooManyTries) else {}
        return rendering.error(_STATUS[found], sentence, wait, _typed(request))

    def http(request: Request[Any, Any, Any], error: HTTPException) -> Page:
        if error.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return defect(request, error)
        known = HTTPStatus(error.status_code)
        status = known if known in _SENTENCES else HTTPStatus.BAD_REQUEST
        return rendering.error(status, _SENTENCES.get(status, _MALFORMED), {}, {})

    def database(request: Request[Any, Any, Any], error: OperationalError) -> Page:
        _log.error("the database cannot be used: %s", trace_of(error))
        return rendering.error(_STATUS[Busy], str(Busy()), {}, _typed(request))

    def defect(request: Request[Any, Any, Any], error: Exception) -> Page:
        _log.error("a page failed: %s", trace_of(error))
        return rendering.error(HTTPStatus.INTERNAL_SERVER_ERROR, _DEFECT, {}, _typed(request))

    return {
        ScreeningError: ours,
        **dict.fromkeys(_OF_THE_HOST, _operator_handler(rendering)),
        HTTPException: http,
        OperationalError: database,
        Exception: defect,
    }


def page_of_defect(rendering: Rendering) -> str:
    """Return what a browser is shown where a page failed, and so did all that answers for it."""
    return str(rendering.error(HTTPStatus.INTERNAL_SERVER_ERROR, _DEFECT, {}, {}).content)


def _sentence_of(request: Request[Any, Any, Any], error: ScreeningError) -> str:
    if isinstance(error, LedgerUnavailable):
        return _NOT_RECORDED
    # What a form is about was there when its page was made.
    return _NO_MORE if isinstance(error, NotThere) and request.method == "POST" else str(error)


def _typed(request: Request[Any, Any, Any]) -> Mapping[str, list[str]]:
    """Return what was typed in the form of a request, where a page of ours has sent it."""
    sent = getattr(request.state, "sent", None)
    return {} if sent is None else repeated(sent)


def _elsewhere(
    rendering: Rendering, request: Request[Any, Any, Any], error: NotSignedIn | NotProved
) -> Page:
    """Send a visitor on, or say what they had typed where that would be lost."""
    if _may_be_signed_in(request):
        return rendering.once_more(_wanted(request))
    way_on, typed = _on_the_way(request, error), _typed(request)
    is_unread = request.method == "POST" and TAKES_FILE in request.route_handler.opt and not typed
    if isinstance(error, NotSignedIn) and (typed or is_unread):
        sentence = _ENDED_UNREAD if is_unread else _ENDED
        return rendering.error(HTTPStatus.FORBIDDEN, sentence, {}, typed)
    if not typed:
        return rendering.going_to(way_on)
    return rendering.error(HTTPStatus.FORBIDDEN, _UNPROVED, {}, typed, way_on=way_on)


def _on_the_way(request: Request[Any, Any, Any], error: NotSignedIn | NotProved) -> str:
    """Return the page on which somebody shows who they are, and is taken back from."""
    if isinstance(error, NotProved):
        visit: Visit = request.state.visit
        return taking_back(PROOF, visit.page)
    is_let_in = error.path in _LETTING_IN and STAGE not in request.route_handler.opt
    return taking_back(error.path, _wanted(request) if is_let_in else "/")


def _may_be_signed_in(request: Request[Any, Any, Any]) -> bool:
    """Tell whether a browser may hold a cookie that it does not send: for a link of elsewhere.

    So it is with a link in a mail, as our cookie is for our own pages alone. A new one for the
    log-in would end the session.
    """
    is_link = request.method == "GET" and "cookie" not in request.headers
    return is_link and request.headers.get("sec-fetch-site") == "cross-site"


def _wanted(request: Request[Any, Any, Any]) -> str:
    """Return the page that was asked for, or on which the form stood that was sent."""
    if request.method != "GET":
        sent = getattr(request.state, "sent", None)
        return "/" if sent is None else page_of(sent, PAGE_FIELD)
    # `Request.url` fails for a query that is no UTF-8.
    path, query = request.scope["path"], request.scope["query_string"].decode("latin-1")
    return own_page(f"{path}?{query}" if query else path)


def _operator_handler(rendering: Rendering) -> Callable[..., Page]:
    def operator(request: Request[Any, Any, Any], error: ScreeningError) -> Page:
        _log.error("a page cannot be shown: %s", error)  # a sentence with nothing typed in it
        return rendering.error(HTTPStatus.SERVICE_UNAVAILABLE, _OPERATOR, {}, _typed(request))

    return operator


def trace_of(error: BaseException) -> str:
    """Return where an error comes from, without its text: that may hold what somebody typed."""
    steps = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} at " + " < ".join(
        f"{step.filename}:{step.lineno}" for step in reversed(steps)
    )


def _record_refusal(request: Request[Any, Any, Any], journal: Journal) -> None:
    """Put on record that somebody asked for what their roles do not reach."""
    visit = request.state.visit
    page = request.route_handler.paths
    journal.record(visit.who.actor, "refused", page=min(page), method=request.method)
