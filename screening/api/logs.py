"""Structured logs: one JSON object a line on stderr, with no selector, token or key in it."""

import contextlib
import logging
import os
import select
from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final, TextIO, cast

import structlog

if TYPE_CHECKING:
    from structlog.typing import Processor

    from screening.registry.reader import Caller

REQUEST_ID: Final[ContextVar[bytes]] = ContextVar("request_id")
"""The `X-Request-Id` of the request that is being answered; it stands in every event of it."""

_STDERR: Final = 2

CALLER: Final[ContextVar["Caller | None"]] = ContextVar("caller", default=None)
"""Who asks, as soon as that is known; every event of the request names partner and API key."""


def configure_logs() -> None:
    """Send our events to stderr as JSON; of the libraries, and of what logs as they do, warnings.

    Those have the name of their `logger`, and perhaps an `exception`.
    """
    stderr = cast("TextIO", _STREAM)
    # They stand in every line, whoever wrote it: a reader parses each.
    common: list[Processor] = [
        _add_request,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = logging.StreamHandler(stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*common, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    structlog.configure(
        processors=[*common, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=stderr),
        cache_logger_on_first_use=True,
    )


def hold_standard_streams() -> None:
    """Open what is closed of stdin, stdout and stderr on nothing.

    Else a file of ours would take its number, and the log be written into it.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free


def tell(line: str) -> None:
    """Write to stderr what is left out where nobody takes it: no disk, no reader, or a slow one."""
    _STREAM.write(line)


class _Stderr:
    """Where loggers write."""

    def __init__(self) -> None:
        self._is_within_line = False

    def write(self, text: str) -> None:
        """Write a line, or leave it or its rest out."""
        told = text.encode()
        if self._is_within_line:
            told = b"\n" + told
        with contextlib.suppress(OSError, ValueError):
            # A pipe counts as ready while there is room for a page: its reader is not waited for.
            for start in range(0, len(told), select.PIPE_BUF):
                _, ready, _ = select.select([], [_STDERR], [], 0)
                if not ready:
                    return
                # Unbuffered: what is kept back would fail again.
                part = told[start : start + select.PIPE_BUF]
                os.write(_STDERR, part)
                self._is_within_line = not part.endswith(b"\n")

    def flush(self) -> None:
        """Do nothing."""


_STREAM: Final = _Stderr()


def _add_request(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    request_id = REQUEST_ID.get(None)
    if request_id is not None:
        event["request_id"] = request_id.decode()
    caller = CALLER.get()
    if caller is not None:
        event["partner"] = caller.partner.partner
        event["api_key"] = caller.api_key.id
    return event
