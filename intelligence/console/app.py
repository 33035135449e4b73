"""The only place where pages, who may visit them, and what they ask are wired together."""

import time
from functools import partial
from typing import Any

from litestar import Litestar, Request, Router
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from intelligence.console.forms import MAX_BYTES
from intelligence.console.headers import Headers
from intelligence.console.keeping import Memory
from intelligence.console.looks import Looks
from intelligence.console.once import Begun, Once
from intelligence.console.pages import (
    audit,
    bulk_exports,
    by_hand,
    challenges,
    changes,
    checking,
    disclosures,
    enrolling,
    feedback,
    home,
    imports,
    notices,
    orders,
    own_account,
    partners,
    proving,
    safety_lists,
    selectors,
    signing_in,
    signing_key,
    staff,
    staff_requests,
    versions,
)
from intelligence.console.problems import handlers, page_of_defect
from intelligence.console.rendering import Page, Rendering, page_bytes
from intelligence.console.visits import Admission, Tickets, Visit
from intelligence.deployment import Desk
from intelligence.staff.sessions import Sessions

_PAGES = (
    *(signing_in, enrolling, home, staff, staff_requests, own_account),
    *(checking, changes, by_hand, selectors, versions, signing_key, audit),
    *(disclosures, bulk_exports, proving, imports, feedback, notices, partners, orders),
    *(safety_lists, challenges),
)


def route_handlers() -> list[HTTPRouteHandler]:
    """Return every page and every form."""
    return [handler for page in _PAGES for handler in page.HANDLERS]


def build_pages(desk: Desk, public_url: str | None, memory: Memory | None = None) -> Litestar:
    """Return the pages; `public_url` is None where only this host reaches them.

    In `memory` is what is kept for a while for those who come back to it.
    """
    tickets = Tickets(is_https=public_url is not None)
    memory = memory or Memory(time.monotonic)
    looks, sessions = Looks(memory), desk.sessions
    begun_by = partial(_begun_by, tickets, sessions)
    once = Once(memory, size_of=page_bytes, begun_by=begun_by, find_live=sessions.find_live)
    rendering = Rendering(tickets, once)
    # By way of a router: given to the app one by one, a handler for GET is wrapped for its thread
    # once more when another for POST of the same address comes, and then gives no answer.
    return Litestar(
        [Router("/", route_handlers=route_handlers())],
        before_request=Admission(
            sessions.find, tickets, public_url, find_again=once.find_again
        ).admit,
        dependencies={
            "visit": Provide(_visit, sync_to_thread=False),
            "desk": Provide(lambda: desk, sync_to_thread=False),
            "looks": Provide(lambda: looks, sync_to_thread=False),
            "memory": Provide(lambda: memory, sync_to_thread=False),
            "rendering": Provide(lambda: rendering, sync_to_thread=False),
        },
        exception_handlers=handlers(rendering, desk.journal),
        signature_types=[Visit, Desk, Looks, Memory, Rendering],
        request_max_body_size=MAX_BYTES,
        openapi_config=None,
        logging_config=None,
    )


def _begun_by(tickets: Tickets, sessions: Sessions, page: Page) -> Begun | None:
    """Return the session that a page gives a browser, None of one that gives none."""
    ticket = tickets.given_by(page.cookies)
    return None if ticket is None else Begun(ticket, sessions.hash_of(ticket))


def _visit(request: Request[Any, Any, Any]) -> Visit:
    visit: Visit = request.state.visit
    return visit


def build_app(
    desk: Desk, memory: Memory, *, public_url: str | None, trusted_proxies: str
) -> Headers:
    """Return the pages with the headers that all answers carry.

    The hosts in `trusted_proxies`, separated by commas, are believed for whom they ask.
    """
    pages: Any = build_pages(desk, public_url, memory)
    if trusted_proxies:
        pages = ProxyHeadersMiddleware(pages, trusted_proxies)
    is_https = public_url is not None
    defect = page_of_defect(Rendering(Tickets(is_https=is_https)))
    return Headers(pages, is_https=is_https, defect=defect)
