"""Outputs that take nothing, for commands that hold back what they print until they end."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FULL = Path("/dev/full")


def buffered(**settings: str) -> dict[str, str]:
    """The environment of a command whose output Python buffers, as it does for whoever uses it."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return {**kept, **settings}


@contextmanager
def unread() -> Iterator[int]:
    """A pipe that nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        yield writer
    finally:
        os.close(writer)
