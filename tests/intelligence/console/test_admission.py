"""Whoever holds a form back is looked up once it has come, and does not hold it back for long."""

import asyncio
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from litestar import Request
from litestar.types import HTTPReceiveMessage

from intelligence.console.forms import Form
from intelligence.console.visits import ANYONE, STAGE, Admission, Tickets, Visit
from intelligence.errors import Busy, NotInTime, RequestRefused
from intelligence.staff.sessions import SignedIn
from intelligence.staff.tables import Stage
from intelligence.staff.tokens import new_token

TICKET = new_token()
FORM = (b"content-type", b"application/x-www-form-urlencoded")
OF_THIS_HOST = (b"host", b"localhost:8070")


class Session:
    """Somebody's session, which ends while the rest of their form is on its way."""

    def __init__(self) -> None:
        self.has_ended = False
        self.was_found: list[bool] = []

    def find(self, _: str) -> SignedIn | None:
        self.was_found.append(not self.has_ended)
        return None


def _request(
    *headers: tuple[bytes, bytes], receive: Any = None, stage: str = ANYONE
) -> Request[Any, Any, Any]:
    route = SimpleNamespace(opt={STAGE: stage}, resolve_request_max_body_size=lambda: 1 << 16)
    scope: Any = {
        "type": "http",
        "method": "POST" if receive else "GET",
        "path": "/log-out",
        "query_string": b"",
        "headers": [*headers, (b"cookie", b"console=" + TICKET.encode())],
        "client": ("192.0.2.1", 1),
        "state": {},
        "route_handler": route,
    }
    return Request(scope, receive=receive) if receive else Request(scope)


def none(_ticket: str, _form: Form) -> None:
    """Know of no form that was sent before."""


def _admission(session: Session, **given: float) -> Admission:
    return Admission(session.find, Tickets(is_https=False), None, find_again=none, **given)


def test_the_session_is_looked_up_once_the_form_is_whole() -> None:
    session = Session()
    csrf = Visit(TICKET, False, None, "", None).csrf

    async def receive() -> HTTPReceiveMessage:
        session.has_ended = True
        body = urlencode({"csrf": csrf}).encode()
        return {"type": "http.request", "body": body, "more_body": False}

    asyncio.run(_admission(session).admit(_request(FORM, OF_THIS_HOST, receive=receive)))
    assert session.was_found == [False]


@pytest.mark.parametrize("is_form", [False, True])
def test_a_query_that_is_no_text_fails_nothing(is_form: bool) -> None:
    async def receive() -> HTTPReceiveMessage:
        body = urlencode({"csrf": Visit(TICKET, False, None, "", None).csrf}).encode()
        return {"type": "http.request", "body": body, "more_body": False}

    request = _request(FORM, OF_THIS_HOST, receive=receive if is_form else None)
    request.scope["query_string"] = b"\xff"
    asyncio.run(_admission(Session()).admit(request))
    assert request.state.visit.page == ("/" if is_form else "/log-out")


@pytest.mark.parametrize(("stage", "is_kept"), [(Stage.FULL, True), (ANYONE, False)])
def test_what_was_typed_is_kept_where_nobody_can_be_looked_up(stage: str, is_kept: bool) -> None:
    def find(_: str) -> SignedIn | None:
        raise Busy

    async def receive() -> HTTPReceiveMessage:
        csrf = Visit(TICKET, False, None, "", None).csrf
        body = urlencode({"csrf": csrf, "reason": "why"}).encode()
        return {"type": "http.request", "body": body, "more_body": False}

    request = _request(FORM, OF_THIS_HOST, receive=receive, stage=stage)
    with pytest.raises(Busy):
        asyncio.run(Admission(find, Tickets(is_https=False), None, find_again=none).admit(request))
    assert hasattr(request.state, "sent") is is_kept


def test_a_form_that_does_not_come_to_an_end_is_given_up() -> None:
    async def receive() -> HTTPReceiveMessage:
        await asyncio.Event().wait()
        raise AssertionError

    admission = _admission(Session(), body_timeout_s=0.01)
    with pytest.raises(NotInTime):
        asyncio.run(admission.admit(_request(FORM, OF_THIS_HOST, receive=receive)))


def test_a_form_whose_sender_is_gone_is_no_defect() -> None:
    async def receive() -> HTTPReceiveMessage:
        return {"type": "http.disconnect"}

    with pytest.raises(NotInTime):
        asyncio.run(_admission(Session()).admit(_request(FORM, OF_THIS_HOST, receive=receive)))


@pytest.mark.parametrize(
    "host", ["[", "]", "[::1", "::1", "[::1]x", "localhost:", "localhost:x", "a@localhost", ""]
)
def test_a_host_that_is_none_is_refused_in_a_sentence(host: str) -> None:
    with pytest.raises(RequestRefused):
        asyncio.run(_admission(Session()).admit(_request((b"host", host.encode()))))


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8070", "127.0.0.1:1", "[::1]:8070"])
def test_this_host_is_called_by_any_of_its_names(host: str) -> None:
    asyncio.run(_admission(Session()).admit(_request((b"host", host.encode()))))
