"""`intelligence serve`: one process, which holds its home for as long as it serves."""

import logging
import signal
import sys
from typing import Final, NoReturn

import uvicorn

from intelligence.console.app import build_app
from intelligence.deployment import open_desk
from intelligence.settings import IntelligenceSettings
from screening.listening import listen
from screening.streams import tell
from screening.vocabulary.errors import OperatorError

_REQUESTS_GRACE_S: Final = 5
_AT_A_TIME: Final = 200
"""Requests and idle connections; more are told to come again."""


def serve(settings: IntelligenceSettings) -> None:
    """Serve until told to stop; raises `OperatorError` or `OSError` before the port is bound."""
    if not settings.is_loopback() and settings.public_url is None:
        raise OperatorError(
            "other hosts would reach the console without encryption; set INTELLIGENCE_PUBLIC_URL "
            "to the https address of the proxy before it"
        )
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
        config = uvicorn.Config(
            build_app(desk, settings.public_url),
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=settings.trusted_proxies,
            lifespan="off",
            ws="none",
            limit_concurrency=_AT_A_TIME,
            timeout_graceful_shutdown=_REQUESTS_GRACE_S,
        )
        # Uvicorn hands a signal on once it has ended; unheeded, nothing would seal the ledger.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _end)
        with desk.curation.turns.taken(desk.curation.take_turn):
            uvicorn.Server(config).run([listener])


def _end(*_: object) -> NoReturn:
    sys.exit(0)
