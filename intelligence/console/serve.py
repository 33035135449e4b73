"""`intelligence serve`: one process, which holds its home for as long as it serves."""

import logging
import signal
import sys
import time
from typing import Final, NoReturn

import uvicorn

from intelligence.console.app import build_app
from intelligence.console.headers import Headers
from intelligence.console.keeping import Memory, forgetting
from intelligence.deployment import open_desk
from intelligence.settings import IntelligenceSettings
from screening.connections.http_connection import HttpConnection
from screening.listening import listen
from screening.streams import tell
from screening.vocabulary.errors import OperatorError

_REQUESTS_GRACE_S: Final = 5


def serve(settings: IntelligenceSettings) -> None:
    """Serve until told to stop; raises `OperatorError` or `OSError` before the port is bound."""
    _require_safe(settings)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    with (
        open_desk(settings) as desk,
        listen(
            settings.host,
            settings.port,
            remedy="choose a port with --port or INTELLIGENCE_PORT, an address with --host or "
            "INTELLIGENCE_HOST",
        ) as listener,
    ):
        where, port = listener.getsockname()[:2]
        where = f"[{where}]" if ":" in where else where
        known = f"console of {settings.public_url}, " if settings.public_url else "console, "
        tell(f"{known}listening on http://{where}:{port}")
        memory = Memory(time.monotonic)
        pages = build_app(
            desk,
            memory,
            public_url=settings.public_url,
            trusted_proxies=settings.trusted_proxies,
        )
        # Uvicorn hands a signal on once it has ended; unheeded, nothing would seal the ledger.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _end)
        with (
            desk.curation.turns.taken(desk.curation.take_turn),
            forgetting(memory, desk.sessions.find_live),
        ):
            uvicorn.Server(_served(pages)).run([listener])


def _served(pages: Headers) -> uvicorn.Config:
    return uvicorn.Config(
        pages,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # within the application, which the connection has to see
        lifespan="off",
        http=HttpConnection,
        ws="none",
        timeout_graceful_shutdown=_REQUESTS_GRACE_S,
    )


def _require_safe(settings: IntelligenceSettings) -> None:
    if not settings.is_loopback() and settings.public_url is None:
        raise OperatorError(
            "other hosts would reach the console without encryption; set INTELLIGENCE_PUBLIC_URL "
            "to the https address of the proxy before it"
        )
    if settings.public_url is not None and not settings.trusted_proxies:
        raise OperatorError(
            "all visitors would have the address of the proxy, and share their tries; set "
            "INTELLIGENCE_TRUSTED_PROXIES to its address, as this host sees it"
        )


def _end(*_: object) -> NoReturn:
    sys.exit(0)
