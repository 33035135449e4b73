"""Structured logs: one JSON object a line on stderr, with no selector, token or key in it."""

import contextlib
import logging
import os
import sys
from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import Any, Final, TextIO, cast

import structlog

from screening.registry.reader import Caller

REQUEST_ID: Final[ContextVar[bytes]] = ContextVar("request_id")
"""The `X-Request-Id` of the request that is being answered; it stands in every event of it."""

CALLER: Final[ContextVar[Caller | None]] = ContextVar("caller", default=None)
"""Who asks, as soon as that is known; every event of the request names partner and API key."""


def configure_logs() -> None:
    """Send our events to stderr as JSON; of the libraries only warnings, as they are."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    structlog.configure(
        processors=[
            _add_request,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=cast("TextIO", _Stderr())),
        cache_logger_on_first_use=True,
    )


class _Stderr:
    """stderr, whatever has become of its disk or its reader: a line that is lost ends nothing."""

    def write(self, text: str) -> None:
        """Write a line, at once: what a buffer kept back would fail again with the next one."""
        with contextlib.suppress(OSError):
            os.write(sys.stderr.fileno(), text.encode())

    def flush(self) -> None:
        """Do nothing."""


def _add_request(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    request_id = REQUEST_ID.get(None)
    if request_id is not None:
        event["request_id"] = request_id.decode()
    caller = CALLER.get()
    if caller is not None:
        event["partner"] = caller.partner.partner
        event["api_key"] = caller.api_key.id
    return event
