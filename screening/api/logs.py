"""Structured logs: one JSON object a line on stderr, with no selector, token or key in it."""

import logging
import sys

import structlog


def configure_logs() -> None:
    """Send our events to stderr as JSON; of the libraries only warnings, as they are."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
