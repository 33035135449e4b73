"""The life of a worker: it answers requests until it is told to end."""

import os
import signal
import socket
import sys

import uvicorn
from litestar.types import ASGIApp

from screening.api.app import create_app
from screening.api.lifeline import Lifeline
from screening.api.settings import ApiSettings
from screening.api.supervision import REQUESTS_GRACE_S, WORKERS_GRACE_S
from screening.connections.http_connection import HttpConnection
from screening.store.settings import StoreSettings
from screening.vocabulary.errors import OperatorError


def run_worker(
    settings: ApiSettings,
    store_settings: StoreSettings,
    listener: socket.socket,
    lifeline: Lifeline,
) -> None:
    """Answer on `listener` until SIGTERM comes, or until the supervisor is gone."""
    config = uvicorn.Config(
        lambda: _create_app(settings, store_settings, lifeline.supervisor),
        factory=True,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,  # `Callers` reads them, and believes them of the named proxies alone
        lifespan="on",
        http=HttpConnection,
        ws="none",
        timeout_graceful_shutdown=REQUESTS_GRACE_S,
    )
    server = uvicorn.Server(config)
    lifeline.hold(lambda: server.started, end=signal.SIGTERM, grace_s=WORKERS_GRACE_S)
    server.run([listener])


def _create_app(settings: ApiSettings, store_settings: StoreSettings, supervisor: int) -> ASGIApp:
    try:
        return create_app(settings, store_settings)
    except OperatorError as error:  # a folder was opened to others since `serve` looked
        sys.exit(str(error))
    except FileNotFoundError:
        if os.getppid() == supervisor:
            raise
        sys.exit()  # its server was killed, and the next one has cleared away its metrics
