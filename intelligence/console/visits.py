"""Who visits a page: looked up, and let in or sent elsewhere, before any page is made.

A page that says nothing of itself is for those alone who have signed in wholly.
"""

import asyncio
import base64
import hmac
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from litestar import Request
from litestar.concurrency import sync_to_thread
from litestar.datastructures import Cookie
from litestar.exceptions import InternalServerException

from intelligence.console.file_forms import FileForm
from intelligence.console.forms import Form, parse_form
from intelligence.console.own_pages import PAGE_FIELD, own_page, page_of
from intelligence.errors import NotInTime, NotSignedIn, RequestRefused
from intelligence.staff.privileges import Privileges
from intelligence.staff.sessions import SignedIn
from intelligence.staff.tables import Stage
from intelligence.staff.tokens import new_token

CSRF_FIELD: Final = "csrf"
ONCE_FIELD: Final = "once"
"""The field of a form by which it is known again when it is sent twice (`once.py`)."""
STAGE: Final = "stage"
"""The key in a handler's `opt`."""
ANYONE: Final = "anyone"
PATHS: Final = {
    Stage.FULL: "/",
    Stage.SECOND_FACTOR: "/second-factor",
    Stage.ENROLMENT: "/enrolment",
}

TAKES_FILE: Final = "takes_file"
"""The key in the `opt` of a handler whose form has a file: how many bytes that has at the most."""
BODY_TIMEOUT_S: Final = 10.0
"""Time for a form, from its head on."""
FILE_TIMEOUT_S: Final = 60.0
"""Time for one with a file: 4 MiB at some 600 kbit/s."""

_CSRF_LABEL: Final = b"intelligence/v1/csrf"
_OF_LOOPBACK: Final = re.compile(r"(127\.0\.0\.1|\[::1\]|localhost)(:[0-9]{1,5})?", re.IGNORECASE)
_FORGED: Final = "this page is too old, or was sent from elsewhere; go back, reload, and try again"


@dataclass(frozen=True)
class Visit:
    """One request: `ticket` is what the browser holds, or is given now where it `is_new`.

    `page` is the one that was asked for, or on which the form stood that was sent. `once` is what
    tells the forms of the page that is made now from those of any other.
    """

    ticket: str = field(repr=False)
    is_new: bool
    signed_in: SignedIn | None
    address: str
    sent: Form | None
    page: str = "/"
    once: str = field(default_factory=new_token, repr=False)

    @cached_property
    def csrf(self) -> str:
        """Return what every form of this visitor's pages carries, and nobody else can know."""
        return _csrf_of(self.ticket)

    @property
    def who(self) -> SignedIn:
        """Return who it is; raises `NotSignedIn`."""
        if self.signed_in is None:
            raise NotSignedIn("/log-in")
        return self.signed_in

    @property
    def form(self) -> Form:
        """Return what was sent; raises `RequestRefused` where nothing was."""
        if self.sent is None:
            raise RequestRefused(_FORGED)
        return self.sent

    @property
    def privileges(self) -> Privileges:
        """Return what the visitor may do."""
        is_full = self.signed_in is not None and self.signed_in.stage is Stage.FULL
        return self.who.privileges if is_full else Privileges(frozenset())


class Tickets:
    """The cookie that a browser is given; over https no other host can set it (`__Host-`)."""

    def __init__(self, *, is_https: bool) -> None:
        self._is_https = is_https
        self._name = "__Host-console" if is_https else "console"

    def find(self, header: str) -> str | None:
        """Return the ticket in a Cookie header; None where there is not exactly one."""
        pairs = (one.strip().partition("=") for one in header.split(";"))
        found = [value for name, _, value in pairs if name == self._name and value]
        return found[0] if len(found) == 1 else None

    def given_by(self, cookies: Iterable[Cookie]) -> str | None:
        """Return the ticket that an answer gives, None of one that gives none."""
        return next((one.value for one in cookies if one.key == self._name), None)

    def cookie(self, ticket: str) -> Cookie:
        """Return the cookie; it ends with the browser, or when the session does."""
        return Cookie(
            key=self._name,
            value=ticket,
            path="/",
            secure=self._is_https,
            httponly=True,
            samesite="strict",
        )


class Admission:
    """Lets visitors in."""

    def __init__(
        self,
        find_session: Callable[[str], SignedIn | None],
        tickets: Tickets,
        public_url: str | None,
        *,
        find_again: Callable[[str, Form], object | None],
        body_timeout_s: float = BODY_TIMEOUT_S,
    ) -> None:
        self._find_session = find_session
        self._find_again = find_again
        self._body_timeout_s = body_timeout_s
        self._tickets = tickets
        self._public_url = public_url

    async def admit(self, request: Request[Any, Any, Any]) -> object | None:
        """Put a `Visit` into the request's state; raises what sends a visitor elsewhere.

        Returns the answer to a form that has ended its session just now, and comes once more.
        """
        self._require_own_host(request)
        sent, is_ours = None, False
        ticket = self._tickets.find(request.headers.get("cookie", ""))
        stage = request.route_handler.opt.get(STAGE, Stage.FULL)
        if request.method == "POST":
            self._require_own_origin(request)
            if request.route_handler.opt.get(TAKES_FILE):
                # Of strangers no file is read into memory at all.
                _require_stage(await self._visit(request, ticket, None), stage)
            sent = await self._read_form(request)
            is_ours = _has_token(ticket, sent)
            if is_ours and stage != ANYONE:
                # Before anybody is looked up: what was typed is not lost where that fails.
                request.state.sent = sent
        # After the form, which whoever sends it may hold back: the session may end meanwhile.
        visit = await self._visit(request, ticket, sent)
        if ticket is not None and sent is not None and not (is_ours and _is_at(visit, stage)):
            answer = await sync_to_thread(self._find_again, ticket, sent)
            if answer is not None:
                return answer
        if sent is not None and not is_ours:
            if visit.signed_in is not None and stage != ANYONE and "origin" in request.headers:
                request.state.sent = sent  # of a page of ours, if an old one
            raise RequestRefused(_FORGED)
        _require_stage(visit, stage)
        request.state.visit = visit
        return None

    async def _visit(
        self, request: Request[Any, Any, Any], ticket: str | None, sent: Form | None
    ) -> Visit:
        found = await sync_to_thread(self._find_session, ticket) if ticket is not None else None
        return Visit(
            ticket=ticket or new_token(),
            is_new=ticket is None,
            signed_in=found,
            address=request.client.host if request.client is not None else "",
            sent=sent,
            # With no query: what was asked for is not repeated but as its page has read it.
            page=own_page(request.scope["path"]) if sent is None else page_of(sent, PAGE_FIELD),
        )

    async def _read_form(self, request: Request[Any, Any, Any]) -> Form:
        most_bytes = request.route_handler.opt.get(TAKES_FILE)
        timeout_s = FILE_TIMEOUT_S if most_bytes else self._body_timeout_s
        content_type, path = request.headers.get("content-type", ""), request.scope["path"]
        try:
            async with asyncio.timeout(timeout_s):
                if not most_bytes:
                    return parse_form(await request.body(), content_type, path)
                form = FileForm(content_type, path, most_bytes=most_bytes)
                async for chunk in request.stream():
                    form.take(chunk)
                return form.whole()
        except (TimeoutError, InternalServerException):  # the latter of one who is gone
            raise NotInTime from None

    def _require_own_host(self, request: Request[Any, Any, Any]) -> None:
        """Refuse a name that is not ours: another's page may have had it lead here."""
        host = request.headers.get("host", "")
        if self._public_url is None:
            is_ours = _OF_LOOPBACK.fullmatch(host) is not None
        else:
            is_ours = f"https://{host}" == self._public_url
        if not is_ours:
            raise RequestRefused("this address is not the console's; see INTELLIGENCE_PUBLIC_URL")

    def _require_own_origin(self, request: Request[Any, Any, Any]) -> None:
        """Refuse what a browser says comes from elsewhere; one that says nothing has the token."""
        ours = self._public_url or f"http://{request.headers.get('host', '')}"
        if request.headers.get("origin", ours) != ours:
            raise RequestRefused(_FORGED)
        if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            raise RequestRefused(_FORGED)


def _csrf_of(ticket: str) -> str:
    digest = hmac.digest(ticket.encode(), _CSRF_LABEL, "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _has_token(ticket: str | None, form: Form) -> bool:
    """Tell whether a form carries what only pages for this ticket do."""
    given = form.text(CSRF_FIELD)
    return ticket is not None and hmac.compare_digest(given.encode(), _csrf_of(ticket).encode())


def _require_stage(visit: Visit, needed: str) -> None:
    """Raise `NotSignedIn`, with the page to go on at, where it is not this one."""
    if not _is_at(visit, needed):
        raise NotSignedIn("/log-in" if visit.signed_in is None else PATHS[visit.signed_in.stage])


def _is_at(visit: Visit, needed: str) -> bool:
    """Tell whether a visitor has come as far as a page needs."""
    stage = None if visit.signed_in is None else visit.signed_in.stage
    return needed in (ANYONE, stage)
